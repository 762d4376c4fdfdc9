"""The templates that the local Twilio knows, and the rules by which Twilio and WhatsApp take them."""

import json
import re
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeGuard

from channels.simulator.rules import Refused

TEXT, QUICK_REPLY, LIST_PICKER = "twilio/text", "twilio/quick-reply", "twilio/list-picker"
CATEGORIES = ("UTILITY", "MARKETING", "AUTHENTICATION")
BAD_REQUEST = 20001
LONGEST_BODY, MOST_BUTTONS_IN_SESSION = 1024, 3
_PLACEHOLDER = re.compile(r"\{\{(\w{1,16})\}\}")
_NAME = re.compile(r"[a-z0-9_]{1,512}")


@dataclass(slots=True)
class Approval:
    """What WhatsApp thinks of a template that was submitted under *name*."""

    name: str
    category: str
    status: str = "pending"
    reason: str = ""


@dataclass(slots=True)
class Content:
    """A template: its *types* are Twilio's own, of which the first is what a phone shows."""

    sid: str
    friendly_name: str
    language: str
    variables: Mapping[str, str]
    types: Mapping[str, Mapping[str, Any]]
    made_at: datetime
    approval: Approval | None = None

    @property
    def kind(self) -> str:
        """The name of its type."""
        return next(iter(self.types))

    @property
    def body(self) -> str:
        """Its words, with their placeholders."""
        return str(self.types[self.kind].get("body", ""))

    @property
    def choices(self) -> tuple[tuple[str, str, str], ...]:
        """What can be tapped: an id, a title and a description each."""
        shown = self.types[self.kind]
        buttons = ((each["id"], each["title"], "") for each in shown.get("actions", ()))
        rows = ((each["id"], each["item"], each.get("description") or "") for each in shown.get("items", ()))
        return (*buttons, *rows)


@dataclass(frozen=True, slots=True)
class Shown:
    """A template as a phone shows it. *opens* is what the button of a list says."""

    text: str
    choices: tuple[tuple[str, str, str], ...] = ()
    opens: str = ""


class Contents:
    """The templates of an account. May be used from several threads.

    ``approves``: whether WhatsApp approves at once what is submitted.
    """

    def __init__(self, clock: Callable[[], datetime], *, approves: bool = False) -> None:
        self.approves = approves
        self._clock = clock
        self._lock = threading.RLock()
        self._known: dict[str, Content] = {}
        self._rejected: set[str] = set()

    def create(self, asked: Mapping[str, Any]) -> Content:
        """A new template. Raises ``Refused`` for what Twilio would not take; equal names are no fault."""
        types = {name: value for name, value in _mapping(asked.get("types")).items() if value is not None}
        variables = _variables(asked.get("variables"))
        name, language = asked.get("friendly_name") or "", asked.get("language")
        if not isinstance(language, str) or not re.fullmatch(r"[a-z]{2}(_[A-Z]{2})?", language):
            raise Refused(BAD_REQUEST)
        _check(types)
        content = Content("HX" + uuid.uuid4().hex, str(name), language, variables, types, self._clock())
        with self._lock:
            self._known[content.sid] = content
        return content

    def put(self, sid: str, body: str) -> None:
        """A text that was made and approved before, under this *sid*."""
        approval = Approval(sid.lower(), "UTILITY", "approved")
        with self._lock:
            self._known[sid] = Content(sid, sid, "id", {}, {TEXT: {"body": body}}, self._clock(), approval)

    def all(self) -> Sequence[Content]:
        """Every template, newest first."""
        with self._lock:
            return list(reversed(self._known.values()))

    def one(self, sid: str) -> Content:
        """The template with this sid. Raises ``Refused`` when there is none."""
        with self._lock:
            if sid not in self._known:
                raise Refused(20404)
            return self._known[sid]

    def delete(self, sid: str) -> None:
        """Forget a template."""
        with self._lock:
            del self._known[self.one(sid).sid]

    def submit(self, sid: str, asked: Mapping[str, Any]) -> Approval:
        """Let WhatsApp look at it. Raises ``Refused`` for a name or category that it doesn't take."""
        name, category = asked.get("name"), asked.get("category")
        with self._lock:
            content = self.one(sid)
            fits = isinstance(name, str) and _NAME.fullmatch(name) and category in CATEGORIES
            if not fits or content.kind == LIST_PICKER or content.approval or self._is_taken(content, name):
                raise Refused(BAD_REQUEST)
            content.approval = Approval(str(name), str(category), "approved" if self.approves else "pending")
            return content.approval

    def judge(self, sid: str, status: str, reason: str = "", category: str = "") -> None:
        """WhatsApp has looked at it, or looked again."""
        with self._lock:
            approval = self.one(sid).approval
            if approval is None:
                raise LookupError(sid)
            approval.status, approval.reason = status, reason
            approval.category = category or approval.category
            if status == "rejected":
                self._rejected.add(approval.name)

    def shown(self, sid: str, variables: str, *, in_window: bool) -> Shown:
        """How a phone shows it with *variables*. Raises ``Refused`` with the code of what is wrong."""
        with self._lock:
            content = self._known.get(sid)
        if content is None:
            raise Refused(21655)
        approved = content.approval is not None and content.approval.status == "approved"
        if not (in_window or approved):
            raise Refused(63016)
        if not approved and len(content.choices) > MOST_BUTTONS_IN_SESSION and content.kind == QUICK_REPLY:
            raise Refused(63021)
        text = _filled(content, json.loads(variables or "{}"))
        return Shown(text, content.choices, str(content.types[content.kind].get("button") or ""))

    def _is_taken(self, content: Content, name: object) -> bool:
        """A rejected name can't be used again, and one in use only for another language."""
        named = (each for each in self._known.values() if each.approval and each.approval.name == name)
        return name in self._rejected or any(each.language == content.language for each in named)


def _filled(content: Content, given: Mapping[str, Any]) -> str:
    values = {**content.variables, **{name: str(value) for name, value in given.items()}}
    if any(not value.strip() for value in values.values()):
        raise Refused(21656)
    if any("     " in value for value in values.values()):
        raise Refused(63013)
    if not set(_PLACEHOLDER.findall(content.body)) <= values.keys():
        raise Refused(63028)
    text = _PLACEHOLDER.sub(lambda found: values[found[1]], content.body)
    if len(text.encode("utf-16-le")) > LONGEST_BODY * 2:
        raise Refused(63021)
    return text


def _check(types: Mapping[str, Any]) -> None:
    if not types:
        raise Refused(BAD_REQUEST)
    for name, value in types.items():
        rule = _RULES.get(name)
        shown = _mapping(value)
        if rule is None or not _is_text(shown.get("body"), LONGEST_BODY) or not rule(shown):
            raise Refused(BAD_REQUEST)


def _are_buttons(shown: Mapping[str, Any]) -> bool:
    actions = shown.get("actions")
    return (
        _are_mappings(actions)
        and 1 <= len(actions) <= 10
        and all(_is_text(each.get("title"), 20) and _is_text(each.get("id"), 200) for each in actions)
        and _differ([each["id"] for each in actions])
    )


def _is_list(shown: Mapping[str, Any]) -> bool:
    items = shown.get("items")
    return (
        _are_mappings(items)
        and _is_text(shown.get("button"), 20)
        and 1 <= len(items) <= 10
        and all(_is_text(each.get("item"), 24) and _is_text(each.get("id"), 200) for each in items)
        and all(len(each.get("description") or "") <= 72 for each in items)
        and _differ([each["id"] for each in items])
    )


_RULES: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    TEXT: lambda _: True,
    QUICK_REPLY: _are_buttons,
    LIST_PICKER: _is_list,
}


def _are_mappings(value: object) -> TypeGuard[list[Mapping[str, Any]]]:
    return isinstance(value, list) and all(isinstance(each, Mapping) for each in value)


def _differ(ids: Sequence[str]) -> bool:
    return len(set(ids)) == len(ids)


def _is_text(value: object, longest: int) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= longest


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Refused(BAD_REQUEST)
    return value


def _variables(value: object) -> Mapping[str, str]:
    given = _mapping(value or {})
    fits = len(given) <= 100 and all(len(name) <= 16 for name in given)
    if not fits or not all(isinstance(each, str) and len(each) <= 1600 for each in given.values()):
        raise Refused(BAD_REQUEST)
    return given
