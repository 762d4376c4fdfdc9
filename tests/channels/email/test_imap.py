"""The IMAP client against a real Dovecot: UIDs, bytes, moves, waiting, and everything that breaks off."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from imapclient.response_parser import parse_fetch_response

from channels.email import imap
from channels.email.faults import MailboxAway, as_mailbox_error
from channels.email.imap import ImapAccount, open_mailbox
from tests.dovecot import PASSWORD, Dovecot, new_user, running_dovecot
from tests.wire import wire_to

AT = datetime(2026, 7, 1, 3, 4, 5, tzinfo=UTC)
MAILS = [f"Subject: {number}\r\nMessage-ID: <{number}@x>\r\n\r\nhalo\r\n".encode() for number in range(7)]
# Dovecot says that it is still there every two minutes, and what came meanwhile along with it.
SHORT_OF_A_WORD = 110
PLAIN = "IMAP4rev1 ID ENABLE LITERAL+ NAMESPACE"


def account(server: Dovecot, user: str, **changes: Any) -> ImapAccount:
    """This mailbox, over the plain port unless told otherwise."""
    wanted: dict[str, Any] = {"port": server.port, "security": "none", "password": lambda: PASSWORD}
    return ImapAccount(server.host, user, **(wanted | {"processed": "Diproses"} | changes))


def seconds_since(began: float) -> float:
    """How long it took."""
    return time.monotonic() - began


def test_new_mails_by_uid_and_nothing_when_nothing_is_new(dovecot: Dovecot) -> None:
    user = new_user()
    dovecot.put(user, MAILS, at=AT)
    with open_mailbox(account(dovecot, user)) as opened:
        assert opened.new_uids(0) == [1, 2, 3, 4, 5, 6, 7]
        assert opened.new_uids(4) == [5, 6, 7]
        # "UID 8:*" and "UID 99:*" find mail 7 all the same.
        assert opened.new_uids(7) == []
        assert opened.new_uids(99) == []
        assert opened.sizes([1, 7]) == {1: (len(MAILS[0]), AT), 7: (len(MAILS[6]), AT)}
        assert opened.fetch([2, 3]) == {2: MAILS[1], 3: MAILS[2]}
        dovecot.put(user, MAILS[:1])
        assert opened.new_uids(7) == [8]


def test_an_empty_folder(dovecot: Dovecot) -> None:
    with open_mailbox(account(dovecot, new_user())) as opened:
        assert opened.new_uids(0) == []
        assert opened.sizes([]) == {}
        assert opened.fetch([]) == {}
        assert opened.uidvalidity > 0


def test_many_uids_are_asked_for_in_steps(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "UIDS_AT_ONCE", 3)
    user = new_user()
    dovecot.put(user, MAILS)
    with open_mailbox(account(dovecot, user)) as opened:
        dovecot.put(user, MAILS[:2])
        assert opened.new_uids(0) == list(range(1, 10))
        assert opened.new_uids(2) == list(range(3, 10))


def test_looking_leaves_no_trace(dovecot: Dovecot) -> None:
    user = new_user()
    dovecot.put(user, MAILS)
    with open_mailbox(account(dovecot, user)) as opened:
        opened.sizes([1, 2])
        opened.fetch([1, 2])
        opened.fetch_beginning(3)
    assert dovecot.flags(user) == {uid: set() for uid in range(1, 8)}


def test_a_mail_that_another_took_away_is_absent(dovecot: Dovecot) -> None:
    user = new_user()
    dovecot.put(user, MAILS)
    with open_mailbox(account(dovecot, user)) as opened:
        assert len(opened.new_uids(0)) == 7
        with dovecot.client(user) as other:
            other.select_folder("INBOX")
            other.delete_messages([2, 3])
            other.expunge()
        # Not even told yet that they are gone, Dovecot answers with None for a body.
        assert list(opened.fetch([1, 2, 3])) == [1]
        opened.new_uids(0)
        assert list(opened.fetch([1, 2, 3, 4])) == [1, 4]
        assert list(opened.sizes([2, 3, 4])) == [4]
        assert opened.fetch_beginning(2) == b""


def test_of_a_large_mail_only_the_beginning(dovecot: Dovecot) -> None:
    user = new_user()
    header, text = b"Subject: besar\r\n\r\n", b"0123456789abcde\n" * 2_000_000
    dovecot.put(user, [header.replace(b"\r", b"") + text])
    with open_mailbox(account(dovecot, user)) as opened:
        size, _ = opened.sizes([1])[1]
        assert size > 30_000_000
        beginning = opened.fetch_beginning(1)
    assert beginning.startswith(header)
    assert len(beginning) == len(header) + imap.BEGINNING


def test_of_a_large_header_too(dovecot: Dovecot) -> None:
    user = new_user()
    dovecot.put(user, [b"X-Panjang: 0123456789\n" * 20_000 + b"\nhalo\n"])
    with open_mailbox(account(dovecot, user)) as opened:
        beginning = opened.fetch_beginning(1)
    assert len(beginning) == imap.LARGEST_HEADER
    assert b"halo" not in beginning


@pytest.mark.parametrize(
    "raw", [b"\r\n\r\n", b"To: x:; (y)\r\n\r\n", b"From: " + b"(" * 500 + b"\r\n\r\nhi\r\n"]
)
def test_a_hostile_mail_is_bytes_like_any_other(raw: bytes, dovecot: Dovecot) -> None:
    user = new_user()
    dovecot.put(user, [raw])
    with open_mailbox(account(dovecot, user)) as opened:
        assert opened.fetch([1]) == {1: raw}


def test_moving_makes_the_folder_and_passes_over_what_is_gone(dovecot: Dovecot) -> None:
    user = new_user()
    dovecot.put(user, MAILS)
    with open_mailbox(account(dovecot, user)) as opened:
        opened.move([1, 2, 999])
        opened.move([3])
        opened.move([])
        assert opened.new_uids(0) == [4, 5, 6, 7]
    assert list(dovecot.mails(user, "Diproses").values()) == MAILS[:3]


def test_moving_what_another_moved_a_moment_ago(dovecot: Dovecot) -> None:
    user = new_user()
    dovecot.put(user, MAILS)
    with open_mailbox(account(dovecot, user)) as opened:
        assert len(opened.new_uids(0)) == 7
        with dovecot.client(user) as other:
            other.select_folder("INBOX")
            other.move([2, 3], "Sent")
        opened.move([1, 2, 3, 4])
    assert list(dovecot.mails(user, "Diproses").values()) == [MAILS[0], MAILS[3]]
    assert list(dovecot.mails(user, "Sent").values()) == MAILS[1:3]


def test_a_mailbox_whose_folders_begin_with_inbox() -> None:
    with running_dovecot(more="namespace inbox {\n prefix = INBOX.\n separator = .\n}") as server:
        user = new_user()
        server.put(user, MAILS[:3])
        with open_mailbox(account(server, user, processed="Loket/Diproses")) as opened:
            opened.move([1])
            assert opened.find_special_sent() == "INBOX/Sent"
        with open_mailbox(account(server, user, processed="INBOX/Loket/Diproses")) as opened:
            opened.move([2])
        assert list(server.mails(user, "INBOX.Loket.Diproses").values()) == MAILS[:2]


def test_without_move_copies_and_expunges_by_uid() -> None:
    with running_dovecot(more=f"imap_capability = {PLAIN} UIDPLUS") as server:
        user = new_user()
        server.put(user, MAILS)
        with server.client(user) as client:
            client.select_folder("INBOX")
            client.add_flags([6], ["\\Deleted"])
        with open_mailbox(account(server, user)) as opened:
            opened.move([1, 2])
        assert list(server.mails(user)) == [3, 4, 5, 6, 7], "what others marked stays"
        assert list(server.mails(user, "Diproses").values()) == MAILS[:2]


def test_without_uidplus_only_marks() -> None:
    with running_dovecot(more=f"imap_capability = {PLAIN}") as server:
        user = new_user()
        server.put(user, MAILS[:2])
        with open_mailbox(account(server, user)) as opened:
            opened.move([1])
        assert server.flags(user) == {1: {"\\Deleted"}, 2: set()}
        assert list(server.mails(user, "Diproses").values()) == MAILS[:1]


def test_without_idle_waits_and_may_be_stopped() -> None:
    with running_dovecot(more=f"imap_capability = {PLAIN}") as server:
        stopping = threading.Event()
        with open_mailbox(account(server, new_user())) as opened:
            began = time.monotonic()
            assert not opened.wait(0.2, stopping)
            assert seconds_since(began) > 0.15
            threading.Timer(0.2, stopping.set).start()
            assert not opened.wait(250, stopping)
            assert seconds_since(began) < 120


def test_waiting_ends_with_a_mail_with_time_or_when_told(dovecot: Dovecot) -> None:
    user, stopping = new_user(), threading.Event()
    with open_mailbox(account(dovecot, user)) as opened:
        began = time.monotonic()
        assert not opened.wait(1.2, stopping)
        assert seconds_since(began) > 1
        threading.Timer(0.2, dovecot.put, (user, MAILS[:1])).start()
        assert opened.wait(SHORT_OF_A_WORD, stopping)
        assert opened.new_uids(0) == [1]
        threading.Timer(0.2, stopping.set).start()
        began = time.monotonic()
        assert not opened.wait(250, stopping)
        assert seconds_since(began) < 120
        assert opened.fetch([1]) == {1: MAILS[0]}


def test_a_mail_that_comes_just_before_the_waiting_is_told_at_once(dovecot: Dovecot) -> None:
    user = new_user()
    with open_mailbox(account(dovecot, user)) as opened:
        assert opened.new_uids(0) == []
        dovecot.put(user, MAILS[:1])
        assert opened.wait(SHORT_OF_A_WORD, threading.Event())


def test_news_in_one_piece_with_the_leave_to_wait(dovecot: Dovecot) -> None:
    """A busy machine reads both at once; then nothing more comes, for there is nothing more to tell."""
    with (
        wire_to(dovecot.port) as wire,
        open_mailbox(account(dovecot, new_user(), port=wire.port)) as opened,
    ):
        wire.say_after(b"+ idling", b"* 7 EXISTS\r\n")
        assert opened.wait(SHORT_OF_A_WORD, threading.Event())


@pytest.mark.parametrize("security", ["none", "tls"])
def test_a_server_that_dies_while_waiting_is_noticed_at_once(security: str) -> None:
    with running_dovecot() as server:
        port = server.port if security == "none" else server.tls_port
        secured = account(server, new_user(), security=security, port=port, ca_file=server.ca_file)
        with open_mailbox(secured) as opened:
            threading.Timer(0.3, server.kill).start()
            began, spent = time.monotonic(), time.thread_time()
            with pytest.raises(MailboxAway):
                opened.wait(250, threading.Event())
            assert seconds_since(began) < 120
            assert time.thread_time() - spent < 1, "it must not look on and on"


def test_a_server_that_dies_while_fetching() -> None:
    def fetch_for_ever(server: Dovecot, user: str) -> None:
        with open_mailbox(account(server, user)) as opened:
            threading.Timer(0.05, server.kill).start()
            while True:
                opened.fetch([1, 2, 3, 4, 5, 6])

    with running_dovecot() as server:
        user = new_user()
        server.put(user, [b"Subject: besar\n\n" + b"0123456789abcde\n" * 1_000_000] * 6)
        with pytest.raises(MailboxAway, match=r"broke off|Reset|BrokenPipe"):
            fetch_for_ever(server, user)


@pytest.mark.parametrize(
    "last_words", [b"* 5 EXI", b"* BYE server is tired\r\n", b"* nonsense {99999}\r\n", b""]
)
def test_half_a_line_while_waiting(last_words: bytes, dovecot: Dovecot) -> None:
    with (
        wire_to(dovecot.port) as wire,
        open_mailbox(account(dovecot, new_user(), port=wire.port)) as opened,
    ):

        def die() -> None:
            wire.say(last_words)
            time.sleep(0.1)
            wire.cut()

        threading.Timer(0.2, die).start()
        began = time.monotonic()
        with pytest.raises(MailboxAway):
            opened.wait(250, threading.Event())
        assert seconds_since(began) < 120


def test_a_network_that_falls_silent(dovecot: Dovecot) -> None:
    began = time.monotonic()
    with (
        wire_to(dovecot.port) as wire,
        open_mailbox(account(dovecot, new_user(), port=wire.port)) as opened,
    ):
        wire.freeze()
        opened._client.socket().settimeout(0.5)
        with pytest.raises(MailboxAway, match=r"[Tt]ime"):
            opened.new_uids(0)
    assert seconds_since(began) < 120


def test_a_sent_copy_once(dovecot: Dovecot) -> None:
    user = new_user()
    with open_mailbox(account(dovecot, user)) as opened:
        sent = opened.find_special_sent()
        assert sent == "Sent"
        assert not opened.holds(sent, "<0@x>")
        assert not opened.holds("Tidak ada", "<0@x>")
        opened.append(sent, MAILS[0])
        assert opened.holds(sent, "<0@x>")
        assert not opened.holds(sent, "<1@x>")
        assert opened.new_uids(0) == []
    assert dovecot.mails(user, "Sent") == {1: MAILS[0]}
    assert dovecot.flags(user, "Sent") == {1: {"\\Seen"}}


def test_a_folder_that_is_not_there(dovecot: Dovecot) -> None:
    with (
        pytest.raises(MailboxAway, match="exist"),
        open_mailbox(account(dovecot, new_user(), folder="Hilang")),
    ):
        pass


def test_nobody_listens() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = ImapAccount("127.0.0.1", "x", closed.getsockname()[1], "none", lambda: "x")
        with pytest.raises(MailboxAway, match="ConnectionRefused"), open_mailbox(nowhere):
            pass


@contextmanager
def scripted(*lines: bytes) -> Iterator[int]:
    """A server that greets, answers each command with the next of *lines*, and then falls silent."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, suppress(OSError):
                commands = connection.makefile("rb")
                for line in lines:
                    connection.sendall(line)
                    tag = (commands.readline().split() or [b"*"])[0]
                    connection.sendall(tag + b" " if line.endswith(b"\n") else b"")
                commands.read()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(60)


def impatient(port: int, security: Any = "none") -> ImapAccount:
    """An account that waits for half a second only."""
    return ImapAccount("127.0.0.1", "x", port, security, lambda: "x", seconds=0.5)


@pytest.mark.parametrize("security", ["none", "tls", "starttls"])
def test_a_server_that_says_nothing(security: str) -> None:
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with (
            pytest.raises(MailboxAway, match=r"[Tt]ime"),
            open_mailbox(impatient(silent.getsockname()[1], security)),
        ):
            pass
        assert seconds_since(began) < 120


def test_a_server_that_falls_silent_while_signing_in_did_not_refuse() -> None:
    mute = scripted(b"* OK [CAPABILITY IMAP4rev1] hello\r\n")
    with mute as port, pytest.raises(MailboxAway), open_mailbox(impatient(port)):
        pass


def test_a_server_that_talks_nonsense() -> None:
    nonsense = scripted(b"HTTP/1.1 400 Bad Request\r\n")
    with nonsense as port, pytest.raises(MailboxAway) as away, open_mailbox(impatient(port)):
        pass
    assert "HTTP" not in str(away.value)


def test_an_answer_nested_without_a_bottom() -> None:
    with pytest.raises(MailboxAway), as_mailbox_error():
        parse_fetch_response([b"1 (UID 1 BODY " + b"(" * 100_000 + b")" * 100_001])


def test_mails_of_our_own_are_found_by_their_word_and_taken_away(dovecot: Dovecot) -> None:
    user = new_user()
    by_id = b"Subject: satu\r\nMessage-ID: <p.1z.0.abcdefghijklmnop@x>\r\n\r\nhalo\r\n"
    by_subject = b"Subject: dua p.1z.0.abcdefghijklmnop\r\nMessage-ID: <other@x>\r\n\r\nhalo\r\n"
    dovecot.put(user, [MAILS[0], by_id, by_subject])
    with open_mailbox(account(dovecot, user)) as opened:
        found = opened.find("INBOX", "p.1z.0.abcdefghijklmnop")
        assert found == {uid: raw.partition(b"halo")[0] for uid, raw in ((2, by_id), (3, by_subject))}
        opened.discard("INBOX", [2])
        assert opened.find("Nowhere", "p.1z.0.abcdefghijklmnop") == {}
        opened.discard("Nowhere", [1])
        opened.discard("INBOX", [])
        assert opened.new_uids(0) == [1, 3]
    assert dovecot.flags(user) == {1: set(), 3: set()}
