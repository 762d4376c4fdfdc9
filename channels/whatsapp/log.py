"""Twilio's own log: what came to a number and left from it, and what became of one message."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from twilio.base.exceptions import TwilioRestException

from channels.contract import Inbound, Logged, Receipt
from channels.whatsapp.reading import CHANNEL, PREFIX, read_message

PAGE = 1000
VERSION = "2010-04-01"
_GONE = 404


def status(messages: Any, external_id: str) -> Receipt | None:
    """What became of a message; None when Twilio has it no more."""
    try:
        found = messages(external_id).fetch()
    except TwilioRestException as error:
        if error.status == _GONE:
            return None
        raise
    return _receipt(found)


def read(messages: Any, sender: str, since: datetime, until: datetime) -> list[Logged]:
    """Everything to and from *sender* that was sent from *since* on and before *until*, oldest first.

    Twilio lists the newest first, and may look at the dates only: so the moments are looked at here again.
    """
    number = PREFIX + sender
    ways = (("to", True), ("from_", False))
    found = [
        each for way, inbound in ways for each in _listed(messages, {way: number}, since, until, inbound)
    ]
    found.reverse()
    return sorted(found, key=lambda each: each.at)


def _listed(
    messages: Any, way: dict[str, str], since: datetime, until: datetime, inbound: bool
) -> Iterator[Logged]:
    listed = messages.stream(date_sent_after=since, date_sent_before=until, page_size=PAGE, **way)
    for each in listed:
        told = _logged(each, inbound)
        if told is not None and since <= told.at < until:
            yield told


def _logged(each: Any, inbound: bool) -> Logged | None:
    """None for what was not sent yet, for SMS, and for what Twilio lists on the other side."""
    ours, theirs = (each.to, each.from_) if inbound else (each.from_, each.to)
    is_chat = all(str(end or "").startswith(PREFIX) for end in (ours, theirs))
    if each.date_sent is None or not is_chat or (each.direction == "inbound") is not inbound:
        return None
    return Logged(
        external_id=str(each.sid),
        account=str(each.account_sid),
        inbound=inbound,
        sender=ours.removeprefix(PREFIX),
        address=theirs.removeprefix(PREFIX),
        text=str(each.body or ""),
        status=str(each.status or "").lower(),
        at=each.date_sent.astimezone(UTC),
        error_code=_code(each),
        files=int(each.num_media or 0),
    )


def missed(messages: Any, logged: Logged) -> Inbound:
    """A citizen's message of the log as its request would have told it: no profile name, no tapped button."""
    form = {
        "MessageSid": logged.external_id,
        "AccountSid": logged.account,
        "From": PREFIX + logged.address,
        "To": PREFIX + logged.sender,
        "Body": logged.text,
        "NumMedia": str(logged.files),
        "SmsStatus": "received",
        "DateSent": logged.at.isoformat(),
    }
    if logged.files:
        form |= _files(messages, logged)
    return replace(read_message(form), sent_at=logged.at)


def _files(messages: Any, logged: Logged) -> dict[str, str]:
    form = {}
    for number, file in enumerate(messages(logged.external_id).media.list()):
        place = f"/{VERSION}/Accounts/{logged.account}/Messages/{logged.external_id}/Media/{file.sid}"
        form[f"MediaUrl{number}"] = f"https://api.twilio.com{place}"
        form[f"MediaContentType{number}"] = str(file.content_type or "")
    return form


def _receipt(found: Any) -> Receipt:
    return Receipt(
        channel=CHANNEL,
        external_id=str(found.sid),
        mid=None,
        status=str(found.status or "").lower()[:32],
        error_code=_code(found),
        error_text=str(found.error_message)[:1000] if found.error_message else None,
        raw={"AccountSid": str(found.account_sid), "Source": "log"},
    )


def _code(found: Any) -> str | None:
    return str(found.error_code)[:32] if found.error_code else None
