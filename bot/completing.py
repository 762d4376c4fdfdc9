"""What a letter adds to an open ticket: the answers to the one request for what was missing."""

from dataclasses import dataclass

from bot import details, introductions, labels
from bot.conversation import Conversation, Profile, Request, Ticket
from bot.effects import CompleteRequest, SaveProfile
from bot.labels import Labelled

PARTS = ("what", "area", "years", "use")


@dataclass(frozen=True, slots=True)
class Completed:
    """The conversation afterwards, what to write down, and whether the last thing asked for was told."""

    conversation: Conversation
    effects: tuple[SaveProfile | CompleteRequest, ...]
    complete: bool


def take(conversation: Conversation, ticket: Ticket, text: str, place: str) -> Completed:
    """Take from *text* what ``asking`` still waits for, and what labelled lines tell of the writer."""
    asked = tuple(conversation.asking.split())
    letter = labels.read(text)
    request = _told(asked, letter, place)
    profile = introductions.tell(conversation.profile, asked, letter, request.use)
    profile = introductions.answer(profile, _fields(asked), letter.rest)
    left = tuple(each for each in asked if not _known(each, profile, request))
    saved = (SaveProfile(profile),) if profile != conversation.profile else ()
    completed = (CompleteRequest(ticket.id, request),) if request != Request() else ()
    after = conversation.but(profile=profile, asking=" ".join(left))
    return Completed(after, (*saved, *completed), complete=bool(asked) and not left)


def _fields(asked: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in asked if each not in PARTS)


def _known(asked: str, profile: Profile, request: Request) -> bool:
    return bool(getattr(request if asked in PARTS else profile, asked, ""))


def _told(asked: tuple[str, ...], letter: Labelled, place: str) -> Request:
    """The parts of the request that were asked for and are told now. A main use is a use too."""
    wanted = tuple(part for part in PARTS if part in asked or (part == "use" and "main_use" in asked))
    free = details.told(wanted, letter.rest, place)
    return Request(**{**free, **{part: value for part, value in letter.told.items() if part in wanted}})
