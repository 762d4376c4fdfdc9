"""Files at the local Twilio: given out as Twilio does, with a 404 at first, a redirect, a CDN behind it."""

import threading
import uuid
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from flask import Flask, Response, abort, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from channels.simulator.rules import NotLoopback
from channels.simulator.samples import sample

CDN = "cdn"
CDN_HOST = "mms.twiliocdn.com"
UNKNOWN = "application/octet-stream"
MOST_FILES = 500
MOST_BYTES = 16 * 1024 * 1024
NOT_FETCHED, WRONG_TYPE = "63019", "63021"
_SECONDS = 15.0


@dataclass(slots=True)
class Stored:
    """A file at Twilio. *not_yet*: how often it is not there yet; *key*: what signs the CDN's address."""

    kind: str
    content: bytes
    not_yet: int = 0
    name: str = ""
    key: str = field(default_factory=lambda: uuid.uuid4().hex)


class Shelf:
    """The files of messages, by the message's id. May be used from several threads.

    ``asked`` counts what was asked for; ``signed_in_elsewhere`` whether the CDN was ever shown a password.
    """

    def __init__(self, local: Callable[[str], str]) -> None:
        """*local*: where an address of the desk is on this machine."""
        self._local = local
        self._lock = threading.Lock()
        self._files: dict[str, Stored] = {}
        self._uncollected: dict[str, str] = {}
        self._failed: dict[str, str] = {}
        self._delays: deque[int] = deque()
        self.asked: Counter[str] = Counter()
        self.signed_in_elsewhere = False

    def not_yet_next(self, times: int) -> None:
        """The file of the next message is not there for the first *times*."""
        self._delays.append(times)

    def put(self, sid: str, kind: str, content: bytes | None = None, name: str = "") -> None:
        """Keep the file of a message; a sample of its kind without *content*."""
        with self._lock:
            delay = self._delays.popleft() if self._delays else 0
            self._files[sid] = Stored(kind, sample(kind) if content is None else content, delay, name)
            while len(self._files) > MOST_FILES:
                del self._files[next(iter(self._files))]

    def find(self, sid: str) -> Stored | None:
        """The file of a message."""
        with self._lock:
            return self._files.get(sid)

    def forget(self, sid: str) -> bool:
        """Delete it; whether it was there."""
        with self._lock:
            return self._files.pop(sid, None) is not None

    def is_there(self, sid: str) -> bool:
        """Whether a file that was asked for has become available."""
        with self._lock:
            stored = self._files.get(sid)
            if stored is None or stored.not_yet:
                if stored:
                    stored.not_yet -= 1
                return False
            return True

    def collect_later(self, sid: str, url: str) -> None:
        """A message of ours brings a file that is to be fetched from *url*."""
        with self._lock:
            self._uncollected[sid] = url

    def reported(self, sid: str, report: str) -> str:
        """What is reported of a message: *report*, or that the file that goes along could not be fetched."""
        with self._lock:
            url = self._uncollected.pop(sid, None)
        if url is not None:
            kind, content, code = _fetched(self._local, url)
            if code:
                self._failed[sid] = code
            else:
                self.put(sid, kind, content, url.rpartition("/")[2])
        return f"failed:{self._failed[sid]}" if sid in self._failed else report


def _fetched(local: Callable[[str], str], url: str) -> tuple[str, bytes, str]:
    """The type and the content of what is at *url*, asked for with HEAD and GET; a code where that fails."""
    try:
        place = urlsplit(local(url))
        head_status, head, _ = _asked("HEAD", place.netloc, place.path)
        status, headers, content = _asked("GET", place.netloc, place.path)
    except (OSError, HTTPException, NotLoopback):
        return "", b"", NOT_FETCHED
    if (head_status, status) != (200, 200) or not content or len(content) > MOST_BYTES:
        return "", b"", NOT_FETCHED
    kind = headers.get("content-type", "").partition(";")[0]
    if head.get("content-type") != headers.get("content-type") or not _is_what_it_says(kind, content):
        return "", b"", WRONG_TYPE
    return kind, content, ""


def _asked(method: str, host: str, path: str) -> tuple[int, Mapping[str, str], bytes]:
    connection = HTTPConnection(host, timeout=_SECONDS)
    try:
        connection.request(method, path, headers={"User-Agent": "TwilioProxy/1.1"})
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, headers, answer.read(MOST_BYTES + 1)
    finally:
        connection.close()


_BEGINNINGS = {
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG",
    "application/pdf": b"%PDF-",
    "audio/ogg": b"OggS",
    "audio/mpeg": b"",
    "audio/aac": b"\xff",
    "audio/amr": b"#!AMR",
    "audio/mp4": b"",
    "video/mp4": b"",
    "video/3gpp": b"",
    "application/msword": b"\xd0\xcf\x11\xe0",
    "text/vcard": b"BEGIN:VCARD",
}
_ZIPPED = "application/vnd.openxmlformats-officedocument."


def _is_what_it_says(kind: str, content: bytes) -> bool:
    """Whether WhatsApp takes such a file, and it begins like one."""
    beginning = b"PK\x03\x04" if kind.startswith(_ZIPPED) else _BEGINNINGS.get(kind)
    return beginning is not None and content.startswith(beginning)


def serve(app: Flask, shelf: Shelf, account_sid: str) -> None:
    """Let *app* give out the files of *shelf*: from the API's address, then from the CDN's."""
    path = "/2010-04-01/Accounts/<account>/Messages/<sid>/Media/ME<media>"

    @app.get(path)
    def media(account: str, sid: str, media: str) -> BaseResponse:
        shelf.asked[sid] += 1
        stored = shelf.find(sid)
        if media != sid[2:] or stored is None or not shelf.is_there(sid):
            abort(404)
        return redirect(f"https://{CDN_HOST}/{account}/ME{media}?signed={stored.key}&of={sid}", 307)

    @app.delete(f"{path}.json")
    def delete(account: str, sid: str, media: str) -> Response:  # noqa: ARG001 # part of the path
        return Response(status=204 if shelf.forget(sid) else 404)

    @app.get("/<account>/ME<media>", endpoint=CDN)
    def cdn(account: str, media: str) -> Response:  # noqa: ARG001 # part of the path
        shelf.signed_in_elsewhere |= request.authorization is not None
        stored = shelf.find(request.args.get("of", ""))
        named = request.host == CDN_HOST and account == account_sid
        if not named or stored is None or stored.key != request.args.get("signed"):
            abort(403)
        return Response(stored.content, content_type=stored.kind)
