"""Meta's webhook events in our words. Decides nothing, and takes what it doesn't know as normal."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from channels.contract import Inbound, Receipt
from channels.whatsapp.cloud.contents import LONGEST_WORD, said
from channels.whatsapp.cloud.values import items, mapping, moment, storable, text, word
from channels.whatsapp.errors import WINDOW_CLOSED
from channels.whatsapp.reading import CHANNEL, LONGEST_ADDRESS

OUTSIDE_WINDOW = "131047"
LONGEST_ID = 255
LONGEST_ACCOUNT = 64
MESSAGES = "messages"
# A number that changed, and a message that was deleted again.
_SILENT = ("system", "revoke")


@dataclass(frozen=True, slots=True)
class Aside:
    """Something about a citizen that asks for no answer: a changed number, what was taken back."""

    message: Inbound


@dataclass(frozen=True, slots=True)
class Unread:
    """A part of an event that lacks what a message or a receipt can't do without; *raw* is all of it."""

    account: str
    lacking: str
    raw: Any


@dataclass(frozen=True, slots=True)
class Trouble:
    """What Meta reports about the account itself."""

    account: str
    code: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """What is none of the desk's business: a group's message, another field of the webhook."""

    what: str


Happening = Inbound | Aside | Receipt | Unread | Trouble | Ignored


def read_event(event: Any, numbers: Mapping[str, str]) -> Iterator[Happening]:
    """Everything an event tells, in its order. Raises nothing, whatever the shape.

    *numbers*: our number for each id at Meta that the signer may speak for. A message to another one gets
    that id as its sender, which no office owns. Addresses are as from Twilio, ``+6281…`` or ``ID.123…``, and
    everything can be stored.
    """
    entries = items(mapping(event).get("entry"))
    changes = [change for entry in entries for change in items(mapping(entry).get("changes"))]
    if not changes:
        yield Unread("", "entry", storable(event))
    for change in changes:
        yield from _change(change, numbers)


def _change(change: Any, numbers: Mapping[str, str]) -> Iterator[Happening]:
    field, value = word(mapping(change).get("field")), mapping(mapping(change).get("value"))
    if field and field != MESSAGES:
        yield Ignored(f"field {field[:64]}")
        return
    told = [
        *(_message(each, value, numbers) for each in sorted(items(value.get("messages")), key=_when)),
        *(_status(each, value) for each in items(value.get("statuses"))),
        *(_trouble(each, value) for each in items(value.get("errors"))),
    ]
    yield from told or [Unread(_account(value), "messages", storable(change))]


def _when(message: Any) -> datetime:
    """The order in which they were written is not that in which they are told."""
    return moment(mapping(message).get("timestamp")) or datetime.max.replace(tzinfo=UTC)


def _trouble(error: Any, value: Mapping[str, Any]) -> Trouble:
    return Trouble(_account(value), word(mapping(error).get("code"))[:32])


def _message(message: Any, value: Mapping[str, Any], numbers: Mapping[str, str]) -> Happening:
    given, account = mapping(message), _account(value)
    if given.get("group_id"):
        return Ignored("a group's message")
    contact = _contact(given, value)
    addresses = _addresses(given, contact)
    external_id = word(given.get("id"))
    if not addresses or not 0 < len(external_id) <= LONGEST_ID:
        return Unread(account, "from" if external_id else "id", storable(message))
    what = said(given)
    read = Inbound(
        channel=CHANNEL,
        account=account,
        external_id=external_id,
        sender=numbers.get(account) or account or "?",
        address=addresses[0],
        aliases=addresses[1:],
        profile_name=word(mapping(contact.get("profile")).get("name"))[:LONGEST_WORD],
        text=what.text,
        content=what.content,
        choice=what.choice,
        replies_to=_replied(given),
        media=what.media,
        raw={"message": storable(given), "contact": storable(contact)},
        sent_at=moment(given.get("timestamp")),
    )
    if _asks_for_nothing(given):
        return Aside(replace(read, text=text(mapping(given.get("system")).get("body"))))
    return read


def _replied(message: Mapping[str, Any]) -> str | None:
    """The message of ours that this one answers, or whose button was tapped."""
    external_id = word(mapping(message.get("context")).get("id"))
    return external_id if 0 < len(external_id) <= LONGEST_ID else None


def _asks_for_nothing(message: Mapping[str, Any]) -> bool:
    kind = word(message.get("type"))
    taken_back = kind == "reaction" and not word(mapping(message.get(kind)).get("emoji"))
    return kind in _SILENT or taken_back


def _status(status: Any, value: Mapping[str, Any]) -> Happening:
    given = mapping(status)
    external_id, word_for_it = word(given.get("id")), word(given.get("status")).lower()
    if not word_for_it or not 0 < len(external_id) <= LONGEST_ID:
        return Unread(_account(value), "status" if external_id else "id", storable(status))
    error = mapping(next(iter(items(given.get("errors"))), None))
    return Receipt(
        channel=CHANNEL,
        external_id=external_id,
        mid=_ours(given),
        status=word_for_it[:32],
        error_code=_code(error),
        error_text=_told(error),
        raw=storable(given),
        account=_account(value),
    )


def _code(error: Mapping[str, Any]) -> str | None:
    """The desk has one word for a closed window, which is Twilio's."""
    code = word(error.get("code"))[:32]
    return WINDOW_CLOSED if code == OUTSIDE_WINDOW else code or None


def _told(error: Mapping[str, Any]) -> str | None:
    details = word(mapping(error.get("error_data")).get("details"))
    words = (word(error.get("code")), word(error.get("title")) or word(error.get("message")), details)
    return " ".join(filter(None, words))[:1000] or None


def _ours(status: Mapping[str, Any]) -> str | None:
    """Our own ids are UUIDs; what is longer was not made by us."""
    mid = word(status.get("biz_opaque_callback_data"))
    return mid if 0 < len(mid) <= 36 else None


def _account(value: Mapping[str, Any]) -> str:
    return word(mapping(value.get("metadata")).get("phone_number_id"))[:LONGEST_ACCOUNT]


def _contact(message: Mapping[str, Any], value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Who writes, of those that the event names: by number or external id, or the only one."""
    contacts = [mapping(each) for each in items(value.get("contacts"))]
    number, external = word(message.get("from")), word(message.get("from_user_id"))
    for each in contacts:
        same = (number, word(each.get("wa_id"))), (external, word(each.get("user_id")))
        if any(wanted and wanted == given for wanted, given in same):
            return each
    return contacts[0] if len(contacts) == 1 and not (number or external) else {}


def _addresses(message: Mapping[str, Any], contact: Mapping[str, Any]) -> tuple[str, ...]:
    """The number where there is one, then the external ids: of users who hide theirs only those."""
    numbers = [word(message.get("from")) or word(contact.get("wa_id"))]
    externals = [word(message.get("from_user_id")), word(contact.get("user_id"))]
    parents = [word(message.get("from_parent_user_id")), word(contact.get("parent_user_id"))]
    found = (_address(each) for each in (*numbers, *externals, *parents))
    return tuple(dict.fromkeys(each for each in found if 0 < len(each) <= LONGEST_ADDRESS))


def _address(written: str) -> str:
    return f"+{written}" if written.isascii() and written.isdecimal() else written
