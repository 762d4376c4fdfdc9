"""A local stand-in for Meta's Cloud API, with the same phones on its other side as the local Twilio."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from channels.simulator.cloud_events import event, media_id, value_of
from channels.simulator.cloud_rules import EXTERNAL_ID, Refused, fault_in, link_in, shown, tappable
from channels.simulator.cloud_templates import Templates
from channels.simulator.posting import SECONDS_TO_POST
from channels.simulator.provider import LocalTwilio, PhoneMessage
from channels.simulator.rules import on_this_machine

WEBHOOK = "/webhooks/whatsapp-cloud"
_OURS = "mid:"
_A_MINUTE = timedelta(minutes=1)
_COUSINS = {
    "63016": "131047",
    "63018": "131056",
    "63019": "131053",
    "63021": "131053",
    "63024": "131026",
}


class LocalCloud(LocalTwilio):
    """Meta in place of Twilio: people write, read and are written to by the same calls.

    Everything is signed with the *app_secret* and posted as Meta's events. What the desk did not answer with
    200 waits in ``refused`` and is posted again by ``post_again``, as Meta does for a week. A message outside
    the window is taken, and reported as failed later; ``refuses_at_once``: it is refused. ``requests``: what
    was taken, as it came. ``files``: the message that brought each file, by the file's id.
    """

    def __init__(
        self,
        numbers: Mapping[str, str],
        *,
        app_secret: str,
        token: str,
        waba: str = "102290129340398",
        **how: Any,
    ) -> None:
        """*numbers*: our number for each id at Meta; the rest is as for ``LocalTwilio``."""
        self.numbers, self.app_secret = dict(numbers), app_secret
        self._ids = {number: number_id for number_id, number in numbers.items()}
        self.refuses_at_once = False
        self.most_a_minute: int | None = None
        self.refused: list[bytes] = []
        self.read: list[str] = []
        self.templates = Templates()
        self.files: dict[str, str] = {}
        self.requests: list[Mapping[str, Any]] = []
        self._gathered: list[dict[str, Any]] | None = None
        super().__init__(waba, token, senders=numbers.values(), **how)

    def citizen_writes(self, address: str, sender: str, text: str, **more: Any) -> int:
        """Post a signed message of a citizen to the desk; its HTTP status. ``OSError`` if it is away."""
        sid = more.get("sid") or _wamid()
        self.files[media_id(sid)] = sid
        return super().citizen_writes(address, sender, text, **more | {"sid": sid})

    @contextmanager
    def in_one_post(self) -> Iterator[None]:
        """What people write meanwhile leaves in a single event."""
        self._gathered = []
        try:
            yield
        finally:
            values, self._gathered = self._gathered, None
            self._deliver(event(self.sid, values))

    def post_again(self) -> list[int]:
        """Post everything that was refused once more, oldest first; the answers."""
        waiting, self.refused = self.refused, []
        return [self._deliver(body) for body in waiting]

    def take(self, number_id: str, request: Any) -> PhoneMessage:
        """Take a message as Meta would, or raise what it would refuse."""
        sender = self.numbers.get(number_id, "")
        if code := fault_in(request, sender):
            raise Refused(code)
        address = _addressed(request)
        is_open = request.get("type") == "template" or self._is_open(sender, address)
        text = self.templates.words(request) if request.get("type") == "template" else shown(request)
        if not is_open and self.refuses_at_once:
            raise Refused(131047)
        if self._is_too_much(sender, address):
            raise Refused(131056)
        return self._taken(sender, address, request, text, is_open=is_open)

    def _taken(self, sender: str, address: str, request: Any, text: str, *, is_open: bool) -> PhoneMessage:
        self.requests.append(request)
        mid = _OURS + request.get("biz_opaque_callback_data", "")
        message = PhoneMessage(_wamid(), sender, address, text, False, self.clock(), "queued", None, mid)
        message.choices, message.opens = tappable(request)
        if EXTERNAL_ID.fullmatch(request.get("to", "")):
            return message  # an external id in the wrong place: taken, and never seen again
        if link := link_in(request):
            self.shelf.collect_later(message.sid, link)
        usual = ("sent", "delivered", "read") if self.reads_at_once else ("sent", "delivered")
        with self._change():
            self._messages[message.sid] = message
            scripted = self._callbacks.popleft() if self._callbacks and is_open else usual
            self._report(message.sid, scripted if is_open else ("failed:131047",))
        return replace(message)

    def _post_callback(self, sid: str, report: str) -> None:
        """Twilio's word for a fault is said in Meta's."""
        word, colon, code = report.partition(":")
        super()._post_callback(sid, word + colon + _COUSINS.get(code, code))

    def _is_too_much(self, sender: str, address: str) -> bool:
        since = self.clock() - _A_MINUTE
        lately = [m for m in self.chat(address, sender) if not m.from_citizen and m.at > since]
        return self.most_a_minute is not None and len(lately) >= self.most_a_minute

    def phone(self, address: str) -> list[PhoneMessage]:
        """The messages that arrived at a phone, oldest first: what was stopped by the window did not."""
        return [message for message in super().phone(address) if message.error_code != "131047"]

    def _post(self, url: str, form: Mapping[str, str]) -> int:
        """What Twilio would post as *form*, as an event. Our own id stands in place of a status address."""
        number = form["To" if form.get("SmsStatus") == "received" else "From"].removeprefix("whatsapp:")
        mid = url.removeprefix(_OURS) if url.startswith(_OURS) else ""
        value = value_of(form, self._ids.get(number, number.removeprefix("+")), mid, self.clock())
        if self._gathered is not None and not mid:
            self._gathered.append(value)
            return 200
        return self._deliver(event(self.sid, [value]))

    def _deliver(self, body: bytes) -> int:
        """Post *body*, signed; what is not answered with 200 is kept for another time."""
        try:
            status = self._sent(body)
        except OSError:
            self.refused.append(body)
            raise
        if status != 200:
            self.refused.append(body)
        return status

    def _sent(self, body: bytes) -> int:
        place = urlsplit(on_this_machine(f"{self.desk_url}{WEBHOOK}"))
        signature = hmac.new(self.app_secret.encode(), body, "sha256").hexdigest()
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature}"}
        connection = HTTPConnection(place.hostname or "", place.port or 80, timeout=SECONDS_TO_POST)
        try:
            connection.request("POST", place.path, body, headers)
            return connection.getresponse().status
        finally:
            connection.close()


def _addressed(request: Mapping[str, Any]) -> str:
    to = str(request.get("to", ""))
    return str(request.get("recipient", "")) if not to else "+" + to.removeprefix("+")


def _wamid() -> str:
    return "wamid." + urlsafe_b64encode(uuid4().bytes + b"loket").decode().rstrip("=")
