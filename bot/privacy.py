"""What people want with their own data: a copy of it, or that it is erased. On every channel, at any time.

With an officer, and while a complaint is told, only the exact words act. To erase is asked once, and
confirmed in a word of its own; by mail in the first answer to the letter that asks, for *From* is a claim,
and what we wrote before may be known to whoever stood in *Cc* of an answer.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from bot import before_ticket, words
from bot.conversation import Conversation, Outcome, State
from bot.effects import Decision, Effect, RequestCopy, RequestErasure, Say, WithdrawErasure
from bot.events import Content, MessageReceived
from bot.intents import Intent
from bot.policy import Desk, Mode
from bot.texts import Text
from bot.understanding import command, plain, read

DUE_WITHIN = timedelta(hours=72)
"""UU 27/2022: 3 x 24 hours by the clock, whatever days these are."""
CONFIRM_WITHIN = timedelta(days=7)
_EXACT_ONLY = {State.WITH_OFFICERS, State.COMPLAINING}
_RULES = {"erase_own_data": "erase", "copy_of_own_data": "copy"}


class Wish(StrEnum):
    """What somebody wants with their data."""

    COPY = "copy"
    ERASE = "erase"
    CONFIRM = "confirm"
    KEEP = "keep"


def done(conversation: Conversation, event: MessageReceived, desk: Desk, now: datetime) -> Decision | None:
    """The answer to a wish about one's own data; None for all else."""
    match wish(conversation, event, now):
        case Wish.COPY:
            return _answered(conversation, event, desk, RequestCopy(), Say(Text.DATA_COPY))
        case Wish.ERASE:
            return _asked(conversation, event, desk, now)
        case Wish.CONFIRM if not _may_confirm(conversation, event, desk):
            return _asked(conversation, event, desk, now)
        case Wish.CONFIRM:
            settled = conversation.but(erasure_asked_at=None)
            noted = Say(Text.ERASURE_NOTED, {"due": now + DUE_WITHIN})
            return _answered(settled, event, desk, RequestErasure(), noted)
        case Wish.KEEP:
            settled = conversation.but(erasure_asked_at=None)
            return _answered(settled, event, desk, WithdrawErasure(), Say(Text.ERASURE_WITHDRAWN))
    return None


def confirms(text: str, subject: str) -> bool:
    """Whether a letter's first word is the one that confirms."""
    return _curt(plain(_first_line(_words(text, subject)))) in words.ERASURE_CONFIRMED


def begins(conversation: Conversation) -> Decision:
    """They are about to be erased: the last they hear, unless they want silence."""
    silent = conversation.opted_out or conversation.blocked
    return Decision(conversation, () if silent else (Say(Text.ERASURE_DONE),))


def wish(conversation: Conversation, event: MessageReceived, now: datetime) -> Wish | None:
    """What *event* wants with its writer's own data."""
    if event.content is not Content.TEXT:
        return None
    text = _words(event.text, event.subject)
    said = plain(_first_line(text))
    if said in words.ERASURE_KEPT:
        return Wish.KEEP
    if _is_asked(conversation, now):
        if _curt(said) in words.ERASURE_CONFIRMED:
            return Wish.CONFIRM
        if _only_agrees(conversation, said):
            return Wish.ERASE
        if command(text) is Intent.CANCEL:
            return Wish.KEEP
    for table, meaning in ((words.ERASURE_EXACT, Wish.ERASE), (words.COPY_EXACT, Wish.COPY)):
        if said in table or _curt(said) in table:
            return meaning
    if conversation.state in _EXACT_ONLY or conversation.current:
        return None
    reading = read(text)
    return Wish(_RULES[reading.rule]) if reading.intent is Intent.PRIVACY and reading.rule in _RULES else None


def _words(text: str, subject: str) -> str:
    return text if text.strip() else subject


def _curt(said: str) -> str:
    """*said* without a "pak" or "kak"."""
    return " ".join(word for word in said.split() if word not in words.ADDRESS - words.YES)


def _only_agrees(conversation: Conversation, said: str) -> bool:
    """A bare yes, next after our question, is asked for the word; an officer who waits for one gets it."""
    last, asked, current = conversation.last_inbound_at, conversation.erasure_asked_at, conversation.current
    next_word = last is None or (asked is not None and last <= asked)
    officers = current is not None and current.waiting_for_citizen
    elsewhere = officers or conversation.called or conversation.state is State.COMPLAINING
    return next_word and not elsewhere and _curt(said) in words.BARE_YES


def _first_line(text: str) -> str:
    """A letter says below its first line who wrote it."""
    return next((line for line in text.splitlines() if line.strip()), "")


def _is_asked(conversation: Conversation, now: datetime) -> bool:
    asked = conversation.erasure_asked_at
    return asked is not None and now - asked <= CONFIRM_WITHIN


def _may_confirm(conversation: Conversation, event: MessageReceived, desk: Desk) -> bool:
    """A chat's number is vouched for; a letter must answer the one that asks."""
    if desk.manners.interactive:
        return event.vouched
    read, asked = event.letter_at, conversation.erasure_asked_at
    return event.vouched and read is not None and asked is not None and read >= asked


def _asked(conversation: Conversation, event: MessageReceived, desk: Desk, now: datetime) -> Decision:
    """Once more, for it can't be undone. The question that was open before is put again only afterwards."""
    waiting = conversation.but(erasure_asked_at=now)
    return _answered(waiting, event, desk, None, Say(Text.ERASURE_ASK))


def _hello(conversation: Conversation, event: MessageReceived, desk: Desk) -> tuple[Say, ...]:
    """A greeting offers what only a channel that consults has; where nobody does, the state stays new."""
    if desk.mode is Mode.CONSULT:
        return before_ticket.greeting(event)
    return () if conversation.last_inbound_at else (before_ticket.way_elsewhere(desk),)


def _answered(
    conversation: Conversation, event: MessageReceived, desk: Desk, effect: Effect | None, say: Say
) -> Decision:
    new, chats = conversation.state is State.NEW, desk.manners.interactive
    hello = _hello(conversation, event, desk) if new and chats else ()
    begun = State.CHOOSING if chats and desk.mode is Mode.CONSULT else State.NEW if chats else State.CLOSED
    settled = conversation.but(state=begun) if new else conversation
    after = () if say.text is Text.ERASURE_ASK or not chats else before_ticket.pending(conversation)
    effects = (*hello, *((effect,) if effect else ()), say, *after)
    current = conversation.current
    return Decision(settled, effects, Outcome.ANSWERED, current.id if current else None)
