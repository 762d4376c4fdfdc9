"""Sealed refresh tokens: read again with the same key, or with the one before it, and with no other."""

from handlers.mailroom.sealing import seal, unseal

OLD, NEW, OTHER = "o" * 40, "n" * 40, "x" * 40
TOKEN = "1//0g-refresh-token-Ω"


def test_what_is_sealed_is_not_readable_and_comes_back() -> None:
    sealed = seal(TOKEN, [NEW])
    assert "refresh" not in sealed
    assert unseal(sealed, [NEW]) == TOKEN


def test_the_key_before_it_still_opens() -> None:
    assert unseal(seal(TOKEN, [OLD]), [NEW, OLD]) == TOKEN


def test_nothing_else_opens() -> None:
    sealed = seal(TOKEN, [NEW])
    assert unseal(sealed, [OTHER]) is None
    assert unseal(sealed[:-8] + "AAAAAAA=", [NEW]) is None
    assert unseal("", [NEW]) is None
    assert unseal("nonsense Ω", [NEW]) is None


def test_the_same_token_is_never_sealed_the_same_way() -> None:
    assert seal(TOKEN, [NEW]) != seal(TOKEN, [NEW])
