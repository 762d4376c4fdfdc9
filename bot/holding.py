"""Answers that wait for the citizen's word, because their channel takes free text for a while only."""

from bot import words
from bot.answers import Reply, confirmation
from bot.conversation import Conversation
from bot.effects import Decision, Effect, NoteEvent, ReleaseHeld, Say
from bot.events import AnswersMailed, CitizenCalled, Content, MessageReceived
from bot.texts import Text
from bot.understanding import ENDING, intent, words_of

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
