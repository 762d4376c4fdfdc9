"""From the first word to a numbered ticket: menu, registration, the request, its summary."""

from dataclasses import asdict, replace

from bot import answers, codes, details, introductions, labels, words
from bot.answers import Reply
from bot.conversation import Conversation, Outcome, Profile, Request, State, TicketKind
from bot.courtesy import PREFACES
from bot.effects import Decision, Effect, OpenTicket, SaveProfile, Say, Search
from bot.events import Content, MessageReceived
from bot.labels import Labelled, Told
from bot.occupations import OCCUPATIONS
from bot.policy import Desk, Field, Mode, Office
from bot.texts import Text
from bot.understanding import (
    ENDING,
    Intent,
    intent,
    is_request,
    names_topic,
    read,
    starts_with_salam,
    words_of,
)

_QUESTION_FOR = {
    Field.NAME: Text.ASK_NAME,
    Field.INSTITUTION_CATEGORY: Text.ASK_INSTITUTION_CATEGORY,
    Field.MAIN_USE: Text.ASK_MAIN_USE,
    Field.EMAIL: Text.ASK_EMAIL,
}
_UNCLEAR_FOR = {
    Field.NAME: Text.NAME_UNCLEAR,
    Field.INSTITUTION_CATEGORY: Text.CHOICE_UNCLEAR,
    Field.MAIN_USE: Text.CHOICE_UNCLEAR,
    Field.EMAIL: Text.EMAIL_UNCLEAR,
}
LINES: tuple[Told, ...] = ("what", "area", "years", "use")
REQUEST, DETAILS, CHANGE, SUMMARY = "request", "details", "change", "summary"
_FORM = {State.REGISTERING, State.DESCRIBING, State.SUGGESTING, State.CONFIRMING}
_A_YEAR = 4
_CHOOSING = words.FILLER | words.INSTITUTION_WORDS.keys() | words.MAIN_USE_WORDS.keys()


def place(desk: Desk) -> str:
    """The place this office is named after."""
    return place_named(desk.office)


def place_named(office: Office) -> str:
    """The place that *office* is named after."""
    return details.place_of(office.name.get("id") or next(iter(office.name.values()), ""))


def rests(conversation: Conversation) -> State:
    """Where a conversation is when nothing is asked. A half-written request keeps its deadline."""
    if conversation.draft.text and not conversation.ticket:
        return State.CHOOSING
    return State.WITH_OFFICERS if conversation.current else State.CLOSED


def welcome(conversation: Conversation, desk: Desk, event: MessageReceived) -> Decision:
    """The first message of a new episode: greet, and go on at once when it already asks something."""
    hello = greeting(event)
    choosing = conversation.but(state=State.CHOOSING, misses=0)
    if event.content is not Content.TEXT:
        return keep_media(choosing, desk, event, hello)
    if answers.tells(event.text):
        return consult(choosing, desk, event.text, hello)
    misses = int(intent(event.text) is Intent.UNCLEAR)
    return _say(choosing.but(misses=misses), *hello, Say(Text.MENU))


def greeting(event: MessageReceived) -> tuple[Say, ...]:
    """The automatic greeting, after the answer to a salam."""
    salam = (Say(Text.SALAM),) if starts_with_salam(event.text) else ()
    return (*salam, Say(Text.GREETING))


def choose(conversation: Conversation, desk: Desk, event: MessageReceived) -> Decision:
    """An answer to the menu. Its numbers are shortcuts; a request in words works just as well."""
    if answers.number(event.text) == 1 or _agrees(event.text):
        return consult(conversation, desk, "", ())
    if answers.tells(event.text):
        return consult(conversation, desk, event.text, ())
    wanted = intent(event.text)
    if wanted in (Intent.GREET, Intent.OPT_IN, Intent.SMALL):
        return _say(conversation, Say(Text.MENU))
    if wanted in ENDING:
        return _say(conversation, Say(Text.THANKS))
    return not_understood(conversation, desk, event)


def _agrees(text: str) -> bool:
    """Whether *text* is a plain "ya": an "ok" or a thumb may only acknowledge."""
    said = words_of(text)
    plainly = bool(said) and words.PLAIN_YES.issuperset(said)
    return plainly and answers.confirmation(text) is Reply.YES


def consult(conversation: Conversation, desk: Desk, text: str, before: tuple[Effect, ...]) -> Decision:
    """Take *text* (perhaps empty) into the draft and ask the next thing that is needed.

    Who has introduced themselves is not asked for it: "nama saya Siti", or lines such as ``Email: …``.
    """
    letter = labels.read(text)
    draft = _with_lines(conversation.draft, text, letter, desk) if text.strip() else conversation.draft
    profile = _introduced(conversation.profile, letter, desk)
    saved = _saved(conversation.profile, profile, desk)
    told = conversation.but(draft=draft, profile=profile, misses=0)
    return next_question(told, desk, (*before, *saved), asked=False)


def _with_lines(draft: Request, text: str, letter: Labelled, desk: Desk) -> Request:
    """*draft* with *text*; its labelled lines tell the parts they name; whose they are is no data."""
    if not letter.told:
        return details.add(draft, text, place(desk))
    said = "\n".join(filter(None, (letter.rest, letter.told.get("what", ""))))
    read = details.add(draft, said, place(desk)) if said else draft
    parts = {part: letter.told[part] for part in LINES if part in letter.told and not getattr(draft, part)}
    return replace(read, text=details.keep(draft, text).text, **parts)


def _introduced(profile: Profile, letter: Labelled, desk: Desk) -> Profile:
    asked = {field.value for field in unknown_fields(profile, desk)}
    told = {"name"} | ({"main_use"} if "use" in letter.told else set())
    return introductions.tell(profile, tuple(sorted(asked & told)), letter, "") if asked else profile


def _saved(before: Profile, after: Profile, desk: Desk) -> tuple[Effect, ...]:
    return () if after == before else (SaveProfile(after), *codes.asked(before, after, desk))


def next_question(
    conversation: Conversation, desk: Desk, before: tuple[Effect, ...], *, asked: bool
) -> Decision:
    """Registration first, then the request, a search for it, once what is missing, then the summary."""
    unknown = unknown_fields(conversation.profile, desk)
    if unknown:
        registering = conversation.but(state=State.REGISTERING, asking=unknown[0].value)
        return _say(registering, *before, question(registering))
    draft = with_use(conversation)
    if draft.what and desk.office.search_first.enabled and not conversation.searches:
        return search(conversation.but(asking=SUMMARY if asked else ""), draft.what, before)
    if not draft.text or (draft.missing and not asked):
        describing = conversation.but(
            state=State.DESCRIBING, draft=draft, asking=DETAILS if draft.text else REQUEST
        )
        return _say(describing, *before, question(describing))
    confirming = conversation.but(state=State.CONFIRMING, draft=draft, asking=SUMMARY)
    return _say(confirming, *before, question(confirming))


def search(conversation: Conversation, query: str, before: tuple[Effect, ...]) -> Decision:
    """Look what is published about it first; the answer comes in the same turn."""
    looking = conversation.but(state=State.SUGGESTING, misses=0, searches=conversation.searches + 1)
    return _say(looking, *before, Search(query))


def resume(conversation: Conversation, desk: Desk, before: tuple[Effect, ...]) -> Decision:
    """Back to the request that something else came between. What was asked once is not asked again."""
    asked = conversation.asking in (SUMMARY, CHANGE)
    return next_question(conversation.but(misses=0), desk, before, asked=asked)


def unknown_fields(profile: Profile, desk: Desk) -> tuple[Field, ...]:
    """What registration still has to ask; asked only once per person."""
    wanted = desk.office.fields_to_register(desk.manners.channel)
    return tuple(field for field in wanted if not getattr(profile, field.value))


def with_use(conversation: Conversation) -> Request:
    """The draft, where the citizen's main use stands in for a use they did not name."""
    draft, main_use = conversation.draft, conversation.profile.main_use
    if draft.use or not main_use or main_use == "lainnya":
        return draft
    return replace(draft, use=main_use)


def question(conversation: Conversation) -> Say:
    """The question that the conversation's state is waiting on."""
    match conversation.state:
        case State.REGISTERING:
            return Say(_QUESTION_FOR[Field(conversation.asking)])
        case State.DESCRIBING:
            return _description(conversation)
        case State.SUGGESTING:
            return Say(Text.ASK_FOUND)
        case State.CONFIRMING:
            return Say(Text.SUMMARY, asdict(conversation.draft))
        case State.COMPLAINING:
            draft = conversation.complaint_draft
            return Say(Text.COMPLAINT_CONFIRM, {"text": draft}) if draft else Say(Text.COMPLAINT_ASK)
        case State.RATING:
            return Say(Text.ASK_RATING)
        case State.CORRECTING:
            return Say(Text.ASK_CORRECTION, {"field": conversation.correcting})
        case _:
            return Say(Text.MENU)


def _description(conversation: Conversation) -> Say:
    if conversation.asking == DETAILS:
        draft = conversation.draft
        return Say(Text.ASK_DETAILS, {"missing": draft.missing, "unsure": int(not names_topic(draft.text))})
    return Say(Text.ASK_CHANGE if conversation.asking == CHANGE else Text.ASK_REQUEST)


def pending(conversation: Conversation) -> tuple[Say, ...]:
    """The question still open, so that a side step does not lose the way."""
    asking = conversation.state in _FORM | {State.COMPLAINING, State.CORRECTING}
    return (question(conversation),) if asking else ()


def register(conversation: Conversation, desk: Desk, event: MessageReceived) -> Decision:
    """An answer to a registration question; a request that comes with it or instead is kept."""
    field = Field(conversation.asking)
    told = value_of(field, event.text)
    conversation = conversation.but(draft=_with_request(conversation.draft, desk, field, event.text, told))
    if told:
        profile = replace(conversation.profile, **{field.value: told})
        saved = _saved(conversation.profile, profile, desk)
        decision = next_question(conversation.but(profile=profile, misses=0), desk, saved, asked=False)
        return replace(decision, outcome=Outcome.PROFILE)
    return not_understood(conversation, desk, event, Say(_UNCLEAR_FOR[field]))


def _with_request(draft: Request, desk: Desk, field: Field, text: str, told: str | None) -> Request:
    """*draft* with what *text* asks besides, or instead of, its answer to *field*: that must not be lost."""
    asks = is_request(text) and names_topic(text) if told else is_request(text) or names_topic(text)
    # What is no answer names data where it names any: "data sekolah".
    answering = words.FILLER if asks and not told else _CHOOSING
    besides = [word for word in words_of(text) if word not in answering | set(words_of(told or ""))]
    if asks and besides:
        return details.add(draft, text, place(desk))
    mistyped = field is Field.EMAIL and "@" in text and not told
    if mistyped or not answers.tells(text) or not _says_more(besides, told is not None, draft):
        return draft
    return details.keep(draft, text)


def _says_more(besides: list[str], answered: bool, draft: Request) -> bool:
    """Whether the words beside an answer are a request. One or two are an answer gone wrong, or a title."""
    if any(word in words.TOPICS or (word.isdecimal() and len(word) == _A_YEAR) for word in besides):
        return True
    if draft.text:
        return len(besides) > (2 if answered else 0)
    return len(besides) > 2 and not answered


def value_of(field: Field, text: str) -> str | None:
    """What *text* tells about *field*; None when it tells nothing of that kind."""
    match field:
        case Field.NAME:
            return answers.name(text)
        case Field.EMAIL:
            return answers.email(text)
        case Field.INSTITUTION_CATEGORY:
            return answers.choice(text, words.INSTITUTIONS, words.INSTITUTION_WORDS | OCCUPATIONS)
        case Field.MAIN_USE:
            return answers.choice(text, words.MAIN_USES, words.MAIN_USE_WORDS)


def describe(conversation: Conversation, desk: Desk, event: MessageReceived) -> Decision:
    """The request in the citizen's own words, or the answer to what was missing: asked once."""
    text, draft = event.text, conversation.draft
    if conversation.asking == DETAILS and (answers.skips(text) or intent(text) is Intent.CLOSE):
        return next_question(conversation.but(misses=0), desk, (), asked=True)
    if read(text).rule in PREFACES:
        return _say(conversation, question(conversation))
    if not answers.tells(text):
        return not_understood(conversation, desk, event)
    if conversation.asking == REQUEST:
        return consult(conversation, desk, text, ())
    if conversation.asking == CHANGE:
        told = details.correct(draft, text, place(desk), anew=True)
    else:
        told = details.answer(draft, text, place(desk))
        conversation = conversation.but(searches=_searched(conversation, told))
    return next_question(conversation.but(draft=told, misses=0), desk, (), asked=True)


def _searched(conversation: Conversation, told: Request) -> int:
    """How often what is wanted was searched for: not yet, where it was named only now."""
    before = conversation.draft.what
    return conversation.searches if told.what == before or names_topic(before) else 0


def confirm(conversation: Conversation, desk: Desk, event: MessageReceived) -> Decision:
    """Yes opens the ticket; otherwise the request is told anew, or other words correct and complete it."""
    reply = answers.confirmation(event.text)
    # "Cukup", "itu saja" and "tidak ada" say that there is nothing to add.
    if reply is Reply.YES or intent(event.text) is Intent.CLOSE:
        return open_ticket(conversation, confirmed=True, say=Text.TICKET_OPENED)
    # At a summary the data are those of the request.
    if reply or intent(event.text) is Intent.PROFILE:
        changing = conversation.but(state=State.DESCRIBING, asking=CHANGE, misses=0)
        return _say(changing, question(changing))
    if not answers.tells(event.text):
        return not_understood(conversation, desk, event)
    draft = details.correct(conversation.draft, event.text, place(desk), anew=False)
    return next_question(conversation.but(draft=draft, misses=0), desk, (), asked=True)


def open_ticket(conversation: Conversation, *, confirmed: bool, say: Text | None) -> Decision:
    """Open the consultation with the draft; from here the bot is silent."""
    opened = OpenTicket(
        TicketKind.CONSULTATION, conversation.draft, confirmed, linked_to=conversation.last_closed
    )
    settled = conversation.but(
        state=State.WITH_OFFICERS,
        draft=Request(),
        asking="",
        misses=0,
        searches=0,
        focus=TicketKind.CONSULTATION,
        last_closed=None,
        closed_at=None,
    )
    spoken = (Say(say),) if say else ()
    return Decision(settled, (opened, *spoken), Outcome.TICKET)


def hand_over(
    conversation: Conversation, desk: Desk, event: MessageReceived, say: Text = Text.HANDED_TO_OFFICER
) -> Decision:
    """A human was asked for, or the bot gave up: open the ticket with whatever is known."""
    said, draft = event.text.strip(), conversation.draft
    if answers.tells(said):
        draft = details.add(draft, said, place(desk))
    elif len(words_of(said)) > 1:
        draft = details.keep(draft, said)
    return open_ticket(conversation.but(draft=draft), confirmed=False, say=say)


def not_understood(
    conversation: Conversation, desk: Desk, event: MessageReceived, hint: Say | None = None
) -> Decision:
    """Once: say so and ask again. Twice in a row: a human."""
    if conversation.misses >= 1:
        return hand_over(conversation, desk, event)
    asked_again = question(conversation)
    return _say(conversation.but(misses=1), hint or Say(Text.NOT_UNDERSTOOD), asked_again)


def keep_media(
    conversation: Conversation, desk: Desk, event: MessageReceived, before: tuple[Say, ...] = ()
) -> Decision:
    """A voice note, picture, place or card before a ticket: kept for the officer, with a way on.

    Who sends a second voice note can't or won't type, and gets a human.
    """
    if event.content is Content.EMPTY:
        return _say(conversation, *before, Say(Text.EMPTY_MESSAGE), *pending(conversation))
    mark = words.MEDIA_MARKS.get(event.content.value, "")
    conversation = conversation.but(draft=details.keep(conversation.draft, mark))
    if event.content is Content.VOICE:
        if conversation.misses:
            return hand_over(conversation, desk, event)
        conversation = conversation.but(misses=1)
    kept = Say(Text.MEDIA_KEPT, {"content": event.content.value, "goes_on": True})
    return _say(conversation, *before, kept, *pending(conversation))


def cancel(conversation: Conversation) -> Decision:
    """Forget the draft and end politely; nothing was opened."""
    emptied = conversation.but(draft=Request(), complaint_draft="", asking="", misses=0, searches=0)
    return _say(emptied.but(state=rests(emptied)), Say(Text.CANCELLED))


def show_menu(conversation: Conversation) -> Decision:
    """Back to the choices; what was written so far stays in the draft."""
    choosing = conversation.but(state=State.CHOOSING, asking="", misses=0, complaint_draft="")
    return _say(choosing, Say(Text.MENU))


def way_elsewhere(desk: Desk) -> Say:
    """Where to go instead, on a channel that does not consult."""
    told = {Mode.COMPLAINT_ONLY: Text.CHANNEL_COMPLAINT_ONLY, Mode.LINK_ONLY: Text.CHANNEL_LINK_ONLY}
    return Say(told.get(desk.mode, Text.CHANNEL_OFF))


def _say(conversation: Conversation, *effects: Effect) -> Decision:
    return Decision(conversation, effects, Outcome.ANSWERED)
