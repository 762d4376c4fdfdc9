"""What just happened behind the scenes, from the desk's own rows: webhooks, mails, tickets, deliveries.

It tells who and how, never what was written.
"""

from typing import Any

from sqlalchemy import select

from handlers.demo.behind_mail import WAY, mail_scenes
from handlers.demo.desk import DemoRuntime
from handlers.demo.scene import SHOWN, Scene
from handlers.wording import local
from storage.columns import AnyRow, table
from storage.tables import Contact, Conversation, Message, Officer, Ticket, TicketEvent

_MESSAGE, _CONVERSATION, _CONTACT = table(Message), table(Conversation), table(Contact)
_EVENT, _TICKET, _OFFICER = table(TicketEvent), table(Ticket), table(Officer)
_WAY = ("antre", "terkirim", "diterima", "dibaca")
_FAR = {"queued": 1, "sending": 1, "unknown": 1, "held": 1, "cancelled": 1, "failed": 1}
_FAR |= {"sent": 2, "delivered": 3, "read": 4}
_TROUBLE = {
    "held": "tertahan menunggu warga menulis lagi",
    "cancelled": "dibatalkan: jendela 24 jam sudah tertutup",
    "failed": "gagal",
    "unknown": "belum pasti, ditanyakan ke WhatsApp",
}
_BY_MAIL = _TROUBLE | {
    "cancelled": "dibatalkan",
    "failed": "gagal atau kembali",
    "unknown": "belum pasti sampai",
}
_OUTCOMES = {
    "ticket": "masuk ke tiket",
    "profile": "masuk ke profil",
    "rating": "masuk ke penilaian",
    "complaint": "masuk ke pengaduan",
    "answered": "dijawab bot",
    "filed": "disimpan",
    "after_opt_out": "disimpan, warga berhenti berlangganan",
}
_HAPPENED = {
    "opened": "terbit",
    "claimed": "diambil",
    "transferred": "dialihkan",
    "released": "dilepas",
    "noted": "diberi catatan internal",
    "replied": "dijawab",
    "marked_clear": "jelas dan lengkap",
    "closed": "ditutup",
    "reopened": "dibuka kembali",
    "rated": "dinilai",
    "completed": "dilengkapi warga",
    "merged": "digabung",
    "split": "dipecah",
}


def scenes(runtime: DemoRuntime) -> list[dict[str, Any]]:
    """The last lines, newest first."""
    found = [*_messages(runtime), *_events(runtime), *mail_scenes(runtime)]
    found.sort(key=lambda scene: (scene.at, scene.kind == "ticket", scene.id), reverse=True)
    return [_drawn(runtime, scene) for scene in found[:SHOWN]]


def _drawn(runtime: DemoRuntime, scene: Scene) -> dict[str, Any]:
    office = next(iter(runtime.settings.offices.values()))
    return {
        "id": scene.id,
        "clock": f"{local(scene.at, office):%H.%M}",
        "kind": scene.kind,
        "title": scene.title,
        "detail": scene.detail,
        "steps": list(scene.steps),
        "done": scene.done,
        "trouble": scene.trouble,
        "way": scene.way,
    }


def _messages(runtime: DemoRuntime) -> list[Scene]:
    joined = _MESSAGE.join(_CONVERSATION, _CONVERSATION.c.id == _MESSAGE.c.conversation_id, isouter=True)
    joined = joined.join(_CONTACT, _CONTACT.c.id == _CONVERSATION.c.contact_id, isouter=True)
    columns = ("id", "direction", "author", "at", "office", "intake", "outcome", "delivery", "channel")
    statement = (
        select(*(_MESSAGE.c[name] for name in columns), _CONTACT.c.profile_name)
        .select_from(joined)
        .where(_MESSAGE.c.direction != "note")
        .order_by(_MESSAGE.c.id.desc())
        .limit(SHOWN)
    )
    with runtime.database.read() as connection:
        rows = connection.execute(statement).all()
    return [(_came if row.direction == "in" else _went)(runtime, row) for row in rows]


def _came(runtime: DemoRuntime, row: AnyRow) -> Scene:
    handled = {"handled": 2, "filed": 2}.get(row.intake, 1)
    outcome = _OUTCOMES.get(row.outcome or "", "ditangani")
    trouble = "belum tertangani" if row.intake == "shunted" else ""
    title = f"{row.profile_name or 'Warga'} → {runtime.office(row.office).short_name}"
    detail = "email diambil lewat IMAP" if row.channel == "email" else "webhook bertanda tangan diterima"
    steps = ("tersimpan", outcome)
    return Scene(f"m{row.id:09}", row.at, "in", title, detail, steps, handled, trouble, row.channel)


def _went(runtime: DemoRuntime, row: AnyRow) -> Scene:
    who = {"bot": "Bot", "officer": "Petugas"}[row.author]
    title = f"{who} {runtime.office(row.office).short_name} → {row.profile_name or 'warga'}"
    delivery, by_mail = row.delivery or "queued", row.channel == "email"
    detail, steps = ("lewat SMTP", WAY) if by_mail else ("lewat API WhatsApp", _WAY)
    done, trouble = min(_FAR[delivery], len(steps)), (_BY_MAIL if by_mail else _TROUBLE).get(delivery, "")
    return Scene(f"m{row.id:09}", row.at, row.author, title, detail, steps, done, trouble, row.channel)


def _events(runtime: DemoRuntime) -> list[Scene]:
    joined = _EVENT.join(_TICKET, _TICKET.c.id == _EVENT.c.ticket_id)
    joined = joined.join(_OFFICER, _OFFICER.c.id == _EVENT.c.officer_id, isouter=True)
    statement = (
        select(_EVENT.c.id, _EVENT.c.at, _EVENT.c.what, _EVENT.c.detail, _TICKET.c.reference, _OFFICER.c.name)
        .select_from(joined)
        # What came of a mail has a line of its own.
        .where(~_EVENT.c.what.startswith("mail_", autoescape=True))
        .order_by(_EVENT.c.id.desc())
        .limit(SHOWN)
    )
    with runtime.database.read() as connection:
        rows = connection.execute(statement).all()
    return [Scene(f"t{row.id:09}", row.at, "ticket", row.reference, _happened(row)) for row in rows]


def _happened(row: AnyRow) -> str:
    words = _HAPPENED.get(row.what, row.what.replace("_", " "))
    if row.what == "rated":
        return f"{words} {row.detail.get('score', '')} dari 4"
    return f"{words} oleh {row.name}" if row.name else words
