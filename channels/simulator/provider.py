"""What the local Twilio knows: messages, windows, citizens' phones, and the script of faults."""

import queue
import threading
import uuid
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any, Protocol

from werkzeug.datastructures import MultiDict

from channels.simulator.contents import Contents, Shown
from channels.simulator.media import UNKNOWN, Shelf
from channels.simulator.posting import SECONDS_TO_POST, post_signed
from channels.simulator.rules import Refused, fault_in, on_this_machine

PREFIX = "whatsapp:"
WEBHOOK_PATH = "/webhooks/whatsapp"
VERSION = "2010-04-01"
WINDOW = timedelta(hours=24)
MOST_PEOPLE = 10_000
_FURTHER = {"queued": 1, "sending": 2, "sent": 3, "undelivered": 4, "failed": 4, "delivered": 5, "read": 6}


@dataclass(slots=True)
class PhoneMessage:
    """A message as a citizen's phone shows it. *sender* is the office's number, *address* the citizen's.

    *choices* are what can be tapped: an id, a title and a description each, in a list that *opens*, or
    without that word as buttons.
    *file* is the content type of the file that goes along, if one does.
    """

    sid: str
    sender: str
    address: str
    text: str
    from_citizen: bool
    at: datetime
    status: str
    error_code: str | None = None
    callback: str = ""
    choices: tuple[tuple[str, str, str], ...] = ()
    opens: str = ""
    file: str = ""
    said: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with a message: refused with *status* and *code* (though *taken*), or silence for
    *hang* seconds (before it is taken, where that is *late*), or the line is dropped."""

    status: int = 0
    code: int = 0
    hang: float = 0.0
    accepted: bool = True
    drop: bool = False
    taken: bool = False
    late: bool = False


class Weather(Protocol):
    """What goes wrong by itself, message by message."""

    def fault(self, form: Mapping[str, str]) -> Fault:
        """What happens to the sending of this message."""

    def reports(self, form: Mapping[str, str], usual: tuple[str, ...]) -> tuple[str, ...]:
        """What is reported of a message that was taken; see ``callbacks_next``."""


class LocalTwilio:
    """What the stand-in knows: messages, windows, the script of faults. May be used from several threads.

    ``changed`` is notified and ``changes`` counts up whenever a phone would look different. ``contents``:
    the templates of its account. ``most_messages``: so many it remembers.
    """

    most_messages = 5_000

    def __init__(
        self,
        sid: str,
        token: str,
        *,
        clock: Callable[[], datetime],
        public_url: str,
        desk_url: str | None = None,
        senders: Collection[str] = (),
        reads_at_once: bool = False,
    ) -> None:
        """Requests are signed for *public_url* and posted to *desk_url*, which may be set later.

        *senders*: the numbers that are connected; any number when empty.
        """
        self.sid, self.token, self.clock = sid, token, clock
        self.public_url = public_url.rstrip("/")
        self.senders, self.reads_at_once = frozenset(senders), reads_at_once
        self.desk_url = desk_url
        self.changed = threading.Condition()
        self.changes = 0
        self.lost_callbacks = 0
        self.closing = threading.Event()
        self.weather: Weather | None = None
        self.post: Callable[[str, Mapping[str, str]], int] = self._post
        self.contents = Contents(clock)
        self.shelf = Shelf(self.local)
        self._messages: dict[str, PhoneMessage] = {}
        self._windows: dict[tuple[str, str], datetime] = {}
        self._people: dict[str, str] = {}
        self._faults: deque[Fault] = deque()
        self._callbacks: deque[tuple[str, ...]] = deque()
        self._posts: queue.Queue[tuple[str, str] | None] = queue.Queue()
        self._unposted = 0
        self._poster = threading.Thread(target=self._post_callbacks, name="local-twilio", daemon=True)
        self._poster.start()

    @property
    def desk_url(self) -> str | None:
        """Where the desk really listens. Setting an address outside this machine raises ``NotLoopback``."""
        return self._desk_url

    @desk_url.setter
    def desk_url(self, url: str | None) -> None:
        self._desk_url = on_this_machine(url).rstrip("/") if url else None

    def fail_next(self, status: int, code: int, times: int = 1) -> None:
        """Refuse the next *times* messages with this HTTP status and code."""
        self._faults.extend([Fault(status=status, code=code)] * times)

    def hang_next(self, seconds: float, *, accepted: bool = True) -> None:
        """Take the next message (or not) and stay silent for *seconds*."""
        self._faults.append(Fault(hang=seconds, accepted=accepted))

    def drop_after_accept_next(self) -> None:
        """Take the next message and close the connection without an answer."""
        self._faults.append(Fault(drop=True))

    def callbacks_next(self, *statuses: str) -> None:
        """Report exactly these of the next message, in order: ``"read", "sent", "sent", "failed:63024"``.

        Meta's own words may stand behind a code: ``"failed:63018:pair rate limit hit"``. A status with a
        dash before it comes true, and its report is lost: ``"-delivered"``.
        """
        self._callbacks.append(statuses)

    def citizen_writes(
        self,
        address: str,
        sender: str,
        text: str,
        *,
        external_id: str | None = None,
        media: str | None = None,
        content: bytes | None = None,
        profile_name: str = "Warga",
        sid: str | None = None,
        more: Mapping[str, str] | None = None,
        unheard: bool = False,
    ) -> int:
        """Post a signed message of a citizen to the desk; its HTTP status. Raises ``OSError`` if it is away.

        *media* is a content type, *content* the file itself (a small sample if left out); the same *sid*
        again is a duplicate; *more* are further parameters (``Latitude``, ``ButtonPayload``). *unheard*: the
        webhook is away, and the message stays in the log.
        """
        sid = sid or ("MM" if media else "SM") + uuid.uuid4().hex
        form = self._inbound_form(sid, address, sender, text, external_id, media)
        form |= {"ProfileName": profile_name, **(more or {})}
        with self._change():
            if external_id and external_id != address:
                _keep(self._people, external_id, address, MOST_PEOPLE)
            _keep(self._windows, (sender, self._person(address)), self.clock(), MOST_PEOPLE)
            shown = text or f"[{media or form.get('Label') or '…'}]"
            incoming = PhoneMessage(sid, sender, address, shown, True, self.clock(), "received")
            incoming.file, incoming.said = media or "", text
            if media:
                self.shelf.put(sid, media, content)
            if sid not in self._messages:
                _keep(self._messages, sid, incoming, self.most_messages)
        return 0 if unheard else self._post(self.public_url + WEBHOOK_PATH, form)

    def citizen_taps(
        self, address: str, sender: str, choice: str, *, below: str | None = None, profile_name: str = "Warga"
    ) -> int:
        """The citizen taps what bears the id *choice*, below the message *below* or the last that has it.

        The HTTP status of the desk's answer. Raises ``LookupError`` when the phone shows no such thing.
        """
        shown = [message for message in self.phone(address) if below in {None, message.sid}]
        found = [(m, each) for m in shown for each in m.choices if each[0] == choice]
        if not found:
            raise LookupError(choice)
        message, (id_, title, description) = found[-1]
        more = {"MessageType": "interactive", "OriginalRepliedMessageSid": message.sid}
        more |= {"OriginalRepliedMessageSender": PREFIX + sender}
        if message.opens:
            more |= {"ListId": id_, "ListTitle": title, "ListDescription": description}
        else:
            more |= {"ButtonPayload": id_, "ButtonText": title, "ButtonType": "REPLY"}
        return self.citizen_writes(address, sender, title, profile_name=profile_name, more=more)

    def citizen_reads(self, address: str) -> None:
        """The citizen looks at the phone: what was delivered is reported as read."""
        for message in self.phone(address):
            if message.status == "delivered":
                self._report(message.sid, ("read",))

    def phone(self, address: str) -> list[PhoneMessage]:
        """The messages that arrived at a phone, oldest first, as they are now."""
        return [message for message in self.chat(address) if not message.from_citizen]

    def chat(self, address: str, sender: str | None = None) -> list[PhoneMessage]:
        """Both sides' messages on a phone, oldest first; with one of our numbers when *sender* is given."""
        with self.changed:
            mine = (m for m in self._messages.values() if self._person(m.address) == self._person(address))
            return [replace(message) for message in mine if sender in {None, message.sender}]

    def wait_for_change(self, since: int, timeout: float) -> int:
        """The count of changes, as soon as it differs from *since* or *timeout* seconds have gone."""
        with self.changed:
            self.changed.wait_for(lambda: self.changes != since, timeout)
            return self.changes

    def wait_until_quiet(self, timeout: float) -> bool:
        """Whether every status callback was posted within *timeout* seconds."""
        with self.changed:
            return self.changed.wait_for(lambda: self._unposted == 0, timeout)

    def close(self) -> None:
        """End the thread, and every request that hangs."""
        self.closing.set()
        self._posts.put(None)
        self._poster.join(SECONDS_TO_POST)

    def next_fault(self, form: Mapping[str, str]) -> Fault:
        """The fault scripted for this message, or what the weather brings, or none at all."""
        with self.changed:
            if self._faults:
                return self._faults.popleft()
        return self.weather.fault(form) if self.weather else Fault()

    def accept(self, form: MultiDict[str, str]) -> PhoneMessage:
        """Take a message as Twilio would, or raise what it would refuse."""
        code = fault_in(form)
        sender, address = (form.get(name, "").removeprefix(PREFIX) for name in ("From", "To"))
        if not code and self.senders and sender not in self.senders:
            code = 63007
        if code:
            raise Refused(code)
        with self._change():
            shown = self._shown(form, in_window=self._is_open(sender, address))
            sid = ("MM" if "MediaUrl" in form else "SM") + uuid.uuid4().hex
            message = PhoneMessage(
                sid, sender, address, shown.text, False, self.clock(), "queued",
                callback=form.get("StatusCallback", ""), choices=shown.choices, opens=shown.opens,
            )  # fmt: skip
            if "MediaUrl" in form:
                message.file = UNKNOWN
                self.shelf.collect_later(sid, form["MediaUrl"])
            _keep(self._messages, sid, message, self.most_messages)
            usual = ("sent", "delivered", "read") if self.reads_at_once else ("sent", "delivered")
            scripted = self._callbacks.popleft() if self._callbacks else None
            weather = self.weather.reports(form, usual) if self.weather else usual
            self._report(sid, weather if scripted is None else scripted)
            return replace(message)

    def search(self, address: str | None, sender: str | None) -> list[PhoneMessage]:
        """The messages from and to these addresses, newest first, citizens' own among them."""
        with self.changed:
            ways = ((message, *from_and_to(message)) for message in reversed(self._messages.values()))
            return [
                replace(message)
                for message, start, end in ways
                if address in {None, end} and sender in {None, start}
            ]

    def message(self, sid: str) -> PhoneMessage | None:
        """One message by its sid."""
        with self.changed:
            found = self._messages.get(sid)
            return replace(found) if found else None

    @contextmanager
    def _change(self) -> Iterator[None]:
        with self.changed:
            yield
            self.changes += 1
            self.changed.notify_all()

    def _person(self, address: str) -> str:
        return self._people.get(address, address)

    def _is_open(self, sender: str, address: str) -> bool:
        last = self._windows.get((sender, self._person(address)))
        return last is not None and self.clock() - last < WINDOW

    def _shown(self, form: MultiDict[str, str], *, in_window: bool) -> Shown:
        if content := form.get("ContentSid"):
            return self.contents.shown(content, form.get("ContentVariables", ""), in_window=in_window)
        if not in_window:
            raise Refused(63016)
        return Shown(form.get("Body", ""))

    def _inbound_form(
        self, sid: str, address: str, sender: str, text: str, external_id: str | None, media: str | None
    ) -> dict[str, str]:
        external_id = external_id or (None if address.startswith("+") else address)
        form = {"SmsMessageSid": sid, "SmsSid": sid, "MessageSid": sid, "AccountSid": self.sid}
        form |= {"SmsStatus": "received", "ApiVersion": VERSION, "NumSegments": "1", "ReferralNumMedia": "0"}
        form |= {"From": PREFIX + address, "To": PREFIX + sender, "WaId": address.removeprefix("+")}
        form |= {"Body": text, "NumMedia": "0", "MessageType": "text"}
        if external_id:
            form["ExternalUserId"] = PREFIX + external_id
        if media:
            place = f"https://api.twilio.com/{VERSION}/Accounts/{self.sid}/Messages/{sid}/Media/ME{sid[2:]}"
            form |= {"NumMedia": "1", "MediaContentType0": media, "MediaUrl0": place}
            form["MessageType"] = media.partition("/")[0]
        return form

    def _report(self, sid: str, statuses: tuple[str, ...]) -> None:
        with self.changed:
            self._unposted += len(statuses)
        for status in statuses:
            self._posts.put((sid, status))

    def _post_callbacks(self) -> None:
        while (item := self._posts.get()) is not None:
            try:
                sid, report = item
                self._post_callback(sid, self.shelf.reported(sid, report))
            except (OSError, HTTPException, ValueError):
                self.lost_callbacks += 1
            with self._change():
                self._unposted -= 1

    def _post_callback(self, sid: str, report: str) -> None:
        lost = report.startswith("-")
        status, code, words = (*report.removeprefix("-").split(":", 2), "", "")[:3]
        with self._change():
            message = self._messages.get(sid)
            if message is None:
                return
            # Reports may come in any order; what became of the message does not go back.
            if _FURTHER.get(status, 0) >= _FURTHER.get(message.status, 0):
                message.status, message.error_code = status, code or message.error_code
            form = self._status_form(message, status, code, words)
        if message.callback and not lost and not self.closing.is_set():
            self.post(message.callback, form)

    def _status_form(self, message: PhoneMessage, status: str, code: str, words: str) -> dict[str, str]:
        form = {"SmsSid": message.sid, "MessageSid": message.sid, "AccountSid": self.sid}
        form |= {"SmsStatus": status, "MessageStatus": status, "ApiVersion": VERSION}
        form |= {"From": PREFIX + message.sender, "To": PREFIX + message.address}
        form |= {"ChannelPrefix": "whatsapp", "ChannelToAddress": message.address[:-4] + "XXXX"}
        if status in {"delivered", "read"}:
            form["EventType"] = status.upper()
        failed = {"ErrorCode": code, "ChannelStatusMessage": words or "Scripted failure"}
        return form | (failed if code else {})

    def local(self, url: str) -> str:
        """Where *url* is on this machine. Raises ``NotLoopback`` for one that is elsewhere."""
        ours = url.startswith(self.public_url + "/") and self.desk_url
        return on_this_machine(f"{self.desk_url}{url.removeprefix(self.public_url)}" if ours else url)

    def _post(self, url: str, form: Mapping[str, str]) -> int:
        """Post *form*, signed for *url*, to where *url* is on this machine; the HTTP status of the answer."""
        return post_signed(url, self.local(url), form, self.token)


def from_and_to(message: PhoneMessage) -> tuple[str, str]:
    """Where *message* comes from and goes to, as Twilio writes it."""
    ours, theirs = PREFIX + message.sender, PREFIX + message.address
    return (theirs, ours) if message.from_citizen else (ours, theirs)


def _keep(mapping: dict[Any, Any], key: object, value: object, most: int) -> None:
    """Put *value* last, and forget what is oldest beyond *most*."""
    mapping.pop(key, None)
    mapping[key] = value
    while len(mapping) > most:
        del mapping[next(iter(mapping))]
