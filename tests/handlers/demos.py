"""A running demo for tests: the command, a visitor without a picture, and people with their webmail."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from tests.ports import free_port

SECONDS_TO_START = 120
SECONDS_TO_END = 90
SINTA_AT_KTM = "sinta@7411"
OFFICE = "bps7411@bps.go.id"


def command(folder: Path, *words: str, **pipes: Any) -> "subprocess.Popen[str]":
    environ = {**os.environ, "LOKET_DEMO_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "handlers.cli", *words]
    return subprocess.Popen(
        command, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **pipes
    )


Answer = tuple[int, str, Mapping[str, str]]
"""A status, a text and headers."""


@dataclass
class Visitor:
    """A browser without a picture: cookies, forms and the token of the page."""

    home: str
    opener: OpenerDirector = field(default_factory=lambda: build_opener(HTTPCookieProcessor(CookieJar())))

    def get(self, path: str, **headers: str) -> Answer:
        """A page."""
        return self.send(path, None, headers)

    def post(self, path: str, **fields: str) -> Answer:
        """A form, with the token that the demo gives its page."""
        return self.send(path, fields, {"X-CSRFToken": self.state()["token"]})

    def state(self, *keys: str) -> dict[str, Any]:
        """What the demo's page would draw now."""
        query = urlencode([("phone", key) for key in keys])
        drawn: dict[str, Any] = json.loads(self.get(f"/demo/state?{query}")[1])
        return drawn

    def phone(self, key: str = SINTA_AT_KTM) -> list[dict[str, Any]]:
        """The messages on a phone."""
        messages: list[dict[str, Any]] = self.state(key)["phones"][0]["messages"]
        return messages

    def writes(self, text: str, key: str = SINTA_AT_KTM) -> str:
        """A citizen writes; what comes back."""
        before = len(self.phone(key))
        assert self.post("/demo/write", phone=key, text=text, kind="text")[0] == 200
        return self.hears(before + 1, key)

    def hears(self, before: int, key: str = SINTA_AT_KTM) -> str:
        """The newest message, as soon as the phone holds more than *before*."""
        eventually(lambda: len(self.phone(key)) > before)
        return str(self.phone(key)[-1]["text"])

    def send(self, path: str, fields: Mapping[str, str] | None, headers: Mapping[str, str]) -> Answer:
        """Any request to the desk."""
        body = None if fields is None else urlencode(fields).encode()
        request = Request(self.home + path, body, dict(headers))  # noqa: S310 # the desk's own address
        try:
            with self.opener.open(request, timeout=120) as answer:
                return answer.status, answer.read().decode(), dict(answer.headers)
        except HTTPError as error:
            with error:
                return error.code, error.read().decode(), dict(error.headers)


def eventually(holds: Callable[[], bool], seconds: float = 120) -> None:
    """Wait until *holds*, or fail."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


@dataclass
class Demo:
    """A running demo, what it printed, and how long it took to be there."""

    running: "subprocess.Popen[str]"
    visitor: Visitor
    printed: str
    folder: Path

    def end(self) -> int:
        """Ask it to stop; its exit code."""
        self.running.send_signal(signal.SIGTERM)
        return self.running.wait(SECONDS_TO_END)


@contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    """A demo that serves, and ends with the block."""
    port = free_port()
    running = command(folder, "demo", "--port", str(port))
    try:
        yield Demo(running, Visitor(f"http://127.0.0.1:{port}"), _until_ready(running), folder)
    finally:
        _end(running)


def _end(running: "subprocess.Popen[str]") -> None:
    """In order, so that what it has started ends too."""
    running.terminate()
    try:
        running.communicate(timeout=2 * SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        running.kill()
        raise


def _until_ready(running: "subprocess.Popen[str]") -> str:
    printed = []
    assert running.stdout is not None
    for line in running.stdout:
        printed.append(line)
        if "Ctrl-C" in line:
            break
    return "".join(printed)


class Mailboxes:
    """The people of a demo with their webmail."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor

    def listed(self, who: str, folder: str = "masuk") -> list[dict[str, Any]]:
        """The rows of a folder, newest first."""
        shown = json.loads(self.visitor.get(f"/demo/surat/{who}/state")[1])
        rows: list[dict[str, Any]] = shown["folders"][folder]
        return rows

    def opened(self, who: str, uid: int, folder: str = "masuk") -> dict[str, Any]:
        """One mail."""
        mail: dict[str, Any] = json.loads(self.visitor.get(f"/demo/surat/{who}/{folder}/{uid}")[1])
        return mail

    def writes(self, who: str, text: str, subject: str = "Permohonan data", **more: str) -> None:
        """A new mail to the office, or what *more* says."""
        fields = {"to": OFFICE, "subject": subject, "text": text, **more}
        assert self.visitor.post(f"/demo/surat/{who}/kirim", **fields)[0] == 200

    def answers(self, who: str, mail: dict[str, Any], text: str) -> None:
        """A reply to a mail in the inbox."""
        self.writes(who, text, **mail["reply"], answers=f"masuk/{mail['uid']}")

    def next(self, who: str, before: int) -> dict[str, Any]:
        """The newest mail, as soon as there are more than *before*."""
        eventually(lambda: len(self.listed(who)) > before)
        return self.opened(who, self.listed(who)[0]["uid"])

    def behind(self) -> list[dict[str, Any]]:
        """The strip, newest first."""
        scenes: list[dict[str, Any]] = self.visitor.state()["behind"]
        return scenes

    def hears(self, title: str, times: int = 1, step: str = "masuk ke tiket") -> None:
        """Wait until the strip has *times* lines of this *title* that came to *step*."""
        eventually(
            lambda: sum(each["title"] == title and step in each["steps"] for each in self.behind()) == times
        )

    def an_hour_later(self) -> None:
        """What leaves a little later has left."""
        assert self.visitor.post("/demo/clock", hours="1")[0] == 204
