"""Twilio's form fields in our words. Decides nothing, and takes what it doesn't know as normal."""

import json
import re
from collections.abc import Iterable, Mapping

from bot import keywords
from bot.events import Content
from channels.contract import Inbound, Media, Receipt

CHANNEL = "whatsapp"
PREFIX = "whatsapp:"
LONGEST_TEXT = 65_536
# A signature has no separators between fields: a longer id could be an old one with the next field pulled in,
# and would pass as a new message.
LONGEST_SID = 34
LONGEST_ADDRESS = 254
LONGEST_WORD = 255
MOST_MEDIA = 10

_KEYWORDS = {"STOP": keywords.STOP, "START": keywords.START, "HELP": keywords.HELP}
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_COUNT = re.compile("0*[1-9][0-9]{0,8}")
_KINDS = {
    "image/webp": Content.STICKER,
    "text/vcard": Content.CONTACT,
    "text/x-vcard": Content.CONTACT,
    "text/directory": Content.CONTACT,
}
_FAMILIES = {"image": Content.IMAGE, "audio": Content.VOICE, "video": Content.VIDEO}
# Undocumented, so only a hint where nothing else tells.
_HINTS = {
    "audio": Content.VOICE,
    "contact": Content.CONTACT,
    "contacts": Content.CONTACT,
    "document": Content.DOCUMENT,
    "image": Content.IMAGE,
    "location": Content.LOCATION,
    "sticker": Content.STICKER,
    "video": Content.VIDEO,
    "voice": Content.VOICE,
}


class Unreadable(Exception):
    """A request lacks what a message or receipt can't do without. Holds names of parameters, never values."""

    def __init__(self, lacking: str, present: Iterable[str]) -> None:
        self.lacking = lacking
        self.present = tuple(sorted(name[:64] for name in present))[:64]
        super().__init__(f"no usable {lacking} among {', '.join(self.present) or 'no parameters'}")


def read_message(form: Mapping[str, str]) -> Inbound:
    """A citizen's message from an inbound request. Raises ``Unreadable``, and nothing else.

    Addresses lose their ``whatsapp:`` and are otherwise what arrived: ``+6281…`` or ``ID.123…``.
    Everything that is returned can be stored: no NUL, nothing longer than ``LONGEST_TEXT``.
    """
    fields = _storable_fields(form)
    address = _address(fields, "From")
    media = _media(fields)
    content = _content(fields, media)
    return Inbound(
        channel=CHANNEL,
        account=fields.get("AccountSid", "")[:64],
        external_id=_sid(fields, "MessageSid", "SmsMessageSid", "SmsSid"),
        sender=_address(fields, "To"),
        address=address,
        aliases=_aliases(fields, address),
        profile_name=fields.get("ProfileName", "").strip()[:LONGEST_WORD],
        text=_text(fields, content),
        content=content,
        choice=_choice(fields),
        replies_to=_replied(fields.get("OriginalRepliedMessageSid", "")),
        media=media,
        raw=fields,
    )


def read_status(form: Mapping[str, str], mid: str | None) -> Receipt:
    """What a status callback says; *mid* is our id from its query. Raises ``Unreadable``, nothing else."""
    fields = _storable_fields(form)
    status = _first(fields, "MessageStatus", "SmsStatus").strip().lower()
    if not status:
        raise Unreadable("MessageStatus", fields)
    return Receipt(
        channel=CHANNEL,
        external_id=_sid(fields, "MessageSid", "SmsSid"),
        mid=_ours(mid),
        status=status[:32],
        error_code=_error_code(fields),
        error_text=_first(fields, "ErrorMessage", "ChannelStatusMessage")[:1000] or None,
        raw=fields,
    )


def _storable(value: str) -> str:
    short = value[:LONGEST_TEXT]
    return short if short.isprintable() else _UNSTORABLE.sub("", short)


def _storable_fields(form: Mapping[str, str]) -> dict[str, str]:
    # Of a repeated name, a MultiDict gives the first value here.
    return {_storable(name): _storable(value) for name, value in form.items()}


def _first(fields: Mapping[str, str], *names: str) -> str:
    """The first of *names* that holds more than blanks, else nothing."""
    return next((value for name in names if (value := fields.get(name, "")).strip()), "")


def _sid(fields: Mapping[str, str], *names: str) -> str:
    sid = _first(fields, *names)
    if not sid or len(sid) > LONGEST_SID:
        raise Unreadable(names[0], fields)
    return sid


def _address(fields: Mapping[str, str], name: str) -> str:
    """An address without its prefix. One without the prefix came by SMS, where senders can be forged."""
    value = fields.get(name, "")
    address = value.removeprefix(PREFIX)
    if address == value or not address.strip() or len(address) > LONGEST_ADDRESS:
        raise Unreadable(name, fields)
    return address


def _aliases(fields: Mapping[str, str], address: str) -> tuple[str, ...]:
    ids = (fields.get(name, "").removeprefix(PREFIX) for name in ("ExternalUserId", "ParentExternalUserId"))
    usable = (each for each in ids if each.strip() and len(each) <= LONGEST_ADDRESS and each != address)
    return tuple(dict.fromkeys(usable))


def _media(fields: Mapping[str, str]) -> tuple[Media, ...]:
    return tuple(
        Media(url, fields.get(f"MediaContentType{number}", "")[:LONGEST_WORD])
        for number in range(MOST_MEDIA)
        if (url := fields.get(f"MediaUrl{number}", "").strip())
    )


def _content(fields: Mapping[str, str], media: tuple[Media, ...]) -> Content:
    kind = fields.get("MediaContentType0", "") or (media[0].content_type if media else "")
    if media or kind or _COUNT.fullmatch(fields.get("NumMedia", "").strip()):
        return _media_content(kind, fields.get("MessageType", ""))
    if _is_location(fields):
        return Content.LOCATION
    if _first(fields, "Body", "ButtonText", "ListTitle"):
        return Content.TEXT
    return _HINTS.get(fields.get("MessageType", "").strip().lower(), Content.EMPTY)


def _media_content(kind: str, hint: str) -> Content:
    mime = kind.partition(";")[0].strip().lower()
    if not mime:
        return _HINTS.get(hint.strip().lower(), Content.DOCUMENT)
    return _KINDS.get(mime) or _FAMILIES.get(mime.partition("/")[0], Content.DOCUMENT)


def _is_location(fields: Mapping[str, str]) -> bool:
    return bool(_first(fields, "Latitude") and _first(fields, "Longitude"))


def _text(fields: Mapping[str, str], content: Content) -> str:
    if content is Content.LOCATION and _is_location(fields):
        return _location_text(fields)
    return _first(fields, "Body", "ButtonText", "ListTitle") or fields.get("Body", "")


def _location_text(fields: Mapping[str, str]) -> str:
    """What was written beside a place, its name and address, and the place itself, a line each."""
    words = [fields.get(name, "").strip() for name in ("Body", "Label", "Address")]
    place = f"{fields['Latitude'].strip()}, {fields['Longitude'].strip()}"
    return "\n".join([*dict.fromkeys(word for word in words if word), place])[:LONGEST_TEXT]


def _choice(fields: Mapping[str, str]) -> str | None:
    """What was tapped, or the keyword that Twilio's Advanced Opt-Out has acted on by itself.

    What is longer than an id of ours can be is somebody else's.
    """
    if keyword := _KEYWORDS.get(fields.get("OptOutType", "").strip().upper()):
        return keyword
    tapped = _first(fields, "ListId", "ButtonPayload") or _in_rich_reply(fields.get("InteractiveData", ""))
    return tapped[:LONGEST_WORD] or None


def _in_rich_reply(written: str) -> str:
    """The id in a rich reply, in the words of WhatsApp or of Twilio; nothing where it holds none."""
    if not written:
        return ""
    try:
        told = json.loads(written)
    except (ValueError, RecursionError):
        return ""
    told = told if isinstance(told, dict) else {}
    kinds = [told, *(told.get(name) for name in ("list_reply", "button_reply", "interactive"))]
    ids = (kind.get("id") for kind in kinds if isinstance(kind, dict))
    return next((each for each in ids if isinstance(each, str) and each.strip()), "")


def _replied(sid: str) -> str | None:
    return sid.strip() if 0 < len(sid.strip()) <= LONGEST_SID else None


def _ours(mid: str | None) -> str | None:
    """Our own ids are UUIDs; what is longer was not made by us."""
    cleaned = _storable(mid or "").strip()
    return cleaned if 0 < len(cleaned) <= 36 else None


def _error_code(fields: Mapping[str, str]) -> str | None:
    code = fields.get("ErrorCode", "").strip()[:32]
    return code if code not in {"", "0"} else None
