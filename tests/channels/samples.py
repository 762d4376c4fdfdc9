"""Nine signed requests of Twilio, as project data."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request

_FILE: dict[str, Any] = json.loads(
    Path(__file__).with_name("whatsapp_samples.json").read_text(encoding="utf-8")
)
TOKEN: str = _FILE["token"]
SDK: dict[str, Any] = _FILE["sdk"]


@dataclass(frozen=True, slots=True)
class Sample:
    """One request and its two signatures: with the Auth Token, and as with a SharedKey."""

    name: str
    url: str
    params: dict[str, str]
    body: str
    sha1: str
    sha256: str


SAMPLES = [Sample(**each) for each in _FILE["samples"]]
BY_NAME = {sample.name: sample for sample in SAMPLES}


def posted(body: str) -> MultiDict[str, str]:
    """The form that Flask gives for *body*, as it came over the wire."""
    return Request.from_values(
        method="POST", data=body.encode(), content_type="application/x-www-form-urlencoded"
    ).form
