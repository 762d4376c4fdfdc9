"""What a letter adds to an open ticket: the answers to the one request for what was missing."""

from dataclasses import dataclass

from bot import before_ticket, details, introductions, labels
from bot.conversation import Conversation, Profile, Request, Ticket
from bot.effects import CompleteRequest, SaveProfile
from bot.events import MessageReceived
from bot.labels import Labelled
from bot.policy import Desk
from bot.understanding import words_of

PARTS = ("what", "area", "years", "use")
_LONGEST_ANSWER = 60


@dataclass(frozen=True, slots=True)
class Completed:
    """The conversation afterwards, what to write down, and whether the last thing asked for was told."""

    conversation: Conversation
    effects: tuple[SaveProfile | CompleteRequest, ...]
    complete: bool


def take(conversation: Conversation, ticket: Ticket, event: MessageReceived, desk: Desk) -> Completed:
    """Take what ``asking`` still waits for: from the new words, or from labels filled in what they quote."""
    asked = tuple(conversation.asking.split())
    letter = _read(event, asked, desk)
    request = _told(asked, letter, before_ticket.place(desk))
    profile = introductions.tell(conversation.profile, asked, letter, request.use)
    profile = introductions.answer(profile, _fields(asked), letter.rest)
    left = tuple(each for each in asked if not _known(each, profile, request))
    saved = (SaveProfile(profile),) if profile != conversation.profile else ()
    completed = (CompleteRequest(ticket.id, request),) if request != Request() else ()
    after = conversation.but(profile=profile, asking=" ".join(left))
    return Completed(after, (*saved, *completed), complete=bool(asked) and not left)


def _read(event: MessageReceived, asked: tuple[str, ...], desk: Desk) -> Labelled:
    """The labels, and the free words where they are few: many are no answer, or a quote of ours."""
    letter = labels.read(event.text)
    wanted = {*asked, *(("use",) if "main_use" in asked else ())}
    quoted = {kind: told for kind, told in labels.read(event.whole).told.items() if kind in wanted}
    said = "\n".join(line for line in letter.rest.splitlines() if not line.lstrip().startswith(">"))
    short = len(words_of(said)) <= _LONGEST_ANSWER
    return Labelled(_not_ours({**quoted, **letter.told}, desk), said if short else "")


def _not_ours(told: dict[str, str], desk: Desk) -> dict[str, str]:
    """Without the address that stands below our own letters."""
    ours = {desk.office.email, *desk.office.senders.email}
    return {kind: value for kind, value in told.items() if kind != "email" or value not in ours}


def _fields(asked: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in asked if each not in PARTS)


def _known(asked: str, profile: Profile, request: Request) -> bool:
    return bool(getattr(request if asked in PARTS else profile, asked, ""))


def _told(asked: tuple[str, ...], letter: Labelled, place: str) -> Request:
    """The parts of the request that were asked for and are told now. A main use is a use too."""
    wanted = tuple(part for part in PARTS if part in asked or (part == "use" and "main_use" in asked))
    free = details.told(wanted, letter.rest, place)
    return Request(**{**free, **{part: value for part, value in letter.told.items() if part in wanted}})
