"""A decision becomes rows: one turn, one transaction, one locked conversation."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.conversation import OWING, Conversation, Outcome, State, TicketKind
from bot.effects import (
    AskRating,
    CancelUnsent,
    CheckCode,
    ClearTimers,
    CloseTicket,
    CompleteRequest,
    Decision,
    Effect,
    KeepClock,
    LookUpTickets,
    MailCode,
    MarkClear,
    MoveTimer,
    NoteEvent,
    NoteSearch,
    OpenTicket,
    RecordRating,
    RelayReply,
    ReleaseHeld,
    ReopenTicket,
    RequestCopy,
    RequestErasure,
    SaveProfile,
    Say,
    Search,
    SetTimer,
    SettleSearch,
    WithdrawErasure,
)
from bot.events import Event
from handlers import (
    assigning,
    complaints,
    deadlines,
    deciding,
    notice_shown,
    offering,
    outgoing,
    page_links,
    promising,
    rating_rows,
    searching,
    wishes,
)
from handlers.consenting import remember
from handlers.media import sending
from handlers.outgoing import Words
from handlers.promising import Promising
from handlers.rating_rows import AboutRating
from handlers.reply import Reply
from handlers.runtime import Runtime
from storage import clocks, contacts, conversations, hearing, intake, links, mids, outbox, tickets
from storage.conversations import Pending, Thread

_FAR_BACK = timedelta(days=30)
_OfNoTicket = NoteSearch | SettleSearch | RequestCopy | RequestErasure | WithdrawErasure
_AboutTicket = (
    Promising
    | CloseTicket
    | ReopenTicket
    | MarkClear
    | CompleteRequest
    | RelayReply
    | AboutRating
    | NoteEvent
)


@dataclass(slots=True)
class Turn:
    """A turn while it is written down: its sentences name ``about``, and link to ``pages``."""

    runtime: Runtime
    connection: Connection
    thread: Thread
    now: datetime
    officer_id: int | None = None
    reply: Reply | None = None
    conversation_id: int = 0
    ticket_id: int | None = None
    complaint_id: int | None = None
    opened: dict[TicketKind, int] = field(default_factory=dict)
    about: str = ""
    about_id: int | None = None
    pages: dict[str, str] = field(default_factory=dict)
    says: list[Say] = field(default_factory=list)
    timers: list[deadlines.Change] = field(default_factory=list)


def take(
    runtime: Runtime,
    connection: Connection,
    thread: Thread,
    event: Event,
    now: datetime,
    *,
    officer_id: int | None = None,
    reply: Reply | None = None,
) -> Decision:
    """Decide about *event* and write down everything that follows. A refusal writes nothing."""
    return taken(runtime, connection, thread, event, now, officer_id=officer_id, reply=reply)[0]


def taken(
    runtime: Runtime,
    connection: Connection,
    thread: Thread,
    event: Event,
    now: datetime,
    *,
    officer_id: int | None = None,
    reply: Reply | None = None,
) -> tuple[Decision, int | None]:
    """The same, and the ticket that the thread's message ended in; None when it ended in none."""
    decision = deciding.decided(runtime, connection, thread, event, now)
    if decision.refusal:
        return decision, None
    turn = Turn(runtime, connection, thread, now, officer_id, reply)
    _start(turn, thread.value)
    for effect in decision.effects:
        _write(turn, effect)
    deadlines.settle(connection, thread.office, turn.conversation_id, turn.timers)
    ticket_id = _settle_message(turn, decision)
    complaints.follow(runtime, connection, thread, decision, turn.opened.get(TicketKind.COMPLAINT), now)
    _speak(turn, decision)
    _remember(turn, thread.value, decision.conversation)
    return decision, ticket_id


def _start(turn: Turn, before: Conversation) -> None:
    turn.conversation_id = turn.thread.id or conversations.create(turn.connection, turn.thread, turn.now)
    turn.ticket_id = before.ticket.id if before.ticket else None
    turn.complaint_id = before.complaint.id if before.complaint else turn.thread.complaint_id
    if spoken_of := before.spoken_of:
        turn.about, turn.about_id = spoken_of.reference, spoken_of.id


def _write(turn: Turn, effect: Effect) -> None:
    """Write one effect down. Sentences are collected: they leave as one message at the end of the turn."""
    match effect:
        case Say():
            turn.says.append(effect)
        case OpenTicket():
            _open(turn, effect)
        case SaveProfile(profile):
            contacts.save_profile(turn.connection, turn.thread.contact_id, turn.thread.value.profile, profile)
            if turn.ticket_id is not None:
                tickets.find_again(turn.connection, turn.ticket_id)
        case SetTimer() | MoveTimer() | ClearTimers():
            turn.timers.append(effect)
        case ReleaseHeld() if turn.thread.holds:
            outbox.release(turn.connection, turn.conversation_id, turn.now)
        case CancelUnsent():
            outbox.cancel_unsent(turn.connection, turn.conversation_id)
        case ReleaseHeld() | LookUpTickets() | MailCode() | CheckCode() | Search():
            pass
        case NoteSearch() | SettleSearch() | RequestCopy() | RequestErasure() | WithdrawErasure():
            _note(turn, effect)
        case _:
            _write_ticket(turn, effect)


def _note(turn: Turn, effect: _OfNoTicket) -> None:
    """Record what is about no ticket."""
    connection, thread, talk, now = turn.connection, turn.thread, turn.conversation_id, turn.now
    if isinstance(effect, NoteSearch | SettleSearch):
        searching.write(connection, thread.office, talk, effect, now)
    else:
        turn.pages |= wishes.write(turn.runtime, connection, thread, effect, talk, now)


def _write_ticket(turn: Turn, effect: _AboutTicket) -> None:
    """Write down a change to a ticket, with its row in the log."""
    connection, now = turn.connection, turn.now
    ticket_id = _written(turn, effect)
    if ticket_id is None:
        return
    match effect:
        case CloseTicket(_, reason):
            tickets.close(connection, ticket_id, reason, now)
            _name(turn, ticket_id)
            _forget(turn, ticket_id)
            _log(turn, ticket_id, "closed", reason=reason.value)
        case ReopenTicket(_, anew):
            _reopen(turn, ticket_id, anew=anew)
        case MarkClear():
            tickets.mark_clear(connection, ticket_id, now)
            _name(turn, ticket_id)
            _log(turn, ticket_id, "marked_clear")
        case CompleteRequest(_, request):
            tickets.complete(connection, ticket_id, request, now)
            _log(turn, ticket_id, "completed")
        case RelayReply(_, answers):
            _relay(turn, ticket_id, answers=answers)
        case AskRating() | RecordRating():
            _rate(turn, effect, ticket_id)
        case NoteEvent(_, what):
            _log(turn, ticket_id, what)
        case _:
            of = (turn.runtime, connection, turn.thread, effect, ticket_id, turn.officer_id, now)
            promising.write(*of)


def _written(turn: Turn, effect: _AboutTicket) -> int | None:
    """The ticket of *effect*, written down unless nothing but its clock and its log is concerned."""
    ticket_id = effect.ticket_id or turn.about_id
    if ticket_id is not None and not isinstance(effect, KeepClock | NoteEvent):
        tickets.need(turn.connection, ticket_id)
    return ticket_id


def _rate(turn: Turn, effect: AboutRating, ticket_id: int) -> None:
    turn.pages |= rating_rows.write(turn.runtime, turn.connection, turn.thread, effect, ticket_id, turn.now)
    if isinstance(effect, AskRating):
        _name(turn, ticket_id)


def _reopen(turn: Turn, ticket_id: int, *, anew: bool) -> None:
    tickets.reopen(turn.connection, ticket_id, turn.now)
    if anew:
        clocks.restart(turn.connection, ticket_id, turn.now)
    _adopt_open(turn, ticket_id)
    _log(turn, ticket_id, "reopened")
    assigning.reopened(turn.runtime, turn.connection, ticket_id, turn.now)


def _log(turn: Turn, ticket_id: int, what: str, **detail: object) -> None:
    office = turn.thread.office
    tickets.log(turn.connection, office, ticket_id, what, turn.now, turn.officer_id, dict(detail))


def _name(turn: Turn, ticket_id: int) -> None:
    """From here this turn's sentences name this ticket."""
    row = tickets.find(turn.connection, ticket_id)
    turn.about, turn.about_id = (row.reference, ticket_id) if row else ("", None)


def _forget(turn: Turn, ticket_id: int) -> None:
    turn.ticket_id = None if turn.ticket_id == ticket_id else turn.ticket_id
    turn.complaint_id = None if turn.complaint_id == ticket_id else turn.complaint_id


def _adopt_open(turn: Turn, ticket_id: int) -> None:
    if row := tickets.find(turn.connection, ticket_id):
        _stands_open(turn, TicketKind(row.kind), ticket_id, row.reference)


def _stands_open(turn: Turn, kind: TicketKind, ticket_id: int, reference: str) -> None:
    """From here the thread's open ticket of this kind, and the one that this turn's sentences name."""
    turn.about, turn.about_id = reference, ticket_id
    if kind is TicketKind.COMPLAINT:
        turn.complaint_id = ticket_id
    else:
        turn.ticket_id = ticket_id


def _open(turn: Turn, effect: OpenTicket) -> None:
    """Open a ticket with its number and give it the words that led to it."""
    office = turn.runtime.office(turn.thread.office)
    opening = tickets.Opening(
        office=office.code,
        short_name=office.short_name,
        local_year=turn.now.astimezone(ZoneInfo(office.timezone)).year,
        conversation_id=turn.conversation_id,
        contact_id=turn.thread.contact_id,
        kind=effect.kind,
        request=effect.request,
        confirmed=effect.confirmed,
        linked_to=effect.linked_to,
        letter=turn.thread.subject,
    )
    opened = tickets.open_ticket(turn.connection, opening, turn.now)
    before = turn.thread.value
    if before.state is not State.NEW or before.last_inbound_at:
        since = before.closed_at or turn.now - _FAR_BACK
        tickets.adopt(turn.connection, turn.conversation_id, opened.id, effect.kind, since=since)
    turn.opened[effect.kind] = opened.id
    _stands_open(turn, effect.kind, opened.id, opened.reference)
    assigning.opened(turn.runtime, turn.connection, turn.thread, opened.id, effect, turn.now)


def _relay(turn: Turn, ticket_id: int, *, answers: bool) -> None:
    """Queue the officer's words; the first answer and the claim go with them."""
    if turn.reply is None:
        raise ValueError("an officer's reply needs its text")
    tickets.officer_wrote(turn.connection, ticket_id, turn.officer_id, answers=answers, now=turn.now)
    links.one_clock(turn.connection, ticket_id, turn.conversation_id)
    said, asked = turn.reply, turn.runtime.office(turn.thread.office)
    of = (turn.runtime, turn.connection, asked, ticket_id, said.text, said.media)
    _queue(
        turn,
        Words(
            sending.with_links(*of, turn.thread.value.language, turn.now),
            "officer",
            said.form_id,
            ticket_id,
            officer_id=turn.officer_id,
            answers=answers,
            media=said.media,
        ),
    )
    _log(turn, ticket_id, "replied", answers=answers)


def _speak(turn: Turn, decision: Decision) -> None:
    """All sentences of the turn as one message: each is billed."""
    if not turn.says:
        return
    office = turn.runtime.office_now(turn.connection, turn.thread, turn.now)
    manners = turn.runtime.channels[turn.thread.channel].manners
    letter = not manners.interactive
    notice_shown.note(turn.connection, turn.thread, turn.says, turn.now, letter=letter)
    say = partial(
        turn.runtime.sentences.say,
        *(turn.says, office, decision.conversation.language, turn.now),
        reference=turn.about,
        letter=letter,
        form_link=page_links.form(turn.runtime, turn.conversation_id) if letter else None,
        link=turn.pages.get("link", ""),
        survey_link=turn.pages.get("survey_link", ""),
    )
    text, menu = offering.said(say, choosable=manners.supports_choices)
    menu = menu and replace(menu, about=offering.about(turn.says))
    key = "+".join(say.text.value for say in turn.says)[:64]
    ticket_id, outcome = turn.about_id, None
    if _of_a_complaint(turn, decision):
        ticket_id = ticket_id if ticket_id == turn.complaint_id else None
        outcome = Outcome.COMPLAINT.value
    _queue(turn, Words(text, "bot", mids.new(turn.now), ticket_id, text_key=key, outcome=outcome, menu=menu))
    if ticket_id and turn.thread.message is None:
        tickets.touch(turn.connection, ticket_id, turn.now)


def _of_a_complaint(turn: Turn, decision: Decision) -> bool:
    """Whether the bot answers somebody who tells a complaint: a mere officer must not read that either."""
    if turn.thread.message is None:
        return False
    told = decision.outcome is Outcome.COMPLAINT or decision.conversation.state is State.COMPLAINING
    ended = turn.thread.value.state is State.COMPLAINING and TicketKind.CONSULTATION not in turn.opened
    return told or ended


def _queue(turn: Turn, words: Words) -> None:
    outgoing.queue(turn.runtime, turn.connection, turn.thread, turn.conversation_id, words, turn.now)


def _settle_message(turn: Turn, decision: Decision) -> int | None:
    """Say where the citizen's message ended, and let its ticket, which is given, know that they wrote."""
    message = turn.thread.message
    if message is None or decision.outcome is None:
        return None
    ticket_id = _belongs_to(turn, decision)
    end, owing = intake.end_of(decision.outcome, ticket_id), decision.outcome in OWING
    if message.row is None:
        intake.settle(turn.connection, message.id, end, turn.conversation_id)
    older = None if ticket_id in turn.opened.values() else ticket_id
    heard = hearing.heard(turn.connection, older, turn.thread.value, turn.now) if older and owing else None
    # An officer is told of their message, and a wish for silence is kept with it.
    told = decision.conversation.opted_out != turn.thread.value.opted_out or bool(heard and heard.claimed_by)
    message_id = _keep_message(turn, message, end, at_once=told)
    if heard and older:
        assigning.citizen_wrote(turn.runtime, turn.connection, older, heard, message_id, turn.now)
    elif older and not owing:
        tickets.touch(turn.connection, older, turn.now)
    return ticket_id


def _keep_message(turn: Turn, message: Pending, end: intake.End, *, at_once: bool) -> int:
    """The message's id; *at_once* says whether that of one that is no row yet is needed."""
    if message.row is None:
        return message.id
    row = {**message.row, "conversation_id": turn.conversation_id}
    kept = intake.add_settled(turn.connection, row, end, at_once=at_once)
    if kept:
        turn.thread = turn.thread._replace(message=replace(message, id=kept))
    return kept


def _belongs_to(turn: Turn, decision: Decision) -> int | None:
    """The ticket of the message: one opened in this turn, else the older one it is about."""
    kind = TicketKind.COMPLAINT if decision.outcome is Outcome.COMPLAINT else TicketKind.CONSULTATION
    return turn.opened.get(kind) or decision.about


def _remember(turn: Turn, before: Conversation, after: Conversation) -> None:
    remember(turn.connection, turn.thread, before, after, turn.now)
    saved = turn.thread._replace(id=turn.conversation_id)
    conversations.save(turn.connection, saved, after, turn.ticket_id, turn.complaint_id)
