"""What the local Meta posts to the desk: the same happenings as the local Twilio's, in Meta's JSON."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

_PREFIX = "whatsapp:"
_KINDS = {"image/webp": "sticker", "text/vcard": "contacts", "text/x-vcard": "contacts"}
_FAMILIES = {"image": "image", "audio": "audio", "video": "video"}


def event(waba: str, values: Iterable[Mapping[str, Any]]) -> bytes:
    """An event with a change for each of *values*, escaped as Meta escapes it."""
    changes = [{"field": "messages", "value": value} for value in values]
    whole = {"object": "whatsapp_business_account", "entry": [{"id": waba, "changes": changes}]}
    return json.dumps(whole, separators=(",", ":")).encode()


def value_of(form: Mapping[str, str], number_id: str, mid: str, now: datetime) -> dict[str, Any]:
    """What Twilio would have posted as *form*, as Meta tells it."""
    inbound = form.get("SmsStatus") == "received"
    number = (form["To"] if inbound else form["From"]).removeprefix(_PREFIX)
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": number.removeprefix("+"), "phone_number_id": number_id},
    }
    if not inbound:
        return value | {"statuses": [_status(form, mid, now)]}
    return value | {"contacts": [_contact(form)], "messages": [_message(form, now)]}


def _ids(form: Mapping[str, str], side: str) -> tuple[str, str]:
    """The citizen's number, empty for one who hides it, and external id."""
    address = form[side].removeprefix(_PREFIX)
    external = form.get("ExternalUserId", "").removeprefix(_PREFIX)
    return (address.removeprefix("+"), external) if address.startswith("+") else ("", address)


def _filled(**values: Any) -> dict[str, Any]:
    """*values* without those that are empty: Meta leaves such keys out."""
    return {name: value for name, value in values.items() if value not in ("", None)}


def _contact(form: Mapping[str, str]) -> dict[str, Any]:
    number, external = _ids(form, "From")
    return {"profile": {"name": form.get("ProfileName", "")}, **_filled(wa_id=number, user_id=external)}


def _message(form: Mapping[str, str], now: datetime) -> dict[str, Any]:
    number, external = _ids(form, "From")
    kind, content = _content(form)
    sent = {"id": form["MessageSid"], "timestamp": str(int(now.timestamp())), "type": kind, kind: content}
    if answered := form.get("OriginalRepliedMessageSid"):
        sent["context"] = {"from": form["To"].removeprefix("whatsapp:+"), "id": answered}
    return _filled(**{"from": number}, from_user_id=external) | sent


def _content(form: Mapping[str, str]) -> tuple[str, Any]:
    if "ListId" in form:
        reply = {"id": form["ListId"], "title": form.get("ListTitle", "")}
        return "interactive", {"type": "list_reply", "list_reply": reply}
    if "ButtonPayload" in form:
        reply = {"id": form["ButtonPayload"], "title": form.get("ButtonText", "")}
        return "interactive", {"type": "button_reply", "button_reply": reply}
    if "Latitude" in form:
        place = {"latitude": float(form["Latitude"]), "longitude": float(form["Longitude"])}
        return "location", place | _filled(name=form.get("Label", ""), address=form.get("Address", ""))
    if form.get("NumMedia", "0") != "0":
        return _file(form)
    return "text", {"body": form.get("Body", "")}


def _file(form: Mapping[str, str]) -> tuple[str, Any]:
    mime = form.get("MediaContentType0", "")
    kind = _KINDS.get(mime) or _FAMILIES.get(mime.partition("/")[0], "document")
    if kind == "contacts":
        return kind, [{"name": {"formatted_name": "Siti"}, "phones": [{"phone": "+62 812-0000-0000"}]}]
    name = media_id(form["MessageSid"])
    caption = {} if kind in {"audio", "sticker"} else _filled(caption=form.get("Body", ""))
    return kind, {"id": name, "mime_type": mime} | caption | ({"voice": True} if kind == "audio" else {})


def media_id(message_id: str) -> str:
    """The id of the file that came with a message: digits, as Meta's are."""
    return str(int(hashlib.sha256(message_id.encode()).hexdigest()[:12], 16))


def _status(form: Mapping[str, str], mid: str, now: datetime) -> dict[str, Any]:
    number, external = _ids(form, "To")
    told: dict[str, Any] = {"id": form["MessageSid"], "status": form["MessageStatus"]}
    told["timestamp"] = str(int(now.timestamp()))
    told |= _filled(recipient_id=number, recipient_user_id=external, biz_opaque_callback_data=mid)
    if code := form.get("ErrorCode"):
        data = {"details": "Scripted failure"}
        told["errors"] = [{"code": int(code), "title": "Failed", "message": "Failed", "error_data": data}]
    return told
