"""What just happened behind the scenes of mail: what was filed by its kind, and what officers were told."""

from sqlalchemy import or_, select

from channels.mime.bounces import Outcome
from channels.mime.kinds import Kind
from handlers.demo.desk import DemoRuntime
from handlers.demo.people import CORRESPONDENTS
from handlers.demo.scene import SHOWN, Scene
from handlers.mailroom import officer_mail
from handlers.mailroom.notices import Cause
from storage.columns import AnyRow, table
from storage.mail_tables import Mail, Notice
from storage.tables import Ticket

_MAIL, _NOTICE, _TICKET = table(Mail), table(Notice), table(Ticket)
_NAMES = {person.address: person.name for person in CORRESPONDENTS.values()}
WAY = ("antre", "terkirim")
_FAR = {"queued": 1, "sending": 1, "sent": 2, "failed": 1, "cancelled": 1}
_FILED = {
    Kind.AUTOMATIC: ("Balasan otomatis", "tidak dijawab, tidak membuka tiket"),
    Kind.BOUNCE: ("Pantulan", "surat kita kembali"),
    Kind.COMPLAINT: ("Laporan spam", "disimpan"),
    Kind.RECEIPT: ("Tanda terbaca", "disimpan"),
    Kind.LIST: ("Surat massal", "disimpan"),
    Kind.OWN: ("Surat kita sendiri", "disimpan"),
    "duplicate": ("Surat kembar", "disimpan sekali saja"),
}
_TOLD = {
    Cause.NEW: "pemberitahuan tiket baru",
    Cause.FORWARDED: "pemberitahuan: tiket diteruskan dari kantor lain",
    Cause.WROTE: "pemberitahuan: warga menulis lagi",
    Cause.ASSIGNED: "pemberitahuan: tiket dialihkan kepadanya",
    Cause.NOTED: "pemberitahuan: ada catatan internal",
    Cause.LATE: "pengingat: warga masih menunggu",
    Cause.CONFIRMED: "konfirmasi: perintahnya sudah dijalankan",
    Cause.REFUSED: "suratnya ditolak, dengan alasannya",
    Cause.CODE: "kode untuk membuktikan alamat",
}


def mail_scenes(runtime: DemoRuntime) -> list[Scene]:
    """The last lines about mails that are in no conversation, in no order."""
    return [*_mails(runtime), *_notices(runtime)]


def _mails(runtime: DemoRuntime) -> list[Scene]:
    aside = or_(_MAIL.c.intake.in_(("filed", "shunted")), _MAIL.c.kind == officer_mail.KIND)
    joined = _MAIL.join(_TICKET, _TICKET.c.id == _MAIL.c.ticket_id, isouter=True)
    columns = (
        *(_MAIL.c[name] for name in ("id", "at", "office", "intake", "kind", "author", "rule")),
        _TICKET.c.reference,
    )
    statement = select(*columns).select_from(joined).where(aside).order_by(_MAIL.c.id.desc()).limit(SHOWN)
    with runtime.database.read() as connection:
        return [_mail(runtime, row) for row in connection.execute(statement)]


def _mail(runtime: DemoRuntime, row: AnyRow) -> Scene:
    who, detail, step = _said(row)
    title = f"{who} → {runtime.office(row.office).short_name}"
    steps = ("tersimpan", step) if step else ("tersimpan",)
    trouble = "belum tertangani" if row.intake == "shunted" else ""
    return Scene(f"e{row.id:09}", row.at, "in", title, detail, steps, len(steps), trouble, "email")


def _said(row: AnyRow) -> tuple[str, str, str]:
    """Who wrote, what it is, and what came of it."""
    if row.kind == officer_mail.KIND:
        done = "dijalankan" if row.intake == "handled" else "ditolak"
        return _NAMES.get(row.author, "Petugas"), "email petugas diambil lewat IMAP", done
    if row.intake == "shunted":
        return "Email", "tidak terbaca", ""
    who, detail = _FILED.get(row.kind, ("Email", "disimpan"))
    step = "pesan ditandai gagal" if row.rule == Outcome.PERMANENT else ""
    return who, f"{detail} · {row.reference}" if row.reference else detail, step


def _notices(runtime: DemoRuntime) -> list[Scene]:
    columns = ("id", "at", "recipient", "office", "purpose", "delivery")
    statement = select(*(_NOTICE.c[name] for name in columns)).order_by(_NOTICE.c.id.desc()).limit(SHOWN)
    with runtime.database.read() as connection:
        return [_notice(runtime, row) for row in connection.execute(statement)]


def _notice(runtime: DemoRuntime, row: AnyRow) -> Scene:
    title = f"{runtime.office(row.office).short_name} → {_NAMES.get(row.recipient, 'email')}"
    detail = _TOLD.get(row.purpose, "pemberitahuan")
    trouble = "gagal" if row.delivery == "failed" else ""
    return Scene(f"n{row.id:09}", row.at, "bot", title, detail, WAY, _FAR[row.delivery], trouble, way="email")
