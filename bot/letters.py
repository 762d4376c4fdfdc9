"""The manners of mail: no menus. A letter opens its ticket at once and is answered once.

What is missing is asked for in that one answer; whatever comes back, filled labels or free words, completes
the ticket, and nothing is asked again.
"""

from dataclasses import replace

from bot import (
    after_closing,
    answers,
    asides,
    before_ticket,
    complaints,
    completing,
    details,
    introductions,
    labels,
    officers,
    opening,
    words,
)
from bot.conversation import Conversation, Outcome, Profile, Request, State, Ticket
from bot.corrections import CHANGED
from bot.effects import Decision, Effect, NoteEvent, OpenTicket, SaveProfile, Say, Search
from bot.events import Content, MessageReceived
from bot.labels import Labelled
from bot.policy import Desk, Field, Mode
from bot.texts import Text
from bot.understanding import (
    ENDING,
    Intent,
    command,
    complains,
    intent,
    names_topic,
    starts_with_salam,
    words_of,
)

WAY_TOLD = "way_told"
UNANSWERED = "not_answerable"
_NO_WORDS = "[surat tanpa isi]"
_OPENING = 40
_ENCLOSED = frozenset({"terlampir", "lampiran", "dilampirkan", "attached", "attachment", "enclosed"})
# What a subject says that only tells that somebody asks for something.
_NO_TITLE = words.FILLER | {"permohonan", "permintaan", "perihal", "hal", "terkait", "request", "re", "fwd"}
_FIGURES = words.TOPICS - words.LOOSE_TOPICS
_DEMANDING = frozenset({"pengaduan", "complaint"})


def exact(event: MessageReceived) -> Intent | None:
    """The command that all of a letter's new words are, or the subject of one without words."""
    return ordered(event.text, event.subject)


def ordered(text: str, subject: str) -> Intent | None:
    """The same of a *text* and its *subject*. To whom and from whom it is are no words of a command."""
    return command(opening.heart_of(text) if text.strip() else subject)


def turn(conversation: Conversation, desk: Desk, event: MessageReceived) -> Decision:
    """A citizen's letter: it joins the thread's ticket, answers what was asked, or opens a ticket."""
    decision = _turn(conversation, desk, event)
    return _unread(decision) if event.unreadable else decision


def _unread(decision: Decision) -> Decision:
    """Nothing can be missing of what nobody could read: they are asked for all of it once more."""
    left = (Text.ASK_MISSING, Text.REQUEST_COMPLETED)
    kept = (each for each in _unsearched(decision) if not (isinstance(each, Say) and each.text in left))
    return replace(
        decision,
        conversation=decision.conversation.but(asking=""),
        effects=(*kept, Say(Text.LETTER_UNREADABLE)),
    )


def _unsearched(decision: Decision) -> tuple[Effect, ...]:
    return tuple(effect for effect in decision.effects if not isinstance(effect, Search))


def _turn(conversation: Conversation, desk: Desk, event: MessageReceived) -> Decision:
    if told := _as_complaint(conversation, desk, event):
        return told
    if conversation.current:
        return _to_ticket(conversation, desk, event)
    if rating := _rating(conversation, event):
        return _rate(conversation, desk, rating)
    if (conversation.closed_at or conversation.state is State.CLOSED) and _only_courtesy(event):
        return Decision(conversation, (), Outcome.FILED, conversation.last_closed)
    first = conversation.state is State.NEW
    new = event if first else replace(event, subject="")
    if desk.mode is not Mode.CONSULT:
        return _not_here(conversation, desk, new)
    if _complains(new):
        return complaints.file(conversation, desk, _said(new))
    if after_closing.reopens(conversation, desk):
        return after_closing.reopen(conversation)
    if (
        intent(event.subject) is Intent.PUBLIC_INFORMATION
        or intent(_first_words(new)) is Intent.PUBLIC_INFORMATION
    ):
        said = replace(new, text=_said(new))
        return before_ticket.hand_over(conversation, desk, said, say=Text.PUBLIC_INFORMATION)
    if away := asides.sent_elsewhere_by_mail(conversation, new, desk, _said(new)):
        return away
    return _open(*_insisting(conversation, new), desk)


def unsaid(decision: Decision, why: str) -> Decision:
    """*decision* without a word: nothing was asked then, and the ticket's log tells *why* it was not said."""
    said = [effect.text for effect in decision.effects if isinstance(effect, Say)]
    if not said:
        return decision
    opened = any(isinstance(effect, OpenTicket) for effect in decision.effects)
    skipped = NoteEvent(None if opened else decision.about, f"skipped:{said[0]}:{why}")
    effects = (*_silent(decision.effects), *((skipped,) if opened or decision.about else ()))
    silent = decision.conversation.but(asking="") if opened else decision.conversation
    return replace(decision, conversation=silent, effects=effects)


def _only_courtesy(event: MessageReceived) -> bool:
    """Whether a letter after a closing asks for nothing: thanks, or a mark that was given already."""
    typed = event.content is Content.TEXT
    said = opening.heart_of(event.text)
    thanks = typed and (intent(said) in ENDING or answers.number(said) is not None)
    return thanks or event.content in (Content.EMPTY, Content.STICKER)


def _text(event: MessageReceived) -> str:
    return event.text.strip() or words.MEDIA_MARKS.get(event.content.value, "")


def _said(event: MessageReceived) -> str:
    """The words of a letter, with its subject before them where that says something they do not."""
    text = _text(event)
    new = set(words_of(event.subject)) - set(words_of(text))
    return f"{event.subject.strip()}\n{text}".strip() if new - words.FILLER else text


def _complains(event: MessageReceived) -> bool:
    """Whether a letter's subject or its opening words are a complaint."""
    return complains(event.subject) or complains(_first_words(event))


def _first_words(event: MessageReceived) -> str:
    """What a letter says first of all, behind greeting and introduction."""
    said = " ".join(opening.body_of(event.text).split())
    return " ".join(opening.point_of(said).split()[:_OPENING])


def _insisting(conversation: Conversation, event: MessageReceived) -> tuple[Conversation, MessageReceived]:
    """A reply to being sent elsewhere, with the words that were."""
    if not conversation.turned_away:
        return conversation, event
    text = f"{conversation.turned_away}\n{event.text}".strip()
    return conversation.but(turned_away=""), replace(event, text=text)


def _open(conversation: Conversation, event: MessageReceived, desk: Desk) -> Decision:
    """Open the ticket and answer once: thanks, number, promise, and what is still needed."""
    letter = labels.read(event.text)
    draft = _request(event, letter, before_ticket.place(desk))
    profile = introductions.tell(
        conversation.profile, _required(conversation.profile, desk), letter, draft.use
    )
    asked = _missing(profile, desk, draft)
    told = conversation.but(profile=profile, draft=draft)
    ready = told.but(draft=before_ticket.with_use(told))
    opened = before_ticket.open_ticket(ready, confirmed=True, say=Text.TICKET_OPENED)
    salam = (Say(Text.SALAM),) if starts_with_salam(event.text) else ()
    searched = (Search(draft.what),) if draft.what and desk.office.search_first.enabled else ()
    effects = (*_saved(conversation, profile), *salam, *opened.effects, *searched, *_asks(asked))
    return replace(opened, conversation=opened.conversation.but(asking=" ".join(asked)), effects=effects)


def _asks(asked: tuple[str, ...]) -> tuple[Say, ...]:
    return (Say(Text.ASK_MISSING, {"missing": asked}),) if asked else ()


def _saved(before: Conversation, profile: Profile) -> tuple[SaveProfile, ...]:
    return (SaveProfile(profile),) if profile != before.profile else ()


def _request(event: MessageReceived, letter: Labelled, place: str) -> Request:
    """What a letter asks for. A subject that names figures is the best title there is."""
    subject, text = event.subject.strip(), opening.body_of(letter.rest)
    titled = names_topic(subject) and not _NO_TITLE.issuperset(words_of(subject))
    first, second = (subject, text) if titled else (text, subject)
    read = details.add(details.read(first, place), second, place)
    told = {part: value for part, value in letter.told.items() if part in completing.PARTS}
    return replace(read, **{**told, "text": (_said(event) or _NO_WORDS)[: details.LONGEST_REQUEST]})


def _required(profile: Profile, desk: Desk) -> tuple[str, ...]:
    """What registration wants to know. Who writes a letter has told their address."""
    unknown = before_ticket.unknown_fields(profile, desk)
    return tuple(field.value for field in unknown if field is not Field.EMAIL)


def _missing(profile: Profile, desk: Desk, request: Request) -> tuple[str, ...]:
    """What the one answer asks for; a use is not asked for twice."""
    required = _required(profile, desk)
    parts = request.missing if _unclear(request) else ()
    known = {"use"} if profile.main_use or "main_use" in required else set()
    return (*required, *(part for part in parts if part not in known))


def _unclear(request: Request) -> bool:
    """Whether an officer could not begin: nothing is named, or figures are wished of no place and no time.

    A question, a concept and what stands in an enclosed letter are the officer's to understand.
    """
    said = set(words_of(request.text))
    if not request.what:
        return True
    wishes = not said.isdisjoint(_FIGURES) and not said.isdisjoint(words.WISHING)
    return wishes and not (request.area or request.years) and said.isdisjoint(_ENCLOSED)


def _to_ticket(conversation: Conversation, desk: Desk, event: MessageReceived) -> Decision:
    """With an open ticket the words are the officer's; what completes it is taken from them."""
    if conversation.ticket and not officers.on_complaint(conversation) and _demands_complaint(event.text):
        return _complain(conversation, desk, event)
    relayed = officers.relay(conversation.but(state=State.WITH_OFFICERS), event)
    ticket = conversation.ticket
    if ticket is None or relayed.about != ticket.id or complains(event.text):
        return relayed
    relayed = _corrected(relayed, ticket, event)
    done = completing.take(relayed.conversation, ticket, event, desk)
    # Once an officer has spoken, the desk is silent.
    thanks = done.complete and not ticket.waiting_for_citizen
    spoken = (Say(Text.REQUEST_COMPLETED),) if thanks else ()
    effects = (*relayed.effects, *done.effects, *spoken)
    return replace(relayed, conversation=done.conversation, effects=effects)


def _corrected(relayed: Decision, ticket: Ticket, event: MessageReceived) -> Decision:
    """*relayed* with what the writer's own labelled lines change of their profile, noted for the officer."""
    before = relayed.conversation.profile
    profile = introductions.corrected(before, labels.read(event.text))
    if profile == before:
        return relayed
    changed = (SaveProfile(profile), NoteEvent(ticket.id, CHANGED))
    return replace(
        relayed,
        conversation=relayed.conversation.but(profile=profile),
        effects=(*relayed.effects, *changed),
    )


def _demands_complaint(text: str) -> bool:
    """Whether a reply begins with the word that our offer asks for."""
    first = next((word for word in words_of(text) if word not in words.ADDRESS), "")
    return first in _DEMANDING


def _complain(conversation: Conversation, desk: Desk, event: MessageReceived) -> Decision:
    """File what is told; the bare word is asked what it is about, for the thread goes on with the officer."""
    if complaints.tells(event.text):
        return complaints.file(conversation, desk, event.text.strip())
    return complaints.begin(conversation, "")


def _as_complaint(conversation: Conversation, desk: Desk, event: MessageReceived) -> Decision | None:
    """A complaint that is being told, or what answers our word on one that is closed."""
    if conversation.state is State.COMPLAINING:
        return _complaint_told(conversation, desk, event)
    return complaints.again(conversation, desk, event)


def _complaint_told(conversation: Conversation, desk: Desk, event: MessageReceived) -> Decision:
    if event.content is Content.EMPTY:
        current = conversation.current
        return Decision(conversation, (), Outcome.FILED, current.id if current else None)
    if exact(event) in (Intent.CANCEL, Intent.MENU) or complaints.refuses(event.text):
        return complaints.leave(conversation, desk)
    return complaints.file(conversation, desk, f"{conversation.complaint_draft}\n{_text(event)}".strip())


def _rating(conversation: Conversation, event: MessageReceived) -> MessageReceived | None:
    """The letter, or what stands between its greeting and its name, if that is the answer to our question."""
    heart = replace(event, text=opening.heart_of(event.text))
    return next((said for said in (event, heart) if after_closing.is_rating(conversation, said)), None)


def _rate(conversation: Conversation, desk: Desk, event: MessageReceived) -> Decision:
    """Take the rating without a word: the closing letter was the last one. An accusation is filed at once."""
    rated = after_closing.rate(conversation, event)
    if rated.conversation.state is State.COMPLAINING:
        told = rated.conversation.complaint_draft
        filed = complaints.file(rated.conversation, desk, told)
        return replace(filed, effects=(*_silent(rated.effects), *filed.effects))
    outcome = Outcome.FILED if rated.outcome is Outcome.ANSWERED else rated.outcome
    return replace(rated, effects=_silent(rated.effects), outcome=outcome, about=conversation.last_closed)


def _not_here(conversation: Conversation, desk: Desk, event: MessageReceived) -> Decision:
    """Where the office does not consult by mail, a thread is told the way once. A complaint may be taken."""
    if desk.mode is Mode.COMPLAINT_ONLY and _complains(event):
        return complaints.file(conversation, desk, _said(event))
    told = conversation.asking == WAY_TOLD
    after = conversation.but(state=State.CLOSED, asking=WAY_TOLD, misses=0)
    if told:
        return Decision(after, (), Outcome.FILED, conversation.last_closed)
    return Decision(after, (before_ticket.way_elsewhere(desk),), Outcome.ANSWERED)


def _silent(effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    return tuple(effect for effect in effects if not isinstance(effect, Say | Search))
