"""The complaint: reachable at every moment, its own number, its own kind of ticket.

What is told as a complaint never becomes a consultation's request: it may be about the officer who
answers those.
"""

from collections.abc import Mapping
from dataclasses import replace

from bot import answers, before_ticket, words
from bot.answers import Reply
from bot.conversation import Conversation, Outcome, Request, State, TicketKind
from bot.courtesy import PRAISES
from bot.effects import Decision, NoteEvent, OpenTicket, Say
from bot.events import MessageReceived
from bot.policy import Desk, Mode
from bot.spelling import spelt
from bot.texts import Text
from bot.understanding import command, is_request, names_topic, read, words_of

_SHORTEST_NAME = 3
_NAMES_ONLY = words.FILLER | words.COMPLAINT_STRONG | words.COMPLAINT_EXACT | words.COMPLAINT_WEAK


def begin(conversation: Conversation, text: str) -> Decision:
    """Ask for the complaint, or, when it was already told, whether it shall be filed as one."""
    told = text.strip() if tells(text) else ""
    complaining = conversation.but(state=State.COMPLAINING, complaint_draft=told, misses=0)
    return _ask(complaining)


def tells(text: str) -> bool:
    """Whether *text* says what the complaint is, and does not only call for one."""
    return not _NAMES_ONLY.issuperset(words_of(text))


def accused(text: str, names: Mapping[int, str]) -> frozenset[int]:
    """Those of *names* that *text* may mean: by any word of theirs but a title.

    Rather one too many than one too few: a complaint stays hidden from whom it might be about.
    """
    said = set(words_of(text))
    meant = {one: set(words_of(name)) for one, name in names.items()}
    return frozenset(one for one, parts in meant.items() if any(_is_name(part) for part in parts & said))


def _is_name(word: str) -> bool:
    return len(word) >= _SHORTEST_NAME and word not in words.ADDRESS | words.FILLER


def offer(conversation: Conversation) -> Decision:
    """With an officer: the words go to the ticket, and the way to complain is offered once."""
    ticket = conversation.ticket
    if ticket is None or conversation.complaint_offered_for == ticket.id:
        return Decision(conversation, (), Outcome.TICKET, about=ticket.id if ticket else None)
    offered = conversation.but(complaint_offered_for=ticket.id)
    effects = (NoteEvent(ticket.id, "complaint_offered"), Say(Text.COMPLAINT_OFFER))
    return Decision(offered, effects, Outcome.TICKET, about=ticket.id)


def receive(conversation: Conversation, desk: Desk, event: MessageReceived) -> Decision:
    """The text of the complaint, or the answer to whether the one already told shall be filed."""
    draft, reply = conversation.complaint_draft, answers.confirmation(event.text)
    if mark := words.MEDIA_MARKS.get(event.content.value):
        return _ask(conversation.but(complaint_draft=f"{draft}\n{mark}".strip()))
    if reply is Reply.NO or refuses(event.text) or (not draft and answers.skips(event.text)):
        return leave(conversation, desk)
    if draft and reply is Reply.YES:
        return file(conversation, desk, draft)
    if reply is Reply.REWRITE:
        return _ask(conversation.but(complaint_draft=""))
    if not _says_something(event.text):
        return _ask(conversation)
    told = f"{draft}\n{event.text.strip()}".strip()
    # "Tidak ada petugas" goes on with the complaint, and "tidak, lain kali" with the answer to our question.
    if draft and _begins_with_no(event.text):
        return _ask(conversation.but(complaint_draft=told))
    return file(conversation, desk, told)


def refuses(text: str) -> bool:
    """Whether *text* says in so many words that no complaint shall be filed."""
    said = [word for word in words_of(text) if word not in words.ADDRESS]
    more = (word in words.NO_COMPLAINT or spelt(word) in words.NO_COMPLAINT for word in said[1:])
    return _begins_with_no(text) and all(more)


def _begins_with_no(text: str) -> bool:
    first = next((word for word in words_of(text) if word not in words.ADDRESS), "")
    return first in words.NO or spelt(first) in ("tidak", "jangan")


def reach_human(conversation: Conversation, desk: Desk, event: MessageReceived) -> Decision:
    """A human for a complaint that was told is the supervisor; before that, an officer."""
    if conversation.complaint_draft:
        return file(conversation, desk, conversation.complaint_draft)
    if conversation.ticket or desk.mode is not Mode.CONSULT:
        return leave(conversation, desk)
    return before_ticket.hand_over(conversation, desk, event)


def leave(conversation: Conversation, desk: Desk, *, menu: bool = False) -> Decision:
    """No complaint after all: back to the officers, to the half-written request, to the menu, or nowhere."""
    left = conversation.but(complaint_draft="", misses=0)
    if conversation.ticket or desk.mode is not Mode.CONSULT:
        resting = left.but(state=before_ticket.rests(left), asking=still_asked(left))
        return Decision(resting, (Say(Text.CANCELLED),), Outcome.ANSWERED)
    if menu:
        return before_ticket.show_menu(left)
    return before_ticket.resume(left, desk, ()) if left.draft.text else before_ticket.cancel(left)


def unanswered(conversation: Conversation) -> tuple[OpenTicket, ...]:
    """The complaint somebody told and then fell silent about: filed all the same, not confirmed."""
    draft = conversation.complaint_draft
    return (OpenTicket(TicketKind.COMPLAINT, Request(text=draft), confirmed=False),) if draft else ()


def still_asked(conversation: Conversation) -> str:
    """What an open consultation still waits for, which is asked in letters only; else nothing."""
    return conversation.asking if conversation.ticket else ""


def _says_something(text: str) -> bool:
    """Anything but courtesy, a command or a number: what a complaint sounds like is not for us to say."""
    return answers.tells(text) or (len(words_of(text)) > 1 and not command(text) and not _polite(text))


def _polite(text: str) -> bool:
    """Praise is none: it may be what somebody wants to tell beside a suggestion."""
    reading = read(text)
    courteous = reading.intent in ("greet", "thanks", "close") and reading.rule != PRAISES
    return courteous or answers.confirmation(text) is not None


def _ask(conversation: Conversation) -> Decision:
    return Decision(conversation, (before_ticket.question(conversation),), Outcome.COMPLAINT)


def again(conversation: Conversation, desk: Desk, event: MessageReceived) -> Decision | None:
    """What answers our word on a complaint that is closed is one more complaint, linked to it.

    As a consultation it might be read by whom it is about. None for thanks, a command and a wish for data.
    """
    if event.ended_complaint is None or desk.mode not in (Mode.CONSULT, Mode.COMPLAINT_ONLY):
        return None
    text, mark = event.text.strip(), words.MEDIA_MARKS.get(event.content.value, "")
    if (text and not _says_something(text)) or (is_request(text) and names_topic(text)):
        return None
    return file(conversation, desk, text or mark, event.ended_complaint) if text or mark else None


def file(conversation: Conversation, desk: Desk, text: str, linked_to: int | None = None) -> Decision:
    """Open the complaint. A consultation or a half-written request goes on; else more words join it.

    What was asked about an open consultation stays asked.
    """
    opened = OpenTicket(TicketKind.COMPLAINT, Request(text=text), confirmed=True, linked_to=linked_to)
    told = (opened, Say(Text.COMPLAINT_RECEIPT, {"consulting": int(conversation.ticket is not None)}))
    filed = conversation.but(complaint_draft="", misses=0)
    if conversation.draft.text and not conversation.ticket and desk.mode is Mode.CONSULT:
        return replace(before_ticket.resume(filed, desk, told), outcome=Outcome.COMPLAINT)
    waits = conversation.draft.text and not conversation.ticket
    filed = filed.but(state=State.CHOOSING if waits else State.WITH_OFFICERS, asking=still_asked(filed))
    return Decision(filed.but(focus=TicketKind.CONSULTATION), told, Outcome.COMPLAINT)
