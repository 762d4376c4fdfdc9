"""Signing in to a real Dovecot: certificates, passwords and tokens."""

from pathlib import Path

import pytest
import trustme

from channels.email.faults import MailboxAway, MailboxRefused
from channels.email.imap import open_mailbox
from channels.email.oauth import AccessTokens, Client
from tests.channels.email.test_imap import MAILS, account
from tests.dovecot import Dovecot, new_user, running_dovecot
from tests.token_server import running_token_server


def test_tls_with_a_known_authority(dovecot: Dovecot) -> None:
    user = new_user()
    dovecot.put(user, MAILS)
    for security, port in (("tls", dovecot.tls_port), ("starttls", dovecot.port)):
        secured = account(dovecot, user, security=security, port=port, ca_file=dovecot.ca_file)
        with open_mailbox(secured) as opened:
            assert opened.fetch([1]) == {1: MAILS[0]}


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_tls_with_an_unknown_authority_is_refused(security: str, dovecot: Dovecot, tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    port = dovecot.tls_port if security == "tls" else dovecot.port
    for ca_file in (None, tmp_path / "other.pem"):
        secured = account(dovecot, new_user(), security=security, port=port, ca_file=ca_file)
        with pytest.raises(MailboxAway, match="certificate verify failed"), open_mailbox(secured):
            pass


def test_a_missing_authority_file_is_told(dovecot: Dovecot, tmp_path: Path) -> None:
    secured = account(
        dovecot, new_user(), security="tls", port=dovecot.tls_port, ca_file=tmp_path / "none.pem"
    )
    with pytest.raises(MailboxAway, match="FileNotFound"), open_mailbox(secured):
        pass


def test_starttls_is_never_given_up() -> None:
    with running_dovecot(more="ssl = no") as server:
        secured = account(server, new_user(), security="starttls")
        with pytest.raises(MailboxAway, match="STARTTLS"), open_mailbox(secured):
            pass


def test_a_wrong_password_is_refused_and_not_repeated_in_words(dovecot: Dovecot) -> None:
    wrong = account(dovecot, new_user(), password=lambda: "rahasia-salah")
    with pytest.raises(MailboxRefused) as refused, open_mailbox(wrong):
        pass
    assert "AUTHENTICATIONFAILED" in str(refused.value)
    assert "rahasia" not in str(refused.value)
    assert "rahasia" not in repr(wrong)


def test_a_password_may_have_any_letters() -> None:
    password = 'käta"\\☃'
    with running_dovecot(more=f"passdb {{\n driver = static\n args = password={password}\n}}") as server:
        user = new_user()
        server.put(user, MAILS[:1])
        with open_mailbox(account(server, user, password=lambda: password)) as opened:
            assert opened.new_uids(0) == [1]


def test_signing_in_with_tokens() -> None:
    told = """
        auth_mechanisms = plain login xoauth2
        passdb {
          driver = oauth2
          mechanisms = xoauth2
          args = FOLDER/etc/tokens.conf
        }
    """
    user = new_user()
    with running_token_server() as provider, running_dovecot(more=told, started=False) as server:
        asks = f"tokeninfo_url = {provider.url}/tokeninfo?access_token=\nusername_attribute = email\n"
        (server.folder / "etc" / "tokens.conf").write_text(asks, encoding="utf-8")
        server.start()
        server.put(user, MAILS[:1])
        provider.user = user
        tokens = AccessTokens(Client("google", "x", token_url=f"{provider.url}/token"), lambda: "R0")
        signed_in = account(server, user, password=None, token=tokens)
        with open_mailbox(signed_in) as opened:
            assert opened.new_uids(0) == [1]
        provider.valid = "another"
        with pytest.raises(MailboxRefused), open_mailbox(signed_in):
            pass
        with open_mailbox(signed_in) as opened:
            assert opened.new_uids(0) == [1]
        provider.error = "invalid_grant"
        tokens.forget()
        with pytest.raises(MailboxRefused, match="invalid_grant"), open_mailbox(signed_in):
            pass


def test_no_password_at_all(dovecot: Dovecot) -> None:
    with pytest.raises(MailboxRefused), open_mailbox(account(dovecot, new_user(), password=None)):
        pass
