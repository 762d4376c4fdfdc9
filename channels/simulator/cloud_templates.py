"""Templates at the local Meta: submitted, looked at by nobody until a test says so, found by their name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, jsonify, request

from channels.simulator.cloud_rules import Refused

_NAME = re.compile(r"[a-z0-9_]{1,512}")
_CATEGORIES = {"UTILITY", "MARKETING", "AUTHENTICATION"}
_IN_A_PAGE = 2


@dataclass(slots=True)
class Shelved:
    """A template at Meta."""

    name: str
    language: str
    category: str
    body: str
    status: str = "PENDING"
    rejected_reason: str = "NONE"


@dataclass
class Templates:
    """The templates of a business account, by their names."""

    shelved: dict[str, Shelved] = field(default_factory=dict)

    def submit(self, wanted: Mapping[str, Any]) -> Shelved:
        """Take a template as Meta would, or raise what it would refuse."""
        name, category = str(wanted.get("name", "")), str(wanted.get("category", ""))
        parts = {each.get("type"): each for each in wanted.get("components", [])}
        body = parts.get("BODY", {})
        values = re.findall(r"{{\d+}}", body.get("text", ""))
        samples = (body.get("example", {}).get("body_text") or [[]])[0]
        fitting = _NAME.fullmatch(name) and category in _CATEGORIES and body and len(values) == len(samples)
        if not fitting or name in self.shelved:
            raise Refused(100)
        self.shelved[name] = Shelved(name, str(wanted["language"]), category, body["text"])
        return self.shelved[name]

    def words(self, message: Mapping[str, Any]) -> str:
        """How a citizen reads the template that *message* names, or raise what Meta would refuse."""
        inner = message["template"]
        found = self.shelved.get(inner["name"])
        if found is None or found.language != inner["language"]["code"]:
            raise Refused(132001)
        if found.status != "APPROVED":
            raise Refused(132015)
        values = [str(each["text"]) for part in inner.get("components", []) for each in part["parameters"]]
        if len(values) != len(re.findall(r"{{\d+}}", found.body)):
            raise Refused(132000)
        return re.sub(r"{{(\d+)}}", lambda place: values[int(place[1]) - 1], found.body)


def serve(app: Flask, templates: Templates, waba: str) -> None:
    """Let *app* take and tell the templates of the business account *waba*."""

    @app.post(f"/<version>/{waba}/message_templates")
    def submit(version: str) -> Response:  # noqa: ARG001 # part of the path
        made = templates.submit(request.get_json())
        return jsonify(id="1", status=made.status, category=made.category)

    @app.get(f"/<version>/{waba}/message_templates")
    def listing(version: str) -> Response:  # noqa: ARG001 # part of the path
        wanted = request.args.get("name", "")
        found = [each for each in templates.shelved.values() if wanted in each.name]
        first = request.args.get("after", 0, type=int)
        page, beyond = found[first : first + _IN_A_PAGE], first + _IN_A_PAGE
        paging = {"cursors": {"after": str(beyond)}} | ({"next": "…"} if beyond < len(found) else {})
        return jsonify(data=[_told(each) for each in page], paging=paging)


def _told(each: Shelved) -> dict[str, str]:
    return {
        "name": each.name,
        "language": each.language,
        "category": each.category,
        "status": each.status,
        "rejected_reason": each.rejected_reason,
    }
