"""``decide``: the one door into the rules. Total, deterministic, never raises for what a person writes."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from bot import (
    after_closing,
    answers,
    asides,
    before_ticket,
    choices,
    clocks,
    codes,
    complaints,
    corrections,
    holding,
    keywords,
    letters,
    limits,
    officers,
    opting_out,
    privacy,
    searching,
    shell_answers,
    silence,
    timers,
)
from bot.conversation import Conversation, Outcome, State
from bot.effects import Decision, LookUpTickets, Say
from bot.events import (
    AnswersMailed,
    CalendarChanged,
    CitizenCalled,
    CodeChecked,
    CodeMailed,
    Content,
    ErasureBegins,
    Event,
    MessageReceived,
    OfficeMessageSent,
    OfficerClosed,
    OfficerForwarded,
    OfficerMarkedClear,
    OfficerReopened,
    OfficerReplied,
    RatingSent,
    SearchFinished,
    TicketsFound,
    TimerDue,
)
from bot.policy import Desk, Mode
from bot.texts import Text
from bot.understanding import Intent, command, language_of

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_CAPTIONED = {Content.IMAGE, Content.VIDEO, Content.DOCUMENT}
# Where a sentence that names a wish may be about something else, only its exact word acts.
_EXACT_ONLY = {State.WITH_OFFICERS, State.COMPLAINING}
_BESIDE_A_COMPLAINT = {Intent.HUMAN, Intent.STATUS, Intent.SERVICE, Intent.ENGLISH, Intent.INDONESIAN}
# A conversation reaches these only by a message that has released what was held before.
_NEVER_HOLDING = {
    *(State.NEW, State.CHOOSING, State.REGISTERING),
    *(State.DESCRIBING, State.SUGGESTING, State.CONFIRMING, State.CORRECTING),
}
# What is answered after the greeting when it is somebody's first word.
_GREETED = {Intent.PRIVACY, Intent.PUBLIC_INFORMATION, Intent.INJECTION}


def decide(conversation: Conversation, event: Event, desk: Desk, now: datetime) -> Decision:
    """What *event* comes to: the conversation afterwards and what to do about it.

    *now* is aware. Nothing is sent or stored here; an event that does not fit changes nothing.
    """
    match event:
        case MessageReceived():
            decision = _message(conversation, event, desk, now)
        case OfficerReplied():
            decision = officers.replied(conversation, event)
        case OfficeMessageSent(ticket_id):
            decision = silence.begun(conversation, desk, ticket_id, now)
        case CitizenCalled() | AnswersMailed() | ErasureBegins():
            decision = _told(conversation, event)
        case OfficerMarkedClear() | OfficerClosed() | OfficerReopened() | OfficerForwarded():
            acted = officers.acted(conversation, desk, event, now)
            decision = silence.freed(conversation, acted, desk, now)
        case RatingSent():
            decision = after_closing.sent(conversation, desk, event)
        case TimerDue(kind):
            due = timers.due(conversation, desk, kind, now)
            decision = silence.freed(conversation, due, desk, now)
        case CalendarChanged(standing):
            counted = (
                *clocks.recounted(conversation, desk, standing, now),
                *silence.recounted(conversation, desk, standing, now),
            )
            decision = Decision(conversation, counted)
        case TicketsFound() | CodeMailed() | CodeChecked() | SearchFinished():
            decision = shell_answers.taken(conversation, event, desk, now)
        case _:
            assert_never(event)
    decision = searching.kept(conversation, event, decision)
    decision = clocks.kept(conversation, event, decision, desk, now)
    return timers.kept(conversation.state, decision, desk, now)


def _told(conversation: Conversation, event: CitizenCalled | AnswersMailed | ErasureBegins) -> Decision:
    """What the desk itself has done for, or does with, its citizen."""
    if isinstance(event, ErasureBegins):
        return privacy.begins(conversation)
    return holding.noted(conversation, event)


def _message(conversation: Conversation, event: MessageReceived, desk: Desk, now: datetime) -> Decision:
    event = _as_typed(event)
    if conversation.blocked:
        return Decision(_heard(conversation, event, now), (), Outcome.FILED)
    remembered = _remembering(conversation, desk, now)
    if done := keywords.done(conversation, event):
        decision = done
    elif conversation.opted_out:
        decision = opting_out.kept(conversation, remembered, event, desk, now)
    elif tapped := holding.tapped(conversation, event):
        decision = _released(conversation, tapped)
    else:
        meant, event = choices.typed(remembered, event)
        spoken = _tongue(meant, event, desk)
        decision = _released(spoken, _turn(spoken, event, desk, now))
    if not event.answerable:
        decision = letters.unsaid(decision, letters.UNANSWERED)
    decision = limits.within(decision, desk, now)
    heard = replace(decision, conversation=_heard(decision.conversation, event, now))
    return silence.broken(conversation, heard, desk, now)


def _as_typed(event: MessageReceived) -> MessageReceived:
    """The words under a picture are words, and blanks are nothing."""
    if event.content in _CAPTIONED and event.text.strip():
        return replace(event, content=Content.TEXT)
    blank = event.content is Content.TEXT and not event.text.strip()
    return replace(event, content=Content.EMPTY) if blank else event


def _heard(conversation: Conversation, event: MessageReceived, now: datetime) -> Conversation:
    """The channel's window counts from when they wrote, not from when the desk learnt of it."""
    wrote, before = min(event.wrote_at or now, now), conversation.last_inbound_at
    return conversation.but(last_inbound_at=max(wrote, before) if before else wrote)


def _remembering(conversation: Conversation, desk: Desk, now: datetime) -> Conversation:
    """After the days of grace a new ticket has nothing to do with the last one."""
    if conversation.state is State.RATING or after_closing.in_grace(conversation, desk, now):
        return conversation
    return after_closing.forget_closed(conversation)


def _tongue(conversation: Conversation, event: MessageReceived, desk: Desk) -> Conversation:
    """The language of the first words that show one; later only the citizen's own word changes it."""
    if conversation.state not in (State.NEW, State.CHOOSING):
        return conversation
    spoken = language_of(event.text, desk.office.languages, event.subject)
    return conversation.but(language=spoken) if spoken else conversation


def _turn(conversation: Conversation, event: MessageReceived, desk: Desk, now: datetime) -> Decision:
    if done := privacy.done(conversation, event, desk, now):
        return done
    if not desk.manners.interactive:
        stops = event.vouched and letters.exact(event) is Intent.OPT_OUT
        return opting_out.begin(conversation) if stops else letters.turn(conversation, desk, event)
    return holding.agreed_after_closing(conversation, event) or _chat_turn(conversation, event, desk, now)


def _chat_turn(conversation: Conversation, event: MessageReceived, desk: Desk, now: datetime) -> Decision:
    if choices.is_about_another(conversation, event):
        return choices.asked_again(conversation, tapped=bool(event.choice))
    typed = event.content is Content.TEXT
    exact = command(event.text) if typed else None
    reading = asides.judged(event, desk)
    wanted = reading.intent
    state = conversation.state
    if exact is Intent.OPT_OUT or (wanted is Intent.OPT_OUT and state not in _EXACT_ONLY):
        return opting_out.begin(conversation)
    if code := codes.typed(conversation, event, now):
        return codes.check(conversation, code, before_ticket.pending(conversation), now)
    if typed and codes.left_out(conversation, event, now):
        return codes.leave(conversation, before_ticket.pending(conversation))
    if told := _as_complaint(conversation, event, desk, exact):
        return told
    if state is State.WITH_OFFICERS:
        return _with_officers(conversation, event, desk, now, exact)
    if after_closing.is_rating(conversation, event):
        return after_closing.rate(conversation, event)
    if desk.mode is not Mode.CONSULT:
        return _not_here(conversation, desk, event, wanted)
    if aside := asides.taken(conversation, event, desk, reading):
        return _introduced(conversation, event, aside) if wanted in _GREETED else aside
    going_on = asides.resumed(conversation, reading)
    return _command(going_on, event, desk, wanted) or _answer(going_on, event, desk, now)


def _as_complaint(
    conversation: Conversation, event: MessageReceived, desk: Desk, exact: Intent | None
) -> Decision | None:
    """A complaint that is being told, or what answers our word on one that is closed."""
    if conversation.state is State.COMPLAINING:
        return _complaining(conversation, event, desk, exact)
    return complaints.again(conversation, desk, event)


def _with_officers(
    conversation: Conversation, event: MessageReceived, desk: Desk, now: datetime, exact: Intent | None
) -> Decision:
    """With an officer the words are relayed. Beside a mere complaint the desk is still there for the rest."""
    if exact is Intent.COMPLAIN and conversation.current:
        return complaints.begin(conversation, event.text)
    if conversation.ticket:
        return officers.relay(conversation, event)
    silent = officers.on_complaint(conversation)
    if exact is Intent.MENU or (exact in _BESIDE_A_COMPLAINT and not silent):
        away = desk.mode is not Mode.CONSULT
        done = None if away else _command(conversation, event, desk, exact)
        return done or _not_here(conversation, desk, event, exact)
    if conversation.complaint and (silent or not _long_ago(conversation, desk, now)):
        return officers.relay(conversation, event)
    return _chat_turn(conversation.but(state=State.CLOSED), event, desk, now)


def _long_ago(conversation: Conversation, desk: Desk, now: datetime) -> bool:
    last = conversation.last_inbound_at
    return last is None or now - last > timers.patience(desk)


def _complaining(
    conversation: Conversation, event: MessageReceived, desk: Desk, exact: Intent | None
) -> Decision:
    """While a complaint is told only exact commands act: a sentence is the complaint, whatever it names."""
    match exact:
        case Intent.HUMAN:
            return complaints.reach_human(conversation, desk, event)
        case Intent.CANCEL | Intent.MENU:
            return complaints.leave(conversation, desk, menu=exact is Intent.MENU)
        case Intent.STATUS:
            return Decision(conversation, (LookUpTickets(),), Outcome.ANSWERED)
        case Intent.SERVICE:
            return asides.facts(conversation, event)
        case Intent.ENGLISH | Intent.INDONESIAN:
            return asides.speak(conversation, desk, exact)
    return complaints.receive(conversation, desk, event)


def _command(
    conversation: Conversation, event: MessageReceived, desk: Desk, wanted: Intent
) -> Decision | None:
    """What works the same in every state before a ticket and after one."""
    match wanted:
        case Intent.HUMAN:
            return _introduced(conversation, event, before_ticket.hand_over(conversation, desk, event))
        case Intent.COMPLAIN:
            return _introduced(conversation, event, complaints.begin(conversation, event.text))
        case Intent.STATUS:
            return Decision(conversation, (LookUpTickets(),), Outcome.ANSWERED)
        case Intent.PROFILE if conversation.state is not State.CONFIRMING:
            return _introduced(conversation, event, corrections.begin(conversation, desk))
        case Intent.CANCEL if conversation.state is State.CORRECTING:
            return corrections.leave(conversation, desk)
        case Intent.CANCEL if conversation.state is not State.NEW:
            return before_ticket.cancel(conversation)
        case Intent.MENU if conversation.state is not State.NEW:
            return before_ticket.show_menu(conversation)
        case Intent.SERVICE:
            return asides.facts(conversation, event)
        case Intent.ENGLISH | Intent.INDONESIAN:
            return asides.speak(conversation, desk, wanted)
    return _menu_number(conversation, event)


def _introduced(conversation: Conversation, event: MessageReceived, decision: Decision) -> Decision:
    """*decision*, said after the greeting when these are the citizen's first words."""
    if conversation.state is not State.NEW:
        return decision
    return replace(decision, effects=(*before_ticket.greeting(event), *decision.effects))


def _menu_number(conversation: Conversation, event: MessageReceived) -> Decision | None:
    if conversation.state is not State.CHOOSING or event.content is not Content.TEXT:
        return None
    match answers.number(event.text):
        case 2:
            return Decision(conversation, (LookUpTickets(),), Outcome.ANSWERED)
        case 3:
            return complaints.begin(conversation, "")
        case 4:
            return asides.facts(conversation, event)
    return None


def _answer(conversation: Conversation, event: MessageReceived, desk: Desk, now: datetime) -> Decision:
    match conversation.state:
        case State.NEW:
            return before_ticket.welcome(conversation, desk, event)
        case State.CLOSED:
            return after_closing.after(conversation, desk, event, now)
        case State.RATING:
            return after_closing.set_aside(conversation, desk, event, now)
        case State.WITH_OFFICERS | State.COMPLAINING:
            return officers.relay(conversation, event)
        case State.CHOOSING | State.REGISTERING | State.DESCRIBING | State.SUGGESTING:
            return _form(conversation, event, desk)
        case State.CONFIRMING | State.CORRECTING:
            return _form(conversation, event, desk)
        case _:
            assert_never(conversation.state)


def _form(conversation: Conversation, event: MessageReceived, desk: Desk) -> Decision:
    if event.content is not Content.TEXT:
        return before_ticket.keep_media(conversation, desk, event)
    match conversation.state:
        case State.REGISTERING:
            return before_ticket.register(conversation, desk, event)
        case State.DESCRIBING:
            return before_ticket.describe(conversation, desk, event)
        case State.SUGGESTING:
            return searching.answer(conversation, desk, event)
        case State.CONFIRMING:
            return before_ticket.confirm(conversation, desk, event)
        case State.CORRECTING:
            return corrections.answer(conversation, desk, event)
        case _:
            return before_ticket.choose(conversation, desk, event)


def _not_here(conversation: Conversation, desk: Desk, event: MessageReceived, wanted: Intent) -> Decision:
    """A channel that does not consult tells the way to go; where it takes complaints, it takes them."""
    if desk.mode is Mode.COMPLAINT_ONLY and wanted is Intent.COMPLAIN:
        return _told_who_we_are(conversation, desk, complaints.begin(conversation, event.text))
    # A request begun before the channel was closed keeps its state, whose timer brings it to an officer.
    waits = bool(conversation.current or conversation.draft.text)
    idle = conversation if waits else conversation.but(state=State.NEW, asking="", misses=0)
    if wanted in (Intent.ENGLISH, Intent.INDONESIAN):
        idle = asides.in_language(idle, desk, wanted)
    if wanted is Intent.STATUS and conversation.complaint:
        return Decision(idle, (LookUpTickets(),), Outcome.ANSWERED)
    said = Say(Text.DISTRESS) if wanted is Intent.DISTRESS else before_ticket.way_elsewhere(desk)
    return Decision(idle, (said,), Outcome.ANSWERED)


def _told_who_we_are(conversation: Conversation, desk: Desk, decision: Decision) -> Decision:
    """*decision*, said after what stands in for a greeting here when these are the citizen's first words."""
    if conversation.last_inbound_at:
        return decision
    return replace(decision, effects=(before_ticket.way_elsewhere(desk), *decision.effects))


def _released(before: Conversation, decision: Decision) -> Decision:
    """The citizen has written: held answers may go, in whatever state, unless the word was STOP."""
    if before.state in _NEVER_HOLDING or decision.conversation.opted_out:
        return decision
    told, first = holding.heard(before, decision.conversation)
    return replace(decision, conversation=told, effects=(*first, *decision.effects))
