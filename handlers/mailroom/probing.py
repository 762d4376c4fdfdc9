"""Mails of the desk to itself. Only one that came back proves that mail leaves and arrives.

The heartbeat of each mailbox: a probe is noted, leaves, is read by the running desk like any mail, and is
then taken away from the server. One that does not come back within a quarter of an hour raises an alarm.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection

from channels.contract import Letter, Outbound, SendError
from channels.email.faults import MailboxError
from channels.email.imap import OpenMailbox, open_mailbox
from channels.email.tokens import Purpose, Token, message_id, tagged
from channels.mime.mail import OWN_MARK
from handlers.inbound import where
from handlers.runtime import Runtime
from handlers.settings.shape import Mailbox
from storage import alarms, probes
from storage.columns import AnyRow

log = logging.getLogger(__name__)
PATIENCE = timedelta(minutes=15)
AFTER_START = timedelta(minutes=1)
_TEXT = (
    "Surat ini dikirim Loket kepada dirinya sendiri, untuk membuktikan bahwa surat dapat keluar dan masuk.\n"
    "Tidak perlu dibalas; surat ini akan dihapus dengan sendirinya.\n\n"
    "Loket has sent this mail to itself, to prove that mail leaves and arrives.\n"
    "No answer is needed; it will be taken away by itself.\n"
)
_HTML = "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in _TEXT.strip().split("\n\n"))


def new_word(runtime: Runtime, number: int = 0) -> str:
    """The signed word of a probe of this moment; *number* tells several of one second apart."""
    return runtime.tokens.sign(Token(Purpose.PROBE, int(runtime.clock().timestamp()), number))


def send(runtime: Runtime, box: Mailbox, word: str, *, to_tag: bool = False) -> None:
    """Hand the probe *word* over, to the mailbox or, *to_tag*, to its address with the word behind a plus.

    Raises ``SendError``.
    """
    letter = Letter(
        subject=f"Surat uji / test mail {word}",
        from_name="Loket",
        html=_HTML,
        message_id=message_id(word, box.address),
        mark=runtime.tokens.marks[0],
        automatic="auto-generated",
    )
    address = tagged(box.address, word) if to_tag else box.address
    runtime.channels["email"].send(Outbound(str(uuid4()), box.address, address, _TEXT, letter))


def take_back(opened: OpenMailbox, box: Mailbox, word: str) -> list[bytes]:
    """Take the probe *word* away from wherever it may lie; the headers of what was found."""
    return [header for folder in _places(opened, box) for header in _taken(opened, folder, word)]


def _places(opened: OpenMailbox, box: Mailbox) -> Iterator[str]:
    sent = box.smtp.sent_folder or opened.find_special_sent()
    folders = (box.imap.folder, box.imap.processed, sent)
    yield from dict.fromkeys(folder for folder in folders if folder)


def _taken(opened: OpenMailbox, folder: str, word: str) -> list[bytes]:
    found = opened.find(folder, word)
    # A person may have answered it: that answer is theirs, and stays.
    ours = {
        uid: header for uid, header in found.items() if f"\n{OWN_MARK}:" in header.decode("latin-1").lower()
    }
    opened.discard(folder, ours)
    return list(ours.values())


def beat(runtime: Runtime, since: datetime) -> None:
    """The heartbeat of every mailbox. *since*: when this process began to read mail."""
    for name, box in runtime.settings.channels.email.mailboxes.items():
        if box.probe_minutes and runtime.settings.office_of("email", box.address):
            try:
                _look_after(runtime, name, box, since)
                _send_when_due(runtime, name, box, since)
            except Exception as error:  # noqa: BLE001  # one mailbox must not stop the heart of the others
                log.error("mailbox %s: its probe failed: %s", name, where(error))


def _look_after(runtime: Runtime, name: str, box: Mailbox, since: datetime) -> None:
    """Settle what came back, and take its mail away; raise an alarm about what did not."""
    row = _last(runtime, name)
    if row is None or row.failing_since is not None:
        return  # a mailbox that can't be read has its own alarm
    if row.probe_seen_at is None:
        if runtime.clock() - max(row.probe_sent_at, since) >= PATIENCE:
            with runtime.database.write() as connection:
                _alarm(runtime, connection, name, box, row.probe_sent_at)
    elif row.probe:
        _clear_away(runtime, name, box, row.probe)


def _alarm(runtime: Runtime, connection: Connection, name: str, box: Mailbox, sent_at: datetime) -> None:
    key, office = f"probe:{name}", runtime.settings.office_of("email", box.address)
    if not probes.told_since(connection, key, sent_at):
        log.error("mailbox %s: a mail to ourselves did not come back", name)
        about = {"mailbox": name}
        alarms.raise_alarm(
            connection, key, office.code if office else None, "mail_probe", about, runtime.clock()
        )


def _clear_away(runtime: Runtime, name: str, box: Mailbox, word: str) -> None:
    try:
        with open_mailbox(runtime.mailboxes[name]) as opened:
            take_back(opened, box, word)
    except MailboxError as error:
        log.warning("mailbox %s: a probe was left lying there: %s", name, error)
    with runtime.database.write() as connection:
        probes.cleared(connection, name, word, message_id(word, box.address))
        alarms.settle(connection, f"probe:{name}", None, runtime.clock())


def _send_when_due(runtime: Runtime, name: str, box: Mailbox, since: datetime) -> None:
    now, word = runtime.clock(), new_word(runtime)
    rested_since = now - timedelta(minutes=box.probe_minutes)
    row = _last(runtime, name)
    busy = row is not None and (row.failing_since is not None or row.probe_sent_at > rested_since)
    if busy or now - since < AFTER_START:
        return
    with runtime.database.write() as connection:
        begun = probes.begin(connection, name, word, rested_since, now)
    if begun:
        try:
            send(runtime, box, word)
        except SendError as error:
            log.error("mailbox %s: a mail to ourselves did not leave: %s", name, error.code)


def _last(runtime: Runtime, name: str) -> AnyRow | None:
    with runtime.database.read() as connection:
        return probes.last(connection, name)
