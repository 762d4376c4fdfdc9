"""The tests' own Dovecot does what other tests rely on."""

from datetime import UTC, datetime

import pytest
from imapclient.exceptions import LoginError

from tests.dovecot import Dovecot, new_user, running_dovecot

AT = datetime(2026, 7, 1, 3, 4, 5, tzinfo=UTC)
MAILS = [f"Subject: {number}\r\n\r\nhalo\r\n".encode() for number in range(300)]


def test_every_name_is_a_mailbox_of_its_own(dovecot: Dovecot) -> None:
    one, other = new_user(), new_user()
    dovecot.put(one, MAILS)
    dovecot.put(one, MAILS[:2], "Diproses")
    assert list(dovecot.mails(one).values()) == MAILS
    assert list(dovecot.mails(one, "Diproses").values()) == MAILS[:2]
    assert dovecot.mails(other) == {}
    assert dovecot.mails(one, "Tidak ada") == {}
    assert dovecot.folders(one) == ["Diproses", "INBOX", "Sent"]


def test_a_mail_arrives_when_the_test_says(dovecot: Dovecot) -> None:
    user = new_user()
    dovecot.put(user, MAILS[:1], at=AT)
    with dovecot.client(user) as client:
        client.select_folder("INBOX")
        client.normalise_times = False
        assert client.fetch([1], ["INTERNALDATE"])[1][b"INTERNALDATE"] == AT


def test_mails_outlive_a_killed_server() -> None:
    with running_dovecot() as server:
        user = new_user()
        server.put(user, MAILS)
        before = server.mails(user)
        server.kill()
        server.start()
        assert server.mails(user) == before


def test_a_folder_can_get_another_uidvalidity(dovecot: Dovecot) -> None:
    user = new_user()
    dovecot.put(user, MAILS[:3])
    with dovecot.client(user) as client:
        before = client.select_folder("INBOX")[b"UIDVALIDITY"]
        client.delete_messages([1])
        client.expunge()
    assert list(dovecot.mails(user)) == [2, 3]
    dovecot.renew(user)
    assert list(dovecot.mails(user)) == [1, 2]
    with dovecot.client(user) as client:
        assert client.select_folder("INBOX")[b"UIDVALIDITY"] != before


def test_one_password_opens(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.dovecot.PASSWORD", "bukan ini")
    with pytest.raises(LoginError):
        dovecot.client(new_user())
