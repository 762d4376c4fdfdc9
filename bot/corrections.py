"""A citizen changes what the desk keeps about them: shown once, then field by field, and never a trap."""

from dataclasses import asdict, replace

from bot import answers, before_ticket, codes, words
from bot.conversation import Conversation, Outcome, Profile, State
from bot.effects import Decision, Effect, NoteEvent, SaveProfile, Say
from bot.events import MessageReceived
from bot.policy import Desk, Field, Mode
from bot.texts import Text
from bot.understanding import is_request, names_topic, plain

CHANGED = "profile_changed"
_FORM = {State.REGISTERING, State.DESCRIBING, State.CONFIRMING}


def begin(conversation: Conversation, desk: Desk) -> Decision:
    """Show what is known, and ask for the first field. What was being asked stays asked."""
    fields = _fields(conversation.profile, desk)
    if not fields:
        told = (Say(Text.PROFILE_NONE), *before_ticket.pending(conversation))
        return Decision(conversation, told, Outcome.ANSWERED)
    kept = conversation.asking if conversation.state in _FORM else ""
    asking = conversation.but(state=State.CORRECTING, correcting=fields[0].value, asking=kept, misses=0)
    known = Say(Text.PROFILE_KNOWN, asdict(_masked(conversation.profile)))
    return Decision(asking, (known, before_ticket.question(asking)), Outcome.ANSWERED)


def answer(conversation: Conversation, desk: Desk, event: MessageReceived) -> Decision:
    """A new value, or a word that keeps the old one. A request ends the change and is taken as one."""
    if plain(event.text) in words.KEEP:
        return _next(conversation, desk, ())
    if told := before_ticket.value_of(Field(conversation.correcting), event.text):
        profile = replace(conversation.profile, **{conversation.correcting: told})
        saved = _saved(conversation, profile, desk)
        return replace(_next(conversation.but(profile=profile), desk, saved), outcome=Outcome.PROFILE)
    if answers.tells(event.text) and (is_request(event.text) or names_topic(event.text)):
        return before_ticket.consult(conversation.but(correcting=""), desk, event.text, ())
    if conversation.misses:
        return leave(conversation, desk)
    again = (Say(Text.NOT_UNDERSTOOD), before_ticket.question(conversation))
    return Decision(conversation.but(misses=1), again, Outcome.ANSWERED)


def leave(conversation: Conversation, desk: Desk) -> Decision:
    """No more changes: back to where the citizen was."""
    return _back(conversation, desk, (Say(Text.PROFILE_LEFT),))


def _fields(profile: Profile, desk: Desk) -> tuple[Field, ...]:
    """What may be changed: what registration asks here, and what is known."""
    asked = desk.office.fields_to_register(desk.manners.channel)
    return tuple(field for field in Field if field in asked or getattr(profile, field.value))


def masked_email(address: str) -> str:
    """An e-mail address that its owner recognises and nobody else learns; empty for none."""
    name, at, host = address.partition("@")
    return f"{name[:1]}…{at}{host}" if at else ""


def _masked(profile: Profile) -> Profile:
    """Enough to recognise oneself by: a number may have changed hands."""
    first, *others = profile.name.split() or [""]
    return replace(
        profile,
        name=" ".join([first, *(f"{other[0]}…" for other in others)]),
        email=masked_email(profile.email),
    )


def _saved(conversation: Conversation, profile: Profile, desk: Desk) -> tuple[Effect, ...]:
    if profile == conversation.profile:
        return ()
    current = conversation.current
    about = current.id if current else conversation.last_closed
    noted = (NoteEvent(about, CHANGED),) if about else ()
    return (SaveProfile(profile), *codes.asked(conversation.profile, profile, desk), *noted)


def _next(conversation: Conversation, desk: Desk, saved: tuple[Effect, ...]) -> Decision:
    fields = [field.value for field in _fields(conversation.profile, desk)]
    left = fields[fields.index(conversation.correcting) + 1 :]
    if not left:
        return _back(conversation, desk, (*saved, Say(Text.PROFILE_SAVED)))
    asking = conversation.but(correcting=left[0], misses=0)
    return Decision(asking, (*saved, before_ticket.question(asking)), Outcome.ANSWERED)


def _back(conversation: Conversation, desk: Desk, said: tuple[Effect, ...]) -> Decision:
    """To the half-written request, to the officers, or nowhere."""
    left = conversation.but(correcting="", misses=0)
    if desk.mode is Mode.CONSULT and not left.ticket and (left.draft.text or left.asking):
        return before_ticket.resume(left, desk, said)
    return Decision(left.but(state=before_ticket.rests(left)), said, Outcome.ANSWERED)
