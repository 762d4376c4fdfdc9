"""What a phone of the demo can send, and how it shows what the office sends."""

from uuid import uuid4

from channels.simulator import PhoneMessage
from handlers.demo.desk import DemoRuntime
from handlers.demo.people import Citizen

TEXT, VOICE, IMAGE, STICKER, LOCATION = "text", "voice", "image", "sticker", "location"
DOCUMENT = "document"
KINDS = (TEXT, VOICE, IMAGE, DOCUMENT, STICKER, LOCATION)
_TYPES = {VOICE: "audio/ogg", IMAGE: "image/jpeg", DOCUMENT: "application/pdf", STICKER: "image/webp"}
_PLACE = {"Latitude": "-3.9985", "Longitude": "121.7983", "Label": "Tirawuta", "Address": "Kolaka Timur"}
_SHOWN_AS = {f"[{kind}]": name for name, kind in _TYPES.items()}


def send(runtime: DemoRuntime, citizen: Citizen, sender: str, kind: str, text: str) -> int:
    """Let *citizen* send something to our number *sender*; the HTTP status of the desk's answer."""
    return runtime.twilio.citizen_writes(
        citizen.address,
        sender,
        text if kind == TEXT else "",
        media=_TYPES.get(kind),
        profile_name=citizen.name,
        sid=("SM" if kind == TEXT else "MM") + uuid4().hex,
        more=_PLACE if kind == LOCATION else None,
    )


def kind_of(sid: str, text: str) -> str:
    """What a citizen's message was, from its id and from what the provider shows of it."""
    if sid.startswith("SM"):
        return TEXT
    return _SHOWN_AS.get(text, LOCATION)


def file_of(runtime: DemoRuntime, message: PhoneMessage) -> dict[str, str] | None:
    """The file that came with an answer of the office, as the page draws it."""
    stored = None if message.from_citizen else runtime.twilio.shelf.find(message.sid)
    if stored is None:
        return None
    return {
        "kind": stored.kind.partition("/")[0],
        "name": stored.name or "berkas",
        "at": f"/demo/file/{message.sid}",
    }
