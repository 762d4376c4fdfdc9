"""What is answered beside the way to a ticket: facts, languages, and what is not this desk's to do.

Who is sent elsewhere may insist: by saying so, by writing it again, or by asking for a human.
"""

from dataclasses import replace

from bot import answers, before_ticket, details, elsewhere
from bot.answers import Reply
from bot.conversation import Conversation, Outcome, State
from bot.effects import Decision, Say
from bot.events import Content, MessageReceived
from bot.policy import Desk
from bot.texts import Text
from bot.understanding import Intent, Reading, command, plain, read, read_elsewhere
from bot.words import KEEP

_WAY = {
    "wage": Text.REDIRECT_WAGE,
    "aid": Text.REDIRECT_AID,
    "civil": Text.REDIRECT_CIVIL,
    "health": Text.REDIRECT_HEALTH,
    "tax": Text.REDIRECT_TAX,
    "licence": Text.REDIRECT_LICENCE,
    "jobs": Text.REDIRECT_JOBS,
    "utilities": Text.REDIRECT_UTILITIES,
    elsewhere.AREA: Text.REDIRECT_AREA,
    elsewhere.WRONG_NUMBER: Text.REDIRECT_WRONG_NUMBER,
}
_AT_A_BEGINNING = {State.NEW, State.CHOOSING, State.CLOSED, State.RATING}
# In a form that may be where somebody is from, or what for.
_NAMES_PPID = "names_ppid"
_LONGEST = 2_000


def judged(event: MessageReceived, desk: Desk) -> Reading:
    """What a message wants at this desk."""
    if event.content is not Content.TEXT:
        return Reading(Intent.NOTHING, "no_words")
    return read(event.text, before_ticket.place(desk), desk.office.neighbours)


def taken(
    conversation: Conversation, event: MessageReceived, desk: Desk, reading: Reading
) -> Decision | None:
    """The answer to what is beside the way; None when the message goes on with it."""
    match reading.intent:
        case Intent.HOLD:
            return Decision(conversation, (Say(Text.STOP_UNCLEAR),), Outcome.ANSWERED)
        case Intent.INJECTION:
            return _refused(conversation)
        case Intent.DISTRESS:
            return before_ticket.hand_over(conversation, desk, event, say=Text.DISTRESS)
        case Intent.PRIVACY:
            return before_ticket.hand_over(conversation, desk, event, say=Text.PRIVACY_HANDED)
        case Intent.PUBLIC_INFORMATION if reading.rule != _NAMES_PPID or _at_a_beginning(conversation):
            return before_ticket.hand_over(conversation, desk, event, say=Text.PUBLIC_INFORMATION)
    if _insists(conversation, event, desk, reading):
        return _taken_all_the_same(conversation, event, desk)
    if reading.intent is Intent.ELSEWHERE and _at_a_beginning(conversation):
        return _sent_elsewhere(conversation, event, reading)
    return None


def resumed(conversation: Conversation, reading: Reading) -> Conversation:
    """The conversation in which nothing waits to be insisted on. A human is told what it was."""
    if not conversation.turned_away:
        return conversation
    told = reading.intent is Intent.HUMAN
    draft = details.keep(conversation.draft, conversation.turned_away) if told else conversation.draft
    return conversation.but(turned_away="", draft=draft)


def _at_a_beginning(conversation: Conversation) -> bool:
    """Whether the words are a wish, and no answer: there "PLN" is where somebody works, and UMK what for."""
    wishing = conversation.state is State.DESCRIBING and conversation.asking == before_ticket.REQUEST
    return wishing or conversation.state in _AT_A_BEGINNING


def _refused(conversation: Conversation) -> Decision:
    new = conversation.state is State.NEW
    effects = (Say(Text.CONFIDENTIAL), *before_ticket.pending(conversation))
    settled = conversation.but(state=State.CHOOSING) if new else conversation
    return Decision(settled, effects, Outcome.ANSWERED)


def _insists(conversation: Conversation, event: MessageReceived, desk: Desk, reading: Reading) -> bool:
    if not conversation.turned_away or conversation.state is not State.CHOOSING:
        return False
    if event.content is not Content.TEXT:
        return False
    if reading.intent is Intent.ELSEWHERE:
        before = judged(replace(event, text=conversation.turned_away), desk)
        return (before.subject, before.place) == (reading.subject, reading.place)
    return _only_agrees(event.text)


def _only_agrees(text: str) -> bool:
    return answers.number(text) == 1 or answers.confirmation(text) is Reply.YES or plain(text) in KEEP


def _taken_all_the_same(conversation: Conversation, event: MessageReceived, desk: Desk) -> Decision:
    more = "" if _only_agrees(event.text) else event.text
    wish = f"{conversation.turned_away}\n{more}".strip()
    return before_ticket.consult(conversation.but(turned_away=""), desk, wish, ())


def _sent_elsewhere(conversation: Conversation, event: MessageReceived, reading: Reading) -> Decision:
    hello = before_ticket.greeting(event) if conversation.state is State.NEW else ()
    waiting = conversation.but(
        state=State.CHOOSING, asking="", misses=0, turned_away=event.text.strip()[:_LONGEST]
    )
    effects = (*hello, *way(reading), Say(Text.REDIRECT_INSIST))
    return Decision(waiting, effects, Outcome.ANSWERED)


def way(reading: Reading) -> tuple[Say, ...]:
    """Where to go with what is not this office's business."""
    return (Say(_WAY[reading.subject], {"to": reading.place}),)


def sent_elsewhere_by_mail(
    conversation: Conversation, event: MessageReceived, desk: Desk, said: str
) -> Decision | None:
    """A first letter about another's business is told the way, once; any reply to it opens the ticket."""
    if conversation.state is not State.NEW or conversation.opted_out or not event.answerable:
        return None
    typed = event.content is Content.TEXT
    reading = read_elsewhere(said, before_ticket.place(desk), desk.office.neighbours) if typed else None
    if reading is None:
        return None
    told = conversation.but(state=State.CLOSED, turned_away=said[:_LONGEST])
    return Decision(told, (*way(reading), Say(Text.REDIRECT_INSIST)), Outcome.ANSWERED)


def facts(conversation: Conversation, event: MessageReceived) -> Decision:
    """The office's facts. Who asked in a sentence may have meant something else."""
    asked = not command(event.text) and answers.number(event.text) is None
    more = (Say(Text.FACTS_MORE),) if asked else ()
    effects = (Say(Text.OFFICE_FACTS), *more, *before_ticket.pending(conversation))
    return Decision(conversation, effects, Outcome.ANSWERED)


def in_language(conversation: Conversation, desk: Desk, wanted: Intent) -> Conversation:
    """*conversation* in the language *wanted*, where the office speaks it."""
    language = "en" if wanted is Intent.ENGLISH else "id"
    return conversation.but(language=language) if language in desk.office.languages else conversation


def speak(conversation: Conversation, desk: Desk, wanted: Intent) -> Decision:
    """Go on in the language that was asked for, where the office speaks it."""
    conversation = in_language(conversation, desk, wanted)
    if conversation.state in (State.NEW, State.CLOSED):
        conversation = conversation.but(state=State.CHOOSING)
        return Decision(conversation, (Say(Text.GREETING), Say(Text.MENU)), Outcome.ANSWERED)
    return Decision(conversation, (before_ticket.question(conversation),), Outcome.ANSWERED)
