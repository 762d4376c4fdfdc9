"""What Meta's Cloud API refuses, and how an outgoing message reads on a phone."""

import re
from collections.abc import Mapping
from typing import Any

LONGEST_TEXT = 4096
LONGEST_BODY = 1024

_REFUSALS: Mapping[int, tuple[int, str]] = {
    100: (400, "(#100) Invalid parameter"),
    190: (401, "Invalid OAuth access token."),
    130429: (429, "(#130429) Rate limit hit"),
    131000: (500, "(#131000) Something went wrong"),
    131008: (400, "(#131008) Required parameter is missing"),
    131009: (400, "(#131009) Parameter value is not valid"),
    131021: (400, "(#131021) Recipient cannot be sender"),
    131026: (400, "(#131026) Message undeliverable"),
    131047: (400, "(#131047) Re-engagement message"),
    131051: (400, "(#131051) Unsupported message type"),
    131056: (400, "(#131056) (Business Account, Consumer Account) pair rate limit hit"),
    132000: (400, "(#132000) Number of parameters does not match the expected number of params"),
    132015: (400, "(#132015) Template is paused"),
    132001: (404, "(#132001) Template name does not exist in the translation"),
}
_NUMBER = re.compile(r"\+?[1-9]\d{6,14}")
EXTERNAL_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
_FILES = ("image", "video", "audio", "document", "sticker")
Message = Mapping[str, Any]


class Refused(Exception):
    """A request that is answered with one of Meta's errors."""

    def __init__(self, code: int, status: int | None = None) -> None:
        usual, self.message = _REFUSALS.get(code, (400, f"(#{code}) Scripted failure"))
        self.code = code
        self.status = status or usual

    def answer(self) -> dict[str, Any]:
        """The body of the answer, as Meta writes it."""
        data = {"messaging_product": "whatsapp", "details": self.message}
        error = {"message": self.message, "type": "OAuthException", "code": self.code}
        return {"error": {**error, "error_data": data, "fbtrace_id": "A1b2C3"}}


def fault_in(message: Any, sender: str) -> int | None:
    """The code of what is wrong with a message to be sent, its window apart; None when nothing is."""
    if not isinstance(message, dict):
        return 100
    checks = (_recipient_fault, _kind_fault)
    if message.get("to", "").removeprefix("+") == sender.removeprefix("+"):
        return 131021
    return next((code for check in checks if (code := check(message))), None)


def _recipient_fault(message: Message) -> int | None:
    if message.get("messaging_product") != "whatsapp":
        return 100
    to, recipient = message.get("to", ""), message.get("recipient", "")
    if not to and not recipient:
        return 131008
    if len(str(message.get("biz_opaque_callback_data", ""))) > 512:
        return 131009
    if to:
        return None if _NUMBER.fullmatch(to) or EXTERNAL_ID.fullmatch(to) else 131009
    return None if EXTERNAL_ID.fullmatch(recipient) else 131009


def _kind_fault(message: Message) -> int | None:
    kind = message.get("type", "text")
    inner = message.get(kind)
    if not isinstance(inner, dict):
        return 131008
    if kind == "text":
        return _length_fault(inner.get("body"), LONGEST_TEXT)
    if kind == "interactive":
        return _interactive_fault(inner)
    if kind == "template":
        return None if inner.get("name") and inner.get("language", {}).get("code") else 131008
    if kind in _FILES:
        return _file_fault(kind, inner)
    return 131051


def _length_fault(words: Any, most: int) -> int | None:
    if not isinstance(words, str) or not words.strip():
        return 131008
    return 131009 if len(words) > most else None


def _file_fault(kind: str, inner: Message) -> int | None:
    if bool(inner.get("id")) == bool(inner.get("link")):
        return 131008
    if len(inner.get("caption", "")) > LONGEST_BODY or (
        inner.get("caption") and kind in {"audio", "sticker"}
    ):
        return 131009
    return None


def _interactive_fault(inner: Message) -> int | None:
    kind, action = inner.get("type"), inner.get("action", {})
    if fault := _length_fault(inner.get("body", {}).get("text"), LONGEST_BODY):
        return fault
    if kind == "button":
        return _buttons_fault([each.get("reply", {}) for each in action.get("buttons", [])])
    return _list_fault(action) if kind == "list" else 131009


def _buttons_fault(buttons: list[Message]) -> int | None:
    titles = [each.get("title", "") for each in buttons]
    fitting = all(0 < len(title) <= 20 for title in titles) and len(set(titles)) == len(titles)
    return None if 0 < len(buttons) <= 3 and fitting and _are_ids(buttons, 256) else 131009


def _list_fault(action: Message) -> int | None:
    sections = action.get("sections", [])
    rows = [row for section in sections for row in section.get("rows", [])]
    named = len(sections) == 1 or all(section.get("title") for section in sections)
    fitting = all(0 < len(row.get("title", "")) <= 24 for row in rows)
    fitting = fitting and all(len(row.get("description", " ")) in range(1, 73) for row in rows)
    fitting = fitting and 0 < len(action.get("button", "")) <= 20 and 0 < len(sections) <= 10
    return None if 0 < len(rows) <= 10 and named and fitting and _are_ids(rows, 200) else 131009


def _are_ids(each: list[Message], longest: int) -> bool:
    ids = [one.get("id", "") for one in each]
    return all(0 < len(one) <= longest for one in ids) and len(set(ids)) == len(ids)


def link_in(message: Message) -> str:
    """Where the file that goes along is to be fetched; empty where none does."""
    kind = message.get("type", "text")
    return str(message[kind].get("link", "")) if kind in _FILES else ""


def shown(message: Message) -> str:
    """What a citizen reads."""
    kind = message.get("type", "text")
    inner = message[kind]
    if kind == "text":
        return str(inner["body"])
    if kind == "interactive":
        return str(inner["body"]["text"])
    return str(inner.get("caption") or f"[{kind}]")


def tappable(message: Message) -> tuple[tuple[tuple[str, str, str], ...], str]:
    """What can be tapped, an id, a title and a description each, and the word that opens a list of them."""
    inner = message.get("interactive", {})
    action = inner.get("action", {})
    replies = [each["reply"] for each in action.get("buttons", [])]
    rows = [row for section in action.get("sections", []) for row in section["rows"]]
    found = ((each["id"], each["title"], each.get("description", "")) for each in replies + rows)
    return tuple(found), str(action.get("button", ""))
