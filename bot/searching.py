"""Search first: what is published is shown before a ticket opens, and the citizen says whether it answers.

Anything but a yes leads on to an officer, and so does a search that finds nothing or fails.
"""

from dataclasses import replace

from bot import answers, before_ticket, details, words
from bot.answers import Reply
from bot.conversation import Conversation, Outcome, Request, State
from bot.effects import Decision, NoteSearch, Say, SettleSearch
from bot.events import Event, MessageReceived, SearchFinished
from bot.policy import Desk
from bot.spelling import spelt
from bot.texts import Text
from bot.understanding import Intent, intent, is_request, names_topic, words_of

MOST_SEARCHES = 3
_FEW = 3


def finished(conversation: Conversation, event: SearchFinished, desk: Desk) -> Decision:
    """Show what was found and ask; otherwise go on as if nothing had been searched.

    A letter's ticket is open already: what was found only stands below its number.
    """
    noted = NoteSearch(event.query, None if event.failed else len(event.found))
    if not desk.manners.interactive:
        return Decision(conversation, (noted, *((_list(event),) if event.found else ())))
    if event.found:
        return Decision(conversation, (noted, _list(event), before_ticket.question(conversation)))
    again = conversation.searches > 1 and not event.failed
    nothing = (Say(Text.SEARCH_NOTHING),) if again else ()
    onward = before_ticket.resume(conversation, desk, (noted, *nothing))
    return replace(onward, outcome=None)


def _list(event: SearchFinished) -> Say:
    found = event.found
    return Say(
        Text.SEARCH_FOUND,
        {
            "titles": tuple(each.title for each in found),
            "links": tuple(each.link for each in found),
            "kinds": tuple(each.kind for each in found),
            "days": tuple(each.released_on.isoformat() if each.released_on else "" for each in found),
            "summaries": tuple(each.summary for each in found),
        },
    )


def answer(conversation: Conversation, desk: Desk, event: MessageReceived) -> Decision:
    """Whether what was found is an answer: yes ends it, other words are looked for, all else leads on."""
    text = event.text
    if _declines(text):
        return _onward(conversation, desk, text)
    if _agrees(text):
        return _answered(conversation)
    if not answers.tells(text):
        return before_ticket.not_understood(conversation, desk, event)
    if conversation.searches >= MOST_SEARCHES:
        return _onward(conversation, desk, text)
    told = conversation.but(draft=details.add(conversation.draft, text, before_ticket.place(desk)))
    return before_ticket.search(told, text, (SettleSearch(answered=False),))


def _declines(text: str) -> bool:
    said = words_of(text)
    refused = answers.confirmation(text) in (Reply.NO, Reply.REWRITE) or answers.skips(text)
    return refused or bool(said and (said[0] in words.NOT_YET or {"belum", "blm", "kurang"} & set(said)))


def _agrees(text: str) -> bool:
    if answers.confirmation(text) is Reply.YES or intent(text) is Intent.THANKS:
        return True
    said = tuple(word if word in words.BESIDE_ANSWERED else spelt(word) for word in words_of(text))
    first = next((word for word in said if word in words.ANSWERED or word not in words.ADDRESS), "")
    asks = names_topic(text) or is_request(text) or not words.BESIDE_ANSWERED.issuperset(said)
    return first in words.ANSWERED and not asks and words.WITH_A_BUT.isdisjoint(said)


def _onward(conversation: Conversation, desk: Desk, text: str) -> Decision:
    """To what an officer needs to know, with the words that said more than no."""
    if answers.tells(text) and (names_topic(text) or len(words_of(text)) > _FEW):
        draft = details.add(conversation.draft, text, before_ticket.place(desk))
        conversation = conversation.but(draft=draft)
    return before_ticket.resume(conversation, desk, ())


def _answered(conversation: Conversation) -> Decision:
    """The citizen has what they need: no ticket."""
    emptied = conversation.but(draft=Request(), asking="", misses=0, searches=0)
    done = emptied.but(state=before_ticket.rests(emptied))
    effects = (SettleSearch(answered=True), Say(Text.SEARCH_ANSWERED))
    return Decision(done, effects, Outcome.ANSWERED)


def kept(before: Conversation, event: Event, decision: Decision) -> Decision:
    """*decision*; a citizen who goes on another way has not been answered by what was found."""
    left = before.state is State.SUGGESTING is not decision.conversation.state
    told = any(isinstance(effect, SettleSearch) for effect in decision.effects)
    if not left or told or not isinstance(event, MessageReceived):
        return decision
    return replace(decision, effects=(SettleSearch(answered=False), *decision.effects))
