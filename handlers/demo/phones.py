"""What a simulated phone shows of its chat with one office."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_datetime
from sqlalchemy import and_, func, or_, select

from bot.conversation import State
from bot.policy import Field
from channels.simulator import PhoneMessage
from handlers.demo import media
from handlers.demo.desk import DemoRuntime, sender_of
from handlers.demo.people import CITIZENS, Citizen
from handlers.demo.webmail import told_by
from handlers.wording import local
from storage.columns import AnyRow, table
from storage.tables import Address, Conversation, Message, Presence, Ticket

_CONVERSATION, _MESSAGE = table(Conversation), table(Message)
_ADDRESS, _PRESENCE, _TICKET = table(Address), table(Presence), table(Ticket)
_SHOWN = 80
_WRITING_FOR = timedelta(seconds=15)
_STATES = {
    State.NEW: "baru",
    State.CHOOSING: "memilih",
    State.REGISTERING: "mendaftar",
    State.DESCRIBING: "menjelaskan",
    State.SUGGESTING: "melihat hasil pencarian",
    State.CONFIRMING: "memeriksa ringkasan",
    State.CORRECTING: "mengubah data diri",
    State.WITH_OFFICERS: "bersama petugas",
    State.RATING: "menilai",
    State.COMPLAINING: "mengadu",
    State.CLOSED: "selesai",
}
_CODE = re.compile(r"(?<!\S)\d{3} \d{3}$")
_LISTED = re.compile(r"^\*(\d)\* +(.{1,60})$", re.MULTILINE)
_NAMED = re.compile(r"\*(\d)\* (?:bila |untuk |agar )([^,.*\n]{3,40}?)(?= atau\b|[,.]|$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Phone:
    """One citizen's chat with one office."""

    citizen: Citizen
    office: str

    @property
    def key(self) -> str:
        """How the page names this chat."""
        return f"{self.citizen.key}@{self.office}"


def named(runtime: DemoRuntime, key: str) -> Phone | None:
    """The chat with this key; None when there is no such person or office."""
    person, _, office = key.partition("@")
    if person not in CITIZENS or office not in runtime.settings.offices:
        return None
    return Phone(CITIZENS[person], office)


def shown(runtime: DemoRuntime, phone: Phone) -> dict[str, Any]:
    """The chat as the page draws it."""
    sender = sender_of(runtime, phone.office)
    chat = runtime.twilio.chat(phone.citizen.address, sender)[-_SHOWN:]
    talk = _conversation(runtime, phone, sender)
    state = State(talk.state) if talk else State.NEW
    return {
        "key": phone.key,
        "messages": [_message(runtime, phone, message) for message in chat],
        "coming": _coming(runtime, talk),
        "state": _STATES[state],
        "with_officers": state is State.WITH_OFFICERS,
        "window": _window(runtime, talk),
        "suggestions": [
            *_mailed_code(runtime, phone, talk),
            *suggestions(phone, state, talk.memory.get("asking", "") if talk else "", _last(chat)),
        ],
        "stage": _stage(runtime, talk),
    }


def suggestions(phone: Phone, state: State, asking: str, last: str) -> list[dict[str, str]]:
    """What the citizen might say next, so that a whole consultation can be played by tapping."""
    offered = [*_LISTED.findall(last), *_NAMED.findall(last)]
    taps = [{"say": digit, "label": words[0].upper() + words[1:]} for digit, words in offered]
    if taps and state not in (State.REGISTERING, State.DESCRIBING):
        return taps
    own = [
        {"say": words, "label": words} for words in _own_words(phone.citizen, state, asking, last) if words
    ]
    return own + taps


def _mailed_code(runtime: DemoRuntime, phone: Phone, talk: AnyRow | None) -> list[dict[str, str]]:
    """The code that waits in the citizen's mailbox while the office asks for it."""
    until = talk.memory.get("proving_until") if talk else None
    if until is None or datetime.fromisoformat(until) < runtime.clock():
        return []
    subjects = [told_by(letter.raw).subject for letter in runtime.mail.inbox(phone.citizen.email)]
    codes = [found.group() for subject in reversed(subjects) if (found := _CODE.search(subject))]
    return [{"say": code, "label": "kode dari email"} for code in codes[:1]]


def _own_words(citizen: Citizen, state: State, asking: str, last: str) -> tuple[str, ...]:
    match state:
        case State.NEW:
            return ("Halo", citizen.request)
        case State.REGISTERING:
            return ({Field.NAME.value: citizen.name, Field.EMAIL.value: citizen.email}.get(asking, ""),)
        case State.DESCRIBING:
            return (citizen.area,) if asking == "details" else (citizen.request,)
        case State.SUGGESTING:
            return ("data menurut jenis kelamin",)
        case State.WITH_OFFICERS:
            return ("Baik, terima kasih",) if last else ()
        case State.CLOSED:
            return ("Terima kasih banyak 🙏", "menu")
        case State.RATING:
            return ("Pelayanannya cepat dan ramah", "lewati")
        case _:
            return ("menu",)


def _last(chat: list[PhoneMessage]) -> str:
    """The last words of the office, unless the citizen has answered them already."""
    return chat[-1].text if chat and not chat[-1].from_citizen else ""


def _message(runtime: DemoRuntime, phone: Phone, message: PhoneMessage) -> dict[str, Any]:
    moment = local(message.at, runtime.office(phone.office))
    return {
        "sid": message.sid,
        "mine": message.from_citizen,
        "text": message.text,
        "choices": message.choices,
        "opens": message.opens,
        "kind": media.kind_of(message.sid, message.text) if message.from_citizen else media.TEXT,
        "file": media.file_of(runtime, message),
        "clock": f"{moment:%H.%M}",
        "day": f"{moment:%d/%m/%Y}",
        "status": message.status,
    }


def _conversation(runtime: DemoRuntime, phone: Phone, sender: str) -> AnyRow | None:
    joined = _CONVERSATION.join(_ADDRESS, _ADDRESS.c.id == _CONVERSATION.c.address_id)
    statement = (
        select(_CONVERSATION)
        .select_from(joined)
        .where(_ADDRESS.c.value == phone.citizen.address, _CONVERSATION.c.sender == sender)
    )
    with runtime.database.read() as connection:
        return connection.execute(statement).first()


def _coming(runtime: DemoRuntime, talk: AnyRow | None) -> bool:
    """Whether an answer is on its way, or an officer is writing one."""
    if talk is None:
        return False
    now = runtime.clock()
    due = or_(_MESSAGE.c.next_try_at.is_(None), _MESSAGE.c.next_try_at <= now + timedelta(seconds=2))
    leaving = select(_MESSAGE.c.id).where(
        _MESSAGE.c.conversation_id == talk.id, _MESSAGE.c.delivery.in_(("queued", "sending")), due
    )
    recent = and_(_PRESENCE.c.writing, _PRESENCE.c.seen_at > now - _WRITING_FOR)
    writing = (
        select(_PRESENCE.c.ticket_id)
        .join(_TICKET, _TICKET.c.id == _PRESENCE.c.ticket_id)
        .where(_TICKET.c.conversation_id == talk.id, recent)
    )
    with runtime.database.read() as connection:
        return any(connection.execute(each.limit(1)).first() for each in (leaving, writing))


def _window(runtime: DemoRuntime, talk: AnyRow | None) -> str:
    """How long free words may still be sent, in words."""
    window = runtime.channels["whatsapp"].manners.window
    if talk is None or talk.last_inbound_at is None or window is None:
        return ""
    left: timedelta = talk.last_inbound_at + window - runtime.clock()
    return _in_words(left) if left > timedelta(0) else "tertutup"


def _in_words(left: timedelta) -> str:
    hours, minutes = divmod(int(left.total_seconds()) // 60, 60)
    return f"{hours} jam lagi" if hours else f"{minutes} menit lagi"


def _stage(runtime: DemoRuntime, talk: AnyRow | None) -> int:
    """How far the story went: 1 the citizen wrote, 2 a ticket, 3 an officer answered, 4 it was closed."""
    if talk is None:
        return 0
    tickets = select(func.count(), func.count(_TICKET.c.closed_at)).where(
        _TICKET.c.conversation_id == talk.id
    )
    answers = select(func.count()).where(
        _MESSAGE.c.conversation_id == talk.id, _MESSAGE.c.direction == "out", _MESSAGE.c.author == "officer"
    )
    with runtime.database.read() as connection:
        opened, closed = connection.execute(tickets).one()
        answered = connection.execute(answers).scalar_one()
    return 1 + bool(opened) + bool(answered) + bool(answered and closed)


def stage_by_mail(runtime: DemoRuntime, address: str) -> int:
    """How far the story went in the newest mail conversation of this citizen."""
    theirs = (_CONVERSATION.c.channel == "email", _CONVERSATION.c.reply_to == address)
    newest = select(_CONVERSATION).where(*theirs).order_by(_CONVERSATION.c.id.desc()).limit(1)
    with runtime.database.read() as connection:
        talk = connection.execute(newest).first()
    return _stage(runtime, talk)


def moment_in_words(moment: datetime, runtime: DemoRuntime, office: str) -> str:
    """The demo's clock as the page shows it."""
    return format_datetime(local(moment, runtime.office(office)), "EEEE, d MMMM · HH.mm", locale="id")


def day_of(moment: datetime, runtime: DemoRuntime, office: str) -> str:
    """The day on the office's clock, to tell today's messages from older ones."""
    return f"{local(moment, runtime.office(office)):%d/%m/%Y}"
