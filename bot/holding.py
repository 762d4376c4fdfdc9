"""Answers that wait for the citizen's word, because their channel takes free text for a while only."""

from bot import words
from bot.answers import Reply, confirmation, number
from bot.conversation import Conversation, Outcome, State
from bot.effects import Decision, Effect, NoteEvent, ReleaseHeld, Say
from bot.events import AnswersMailed, CitizenCalled, Content, MessageReceived
from bot.texts import Text
from bot.understanding import ENDING, intent, words_of

# What the id of a button below the call begins with: the name of its template.
_CALL = "jawaban_siap"
MAILED, CAME_BACK = "answers_mailed", "answers_came_back"


def noted(conversation: Conversation, event: CitizenCalled | AnswersMailed) -> Decision:
    """Remember that an answer waits for the citizen, or where it went: they hear of that when they write."""
    if isinstance(event, CitizenCalled):
        return Decision(conversation.but(called=True))
    told = conversation.but(mailed_to=event.to, mailed_about=event.reference if event.to else "")
    return Decision(told, (NoteEvent(event.ticket_id, MAILED if event.to else CAME_BACK),))


def heard(before: Conversation, after: Conversation) -> tuple[Conversation, tuple[Effect, ...]]:
    """The citizen has written: what waited may go, and of what went by mail they hear, once."""
    about = {"ticket": before.mailed_about, "email": before.mailed_to}
    told = (Say(Text.ANSWER_MAILED, about),) if before.mailed_to else ()
    return after.but(called=False, mailed_to="", mailed_about=""), (ReleaseHeld(), *told)


def tapped(conversation: Conversation, event: MessageReceived) -> Decision | None:
    """A tap below the call is filed, however often and whatever has come since; None for anything else."""
    if event.choice is None:
        return None
    # Meta tells the words of the button.
    below = event.choice.partition(".")[0] == _CALL
    said = set(words_of(event.choice))
    return _filed(conversation) if below or (said and said <= words.SEND_IT) else None


def agreed_after_closing(conversation: Conversation, event: MessageReceived) -> Decision | None:
    """A called citizen wants the answer, and its ticket is closed: they ask for nothing new.

    A number may be a mark, and what was tapped says itself what it is about.
    """
    closed = conversation.state in (State.CLOSED, State.RATING)
    says = closed and not event.choice and number(event.text) is None
    return _filed(conversation) if says and only_agrees(conversation, event) else None


def _filed(conversation: Conversation) -> Decision:
    current = conversation.current
    return Decision(conversation, (), Outcome.FILED, current.id if current else conversation.last_closed)


def only_agrees(conversation: Conversation, event: MessageReceived) -> bool:
    """Whether a called citizen asks for nothing but the answer: a tap, a yes, a thank-you."""
    if not conversation.called:
        return False
    if event.choice is not None:
        return True
    if event.content is not Content.TEXT:
        return event.content is Content.STICKER
    said = set(words_of(event.text)) - words.ADDRESS - words.THANKS
    agreed = confirmation(event.text) is Reply.YES or said <= words.SEND_IT | words.YES
    return agreed or intent(event.text) in ENDING
