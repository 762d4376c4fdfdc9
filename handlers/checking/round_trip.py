"""The proof that mail goes round: sign in, mail ourselves, find it again, take it away."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from email import message_from_bytes
from threading import Event

from sqlalchemy.exc import SQLAlchemyError

from channels.contract import SendError
from channels.email import errors
from channels.email.faults import MailboxError, MailboxRefused
from channels.email.imap import OpenMailbox, open_mailbox
from channels.email.smtp import try_signing_in
from handlers.checking.findings import Finding, error, fine, warning
from handlers.checking.mail_advice import Refusal, advice
from handlers.mailroom import probing
from handlers.mailroom.accounts import smtp_account
from handlers.runtime import Runtime
from handlers.settings.shape import Mailbox
from storage import mailboxes

PATIENCE = timedelta(seconds=90)
PATIENCE_WITH_TAG = timedelta(seconds=30)
_SPAM = ("Junk", "Spam", "Junk Email", "[Gmail]/Spam", "Bulk Mail")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0


def prove(
    runtime: Runtime,
    name: str,
    patience: timedelta = PATIENCE,
    patience_with_tag: timedelta = PATIENCE_WITH_TAG,
) -> Iterator[Finding]:
    """Each step as it is done. Sends up to two mails and leaves the mailbox as it was.

    *patience*: how long the probe may take, and the one to an address with a tag.
    """
    box = runtime.settings.channels.email.mailboxes[name]
    can_send = [*_smtp(runtime, name, box)]
    yield from can_send
    try:
        with open_mailbox(runtime.mailboxes[name]) as opened:
            yield _opened(name, box)
            yield from _waiting(runtime, name, opened)
            if not any(finding.is_error for finding in can_send):
                yield from _there_and_back(runtime, name, opened, patience)
                yield from _with_tag(runtime, name, opened, patience_with_tag)
    except MailboxError as problem:
        yield _refused(Refusal(name, box, "imap", str(problem), isinstance(problem, MailboxRefused)))


def _smtp(runtime: Runtime, name: str, box: Mailbox) -> Iterator[Finding]:
    try:
        try_signing_in(smtp_account(runtime, name), box.address)
    except SendError as problem:
        yield _refused(Refusal(name, box, "smtp", problem.detail, problem.code == errors.AUTH))
    else:
        said = f"{name}: SMTP {box.smtp.host}:{box.smtp.port}"
        yield fine(f"{said}: masuk sebagai {box.sign_in_name}.", f"{said}: signed in as {box.sign_in_name}.")


def _opened(name: str, box: Mailbox) -> Finding:
    said = f"{name}: IMAP {box.imap.host}:{box.imap.port}"
    return fine(
        f"{said}: masuk sebagai {box.sign_in_name}, folder {box.imap.folder} terbuka.",
        f"{said}: signed in as {box.sign_in_name}, the folder {box.imap.folder} opens.",
    )


def _waiting(runtime: Runtime, name: str, opened: OpenMailbox) -> Iterator[Finding]:
    """What lies in a folder that was never read would all become tickets."""
    box = runtime.settings.channels.email.mailboxes[name]
    spared = box.imap.start == "new" or _was_read(runtime, name)
    many = 0 if spared else len(opened.new_uids(0))
    if many:
        path = f"channels.email.mailboxes.{name}.imap.start"
        yield warning(
            f"{path}: folder {box.imap.folder} sudah berisi {many} surat, dan semuanya akan menjadi tiket;"
            " tulis new bila hanya surat berikutnya yang perlu dibaca.",
            f"{path}: the folder {box.imap.folder} holds mail already ({many}), and all of it will become"
            " tickets; write new if only what comes from now on shall be read.",
        )


def _was_read(runtime: Runtime, name: str) -> bool:
    try:
        with runtime.database.read() as connection:
            return mailboxes.cursor(connection, name).uidvalidity is not None
    except SQLAlchemyError:
        return False  # there are no tables yet


def _refused(refusal: Refusal) -> Finding:
    said = f"{refusal.name}: {refusal.part.upper()} {refusal.server.host}:{refusal.server.port}"
    indonesian, english = advice(refusal)
    return error(f"{said}: {refusal.words}; {indonesian}", f"{said}: {refusal.words}; {english}")


def _there_and_back(
    runtime: Runtime, name: str, opened: OpenMailbox, patience: timedelta
) -> Iterator[Finding]:
    box, word = runtime.settings.channels.email.mailboxes[name], probing.new_word(runtime)
    began = runtime.clock()
    try:
        probing.send(runtime, box, word)
    except SendError as problem:
        yield _refused(Refusal(name, box, "smtp", problem.detail, sign_in=False))
        return
    headers = _awaited(opened, box, word, patience)
    if not headers:
        yield _lost(name, opened, word, patience)
        return
    took = (runtime.clock() - began).total_seconds()
    yield fine(
        f"{name}: surat uji kembali setelah {took:.1f} detik, dan sudah dihapus lagi.",
        f"{name}: a mail to ourselves came back after {took:.1f} seconds, and was taken away again.",
    )
    yield from _about_receiver(name, box, headers)


def _awaited(opened: OpenMailbox, box: Mailbox, word: str, patience: timedelta) -> list[bytes]:
    """The headers of the probe once it is there; empty when it does not come within *patience*."""
    waited, pause = 0.0, _FIRST_PAUSE
    while True:
        headers = probing.take_back(opened, box, word)
        if headers or waited >= patience.total_seconds():
            return headers
        opened.wait(pause, Event())
        waited, pause = waited + pause, min(pause * 2, _LONGEST_PAUSE)


def _lost(name: str, opened: OpenMailbox, word: str, patience: timedelta) -> Finding:
    seconds = int(patience.total_seconds())
    for folder in _SPAM:
        if opened.find(folder, word):
            return error(
                f"{name}: surat uji masuk ke folder {folder}; tandai sebagai bukan spam, dan"
                " tambahkan alamat ini sebagai kontak.",
                f"{name}: a mail to ourselves went to the folder {folder}; mark it as not spam, and add"
                " this address to the contacts.",
            )
    return error(
        f"{name}: surat uji terkirim, tetapi tidak kembali dalam {seconds} detik; periksa"
        " address, penerusan (forward), dan saringan (filter) kotak surat ini.",
        f"{name}: a mail to ourselves left, but did not come back within {seconds} seconds; look at the"
        " address, forwarding and filters of this mailbox.",
    )


def _about_receiver(name: str, box: Mailbox, headers: Sequence[bytes]) -> Iterator[Finding]:
    seen = list(dict.fromkeys(server for header in headers for server in _receivers(header)))
    listed, path = ", ".join(seen), f"channels.email.mailboxes.{name}.trusted_receiver"
    wanted = (box.trusted_receiver or "").lower()
    if wanted and wanted in seen:
        yield fine(
            f"{name}: Authentication-Results ditulis {wanted}.",
            f"{name}: {wanted} writes Authentication-Results.",
        )
    elif seen:
        yield warning(
            f"{path}: yang mencatat Authentication-Results: {listed}; bila itu server penerima kantor, tulis"
            " di sini, agar pengirim dapat terbukti.",
            f"{path}: Authentication-Results came from: {listed}; if that is the office's receiving server,"
            " write it here, so that senders can be proved.",
        )
    elif wanted:
        yield warning(
            f"{path}: surat uji tidak membawa Authentication-Results dari {wanted}; lihat tajuk"
            " surat yang datang dari luar.",
            f"{path}: a mail to ourselves bore no Authentication-Results of {wanted}; look at the headers of"
            " a mail from outside.",
        )


def _receivers(header: bytes) -> Iterator[str]:
    """The servers that noted what they had found about the sender (RFC 8601), newest first."""
    for value in message_from_bytes(header).get_all("Authentication-Results", []):
        words = str(value).partition(";")[0].split()
        if words:
            yield words[0].lower()


def _with_tag(runtime: Runtime, name: str, opened: OpenMailbox, patience: timedelta) -> Iterator[Finding]:
    """Whether the host delivers ``box+word@`` too, against what the settings say."""
    box, word = runtime.settings.channels.email.mailboxes[name], probing.new_word(runtime, 1)
    path = f"channels.email.mailboxes.{name}.plus_addressing"
    try:
        probing.send(runtime, box, word, to_tag=True)
        came = bool(_awaited(opened, box, word, patience))
    except SendError:
        came = False
    yield _about_tag(name, path, came=came, said=box.plus_addressing)


def _about_tag(name: str, path: str, *, came: bool, said: bool) -> Finding:
    if came and said:
        return fine(f"{name}: alamat dengan tanda plus sampai.", f"{name}: plus addresses arrive.")
    if came:
        return warning(
            f"{path}: alamat dengan tanda plus sampai: aktifkan plus_addressing (true).",
            f"{path}: plus addresses arrive: switch plus_addressing on (true).",
        )
    if said:
        return error(
            f"{path}: alamat dengan tanda plus tidak sampai: jangan aktifkan plus_addressing (false).",
            f"{path}: plus addresses do not arrive: switch plus_addressing off (false).",
        )
    return fine(
        f"{name}: alamat dengan tanda plus tidak sampai; plus_addressing jangan diaktifkan.",
        f"{name}: plus addresses do not arrive; leave plus_addressing off.",
    )
