"""Silence that was asked for, and the word that lifts it."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot import before_ticket, keywords, letters, opening
from bot.conversation import Conversation, Outcome, State
from bot.effects import CancelUnsent, Decision, ReleaseHeld, Say
from bot.events import MessageReceived
from bot.policy import Desk, Mode
from bot.texts import Text
from bot.understanding import Intent, plain
from bot.words import OPT_IN

_DAY = timedelta(days=1)


def begin(conversation: Conversation) -> Decision:
    """One confirmation, then silence."""
    current = conversation.current
    silent = conversation.but(opted_out=True, opt_out_told_at=None)
    effects = (CancelUnsent(), Say(Text.OPTED_OUT))
    return Decision(silent, effects, Outcome.AFTER_OPT_OUT, current.id if current else None)


def kept(
    conversation: Conversation, remembered: Conversation, event: MessageReceived, desk: Desk, now: datetime
) -> Decision:
    """Somebody who asked for silence writes: one word lifts it. *remembered*: with no ticket long closed."""
    if _wants_back(event) and event.vouched:
        return _welcome_back(conversation, desk)
    told = conversation.opt_out_told_at
    reminds = told is None or now - told >= _DAY
    decision = _in_silence(conversation, remembered, event, desk)
    silent = decision.conversation.but(opt_out_told_at=now) if reminds else decision.conversation
    effects = (*decision.effects, Say(Text.OPTED_OUT_REMINDER)) if reminds else decision.effects
    return replace(decision, conversation=silent, effects=effects)


def _wants_back(event: MessageReceived) -> bool:
    """A word from before the silence, that arrives after it, is not the last one."""
    said = event.choice == keywords.START or plain(opening.heart_of(event.text) or event.subject) in OPT_IN
    return said and event.current


def _in_silence(
    conversation: Conversation, remembered: Conversation, event: MessageReceived, desk: Desk
) -> Decision:
    """Words after STOP stay where they are. A letter still opens or joins its ticket, without an answer."""
    bare = letters.exact(event) is Intent.OPT_OUT or _wants_back(event)
    if not desk.manners.interactive and not bare:
        return letters.unsaid(letters.turn(remembered, desk, event), "opted_out")
    current = conversation.current
    return Decision(conversation, (), Outcome.AFTER_OPT_OUT, current.id if current else None)


def _welcome_back(conversation: Conversation, desk: Desk) -> Decision:
    """Back where the citizen was: with the officers, at the question of a form, or at the menu.

    Where nobody consults there is no menu, but the way to go.
    """
    back = conversation.but(opted_out=False, opt_out_told_at=None, misses=0)
    chats = desk.manners.interactive
    consults = desk.mode is Mode.CONSULT
    if chats and consults and back.state in (State.NEW, State.CLOSED, State.RATING):
        back = back.but(state=State.CHOOSING, asking="")
    resting = not chats or back.state is State.WITH_OFFICERS
    asks = consults or back.state is State.COMPLAINING
    question = before_ticket.question(back) if asks else before_ticket.way_elsewhere(desk)
    effects = (ReleaseHeld(), Say(Text.WELCOME_BACK), *(() if resting else (question,)))
    current = conversation.current
    return Decision(back, effects, Outcome.ANSWERED, current.id if current else None)
