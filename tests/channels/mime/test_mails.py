"""Every mail in ``mails/`` says what ``expected.yaml`` says; nothing is left to a machine's memory."""

import pytest

from tests.channels.mime.samples import EXPECTED, NAMES, seen

# What is written nowhere is expected to be so.
USUAL = {"attachments": [], "invitations": [], "encrypted": False}


def test_every_mail_is_expected_and_every_expectation_has_its_mail() -> None:
    assert sorted(EXPECTED) == NAMES
    assert len(NAMES) >= 60


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_says_what_it_says(name: str) -> None:
    expected, found = EXPECTED[name], seen(name)
    usual = {} if "unread" in expected else USUAL | {"answerable": expected["kind"] == "personal"}
    wanted = usual | expected
    wanted.pop("new", None) if expected.get("kind") == "bounce" else None
    if "answerable" not in expected and expected.get("sender") is None and "unread" not in expected:
        wanted["answerable"] = False
    assert {key: found.get(key) for key in wanted} == wanted
