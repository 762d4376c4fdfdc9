"""After a ticket was closed: one rating, thanks that open nothing, and the next request."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

from bot import answers, before_ticket, complaints, officers
from bot.conversation import Conversation, Outcome, State, TicketKind
from bot.courtesy import PRAISES
from bot.effects import AskRating, Decision, RecordRating, ReopenTicket, Say
from bot.events import Content, MessageReceived, RatingSent
from bot.policy import Desk
from bot.spelling import spelt
from bot.texts import Text
from bot.understanding import ENDING, Intent, accuses, insists_on_human, intent, is_request, read, words_of

COMMENT = "comment"
# What a remark may look like: a compliment on the bot is one, too.
_REMARKING = {Intent.CONTENT, Intent.COMPLAIN, Intent.HUMAN, Intent.SMALL}
_LONGEST_COMMENT = 1000
_SENT = r"(?:file|berkas|lampiran|link|tautan|excel|pdf|dokumen|email|surel|data|tabel)"
_TROUBLE = re.compile(
    rf"\b{_SENT}(?: (?!yang\b)\w+){{0,2}} (?:rusak|error|corrupt|salah|keliru|kosong|hilang"
    r"|kurang(?= lengkap| jelas| tahun|$)"
    r"|tidak (?:bisa|dapat|masuk|sesuai|cocok|lengkap|terbuka|terkirim)"
    r"|belum (?:bisa|masuk|lengkap|dikirim|terkirim|sampai|saya terima))\b"
    rf"|\b(?:belum|tidak) (?:\w+ )?(?:terima|menerima|dapat) {_SENT}\b"
)
# What nobody hears or reads here; who sends a second one has more to say than a mark.
_UNHEARD = {Content.VOICE, Content.LOCATION, Content.CONTACT}


def is_rating(conversation: Conversation, event: MessageReceived) -> bool:
    """Whether *event* is an answer to the rating question, or a remark on the rating just given."""
    if conversation.state is not State.RATING or event.content is not Content.TEXT:
        return False
    number = answers.number(event.text)
    if number is not None or answers.rating(event.text) or answers.skips(event.text):
        return number is None or number < 100
    return _is_remark(event.text) if conversation.asking == COMMENT else _is_opinion(event.text)


def _is_opinion(text: str) -> bool:
    """Whether *text* judges the service and gives no mark of ours: that is asked for once more."""
    reading = read(text)
    return reading.rule == PRAISES or (reading.intent is Intent.CONTENT and answers.opines(text))


def _is_remark(text: str) -> bool:
    """Whether *text* is about the service just given, and asks for nothing."""
    reading = read(text)
    about = reading.intent in _REMARKING or reading.rule == PRAISES
    return about and not (accuses(text) or insists_on_human(text) or is_request(text))


def rate(conversation: Conversation, event: MessageReceived) -> Decision:
    """Take the rating, or what is said to it."""
    closed = _done(conversation)
    remarking = conversation.asking == COMMENT
    if answers.skips(event.text):
        return _rated(closed, Say(Text.COMMENT_THANKS))
    scored = answers.rating(event.text)
    if scored and (not remarking or answers.number(event.text)):
        return _scored(conversation, *scored)
    if remarking and answers.number(event.text) is None:
        record = RecordRating(conversation.last_closed or 0, None, event.text.strip()[:_LONGEST_COMMENT])
        return _rated(closed, record, Say(Text.COMMENT_THANKS))
    return _say(conversation, Say(Text.RATING_UNCLEAR))


def _scored(conversation: Conversation, score: int, comment: str) -> Decision:
    if comment and accuses(comment):
        record = RecordRating(conversation.last_closed or 0, score)
        complaining = complaints.begin(conversation, comment)
        return replace(complaining, effects=(record, *complaining.effects))
    record = RecordRating(conversation.last_closed or 0, score, comment)
    if comment:
        return _rated(_done(conversation), record, Say(Text.COMMENT_THANKS))
    waiting = conversation.but(asking=COMMENT, misses=0)
    return _rated(waiting, record, Say(Text.RATING_THANKS, {"score": score}))


def sent(conversation: Conversation, desk: Desk, event: RatingSent) -> Decision:
    """The rating came by the page: what was asked here is answered. An accusation is filed as a complaint."""
    asked = conversation.state is State.RATING and conversation.last_closed == event.ticket_id
    after_it = _done(conversation) if asked else conversation
    comment = event.comment.strip()[:_LONGEST_COMMENT]
    if comment and accuses(comment):
        filed = complaints.file(after_it, desk, comment)
        record = RecordRating(event.ticket_id, event.score, page=True)
        return Decision(filed.conversation, (record, *filed.effects))
    return Decision(after_it, (RecordRating(event.ticket_id, event.score, comment, page=True),))


def remind(conversation: Conversation, desk: Desk, now: datetime) -> Decision:
    """Nobody has answered the question: put it once more, where free text may leave."""
    ticket_id = conversation.last_closed
    closed = conversation.closed_at
    late = closed is not None and now - closed >= timedelta(days=desk.office.abandon_after_days)
    answered = conversation.state is not State.RATING or conversation.asking == COMMENT
    if answered or late or ticket_id is None:
        return Decision(conversation)
    told = officers.tell(conversation, desk, now, ticket_id, Text.REMIND_RATING)
    again = (AskRating(ticket_id, again=True),) if any(isinstance(it, Say) for it in told) else ()
    return Decision(conversation, (*again, *told))


def set_aside(conversation: Conversation, desk: Desk, event: MessageReceived, now: datetime) -> Decision:
    """Something else than a rating: courtesy leaves the question open, anything more is judged as new."""
    thanks = event.content is Content.TEXT and intent(event.text) in ENDING
    if thanks or _says_nothing(event):
        return _filed(_done(conversation) if conversation.asking == COMMENT else conversation)
    asks_on = conversation.asking == COMMENT or bool(conversation.misses) or reopens(conversation, desk)
    if event.content in _UNHEARD and not asks_on:
        kept = Say(Text.MEDIA_KEPT, {"content": event.content.value, "goes_on": False})
        return _say(conversation.but(misses=1), kept, before_ticket.question(conversation))
    return after(_done(conversation), desk, event, now)


def _says_nothing(event: MessageReceived) -> bool:
    """A sticker, a mere sign, or a message that was deleted again."""
    mere_sign = event.content is Content.TEXT and not event.text.isascii() and not words_of(event.text)
    return mere_sign or event.content in (Content.STICKER, Content.EMPTY)


def _done(conversation: Conversation) -> Conversation:
    return conversation.but(state=State.CLOSED, asking="", misses=0)


def after(conversation: Conversation, desk: Desk, event: MessageReceived, now: datetime) -> Decision:
    """In the days of grace thanks are filed silently and a request starts anew, linked to the old one."""
    graceful = in_grace(conversation, desk, now)
    if not graceful:
        conversation = forget_closed(conversation).but(state=State.NEW)
    if event.content is Content.TEXT and intent(event.text) in ENDING:
        return _filed(conversation) if graceful else _say(conversation, Say(Text.THANKS))
    if graceful and event.content is Content.STICKER:
        return _filed(conversation)
    if graceful and reopens(conversation, desk) and _goes_on(event):
        return reopen(conversation)
    if graceful and event.content is Content.TEXT and _troubled(event.text):
        return before_ticket.hand_over(conversation, desk, event)
    if graceful and event.content is Content.TEXT and answers.tells(event.text):
        return before_ticket.consult(conversation, desk, event.text, ())
    return before_ticket.welcome(conversation, desk, event)


def _troubled(text: str) -> bool:
    """Whether something is wrong with what was sent: no question of ours would help."""
    return read(text).intent is Intent.CONTENT and bool(_TROUBLE.search(" ".join(map(spelt, words_of(text)))))


def reopens(conversation: Conversation, desk: Desk) -> bool:
    """Whether the office opens the last ticket again for what its citizen asks on."""
    return desk.office.after_closing == "reopen" and conversation.last_closed is not None


def reopen(conversation: Conversation) -> Decision:
    """The citizen asks on: the same ticket, and the promise once more."""
    ticket_id = conversation.last_closed or 0
    again = conversation.but(
        state=State.WITH_OFFICERS,
        focus=TicketKind.CONSULTATION,
        last_closed=None,
        closed_at=None,
        asking="",
        misses=0,
    )
    effects = (ReopenTicket(ticket_id, anew=True), Say(Text.REOPENED))
    return Decision(again, effects, Outcome.TICKET, ticket_id)


def _goes_on(event: MessageReceived) -> bool:
    """Whether a message after closing says something: words that tell, or a picture or voice note."""
    return (
        event.content is not Content.EMPTY if event.content is not Content.TEXT else answers.tells(event.text)
    )


def in_grace(conversation: Conversation, desk: Desk, now: datetime) -> bool:
    """Whether the last ticket was closed no longer ago than the office's ``reopen_days``."""
    closed_at = conversation.closed_at
    return closed_at is not None and now - closed_at <= timedelta(days=desk.office.reopen_days)


def forget_closed(conversation: Conversation) -> Conversation:
    """The conversation without its last ticket, which nothing belongs to any more."""
    return conversation.but(last_closed=None, closed_at=None)


def _rated(conversation: Conversation, *effects: RecordRating | Say) -> Decision:
    return Decision(conversation, effects, Outcome.RATING, conversation.last_closed)


def _filed(conversation: Conversation) -> Decision:
    return Decision(conversation, (), Outcome.FILED, conversation.last_closed)


def _say(conversation: Conversation, *effects: Say) -> Decision:
    return Decision(conversation, effects, Outcome.ANSWERED)
