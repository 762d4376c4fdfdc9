"""What a tapped button or row of a list means. One of an older question never answers another.

The id of a choice is the name of its question, a dot, and what would be typed instead of tapping.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from bot import answers, before_ticket, words
from bot.conversation import Conversation, Outcome, State
from bot.effects import Decision, Say
from bot.events import Content, MessageReceived
from bot.texts import Text
from bot.understanding import plain

MENU = "menu"
_QUESTIONS: Mapping[Text, str] = MappingProxyType(
    {
        Text.MENU: MENU,
        Text.REDIRECT_INSIST: "insist",
        Text.ASK_INSTITUTION_CATEGORY: "institution_category",
        Text.ASK_MAIN_USE: "main_use",
        Text.ASK_FOUND: "found",
        Text.SUMMARY: "summary",
        Text.COMPLAINT_CONFIRM: "complaint",
        Text.ASK_RATING: "rating",
    }
)
_ANSWERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        MENU: frozenset("01234"),
        "insist": frozenset("10"),
        "institution_category": frozenset("123456789"),
        "main_use": frozenset("12345"),
        "correct_institution_category": frozenset("123456789"),
        "correct_main_use": frozenset("12345"),
        "found": frozenset("12"),
        "summary": frozenset("12"),
        "complaint": frozenset({"1", "2", "batal", "cancel"}),
        "rating": frozenset("1234"),
    }
)
# What a number of the menu is called where another question waits; to begin anew is nothing to do in between.
_CALLED = {"2": "status", "3": "pengaduan", "4": "info layanan"}
_HUMAN = "0"
_RESTING = {State.NEW, State.CHOOSING, State.RATING, State.CLOSED}
_LONGEST_TITLE = 80


def question_of(say: Say) -> str:
    """The name of the question that *say* puts, if its answers can be offered; else nothing."""
    if say.text is Text.ASK_CORRECTION:
        return f"correct_{say.values['field']}"
    return _QUESTIONS.get(say.text, "")


def may_answer(question: str, answer: str) -> bool:
    """Whether *answer* is one that *question* can offer."""
    return answer in _ANSWERS.get(question, ())


def typed(conversation: Conversation, event: MessageReceived) -> tuple[Conversation, MessageReceived]:
    """*event* as if what was tapped had been typed, and the conversation in which that is meant.

    The words on a button that is none of ours are a message like any other, and so is everything that is
    said to an officer. Only an event whose tap answers an older question keeps its choice.
    """
    question, _, answer = (event.choice or "").rpartition(".")
    if not may_answer(question, answer) or conversation.state is State.WITH_OFFICERS:
        return conversation, _titled(conversation, replace(event, choice=None))
    if event.current and question == _waiting(conversation):
        return conversation, _said(event, answer)
    if answer == _HUMAN:
        return conversation, _said(event, answer)
    if question == MENU and conversation.state in _RESTING:
        return conversation.but(state=State.CHOOSING, asking="", misses=0, turned_away=""), _said(
            event, answer
        )
    if question == MENU and answer in _CALLED:
        return conversation, _said(event, _CALLED[answer])
    return conversation, event


def is_about_another(conversation: Conversation, event: MessageReceived) -> bool:
    """Whether *event* answers another question than the present one.

    A tap that is left does, and a bare answer that was written before the present question was put.
    """
    if event.choice or event.current or event.content is not Content.TEXT:
        return bool(event.choice)
    bare = answers.number(event.text) is not None or answers.confirmation(event.text) is not None
    return bare and bool(_waiting(conversation))


def asked_again(conversation: Conversation, *, tapped: bool = True) -> Decision:
    """The button, or the bare answer, was about an older question: say so, and put the present one again."""
    waiting = _waiting(conversation) or before_ticket.pending(conversation)
    question = (before_ticket.question(conversation),) if waiting else ()
    return Decision(conversation, (Say(Text.CHOICE_STALE, {"tapped": tapped}), *question), Outcome.ANSWERED)


def _waiting(conversation: Conversation) -> str:
    """The name of the question that waits for its answer; nothing where none with choices does."""
    match conversation.state:
        case State.NEW | State.CLOSED | State.WITH_OFFICERS:
            return ""
        case State.CHOOSING if conversation.turned_away:
            return "insist"
        case _:
            return question_of(before_ticket.question(conversation))


def _said(event: MessageReceived, answer: str) -> MessageReceived:
    return replace(event, text=answer, content=Content.TEXT, choice=None)


def _titled(conversation: Conversation, event: MessageReceived) -> MessageReceived:
    """Who types what stands on a button means that button."""
    if event.content is not Content.TEXT or len(event.text) > _LONGEST_TITLE:
        return event
    answer = words.TITLES.get(_waiting(conversation), {}).get(plain(event.text))
    return _said(event, answer) if answer else event
