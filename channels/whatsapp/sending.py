"""Messages out through Twilio's real SDK."""

import json
import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, TypeVar
from weakref import WeakSet

from requests.exceptions import RequestException
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from channels.contract import Accepted, Inbound, Logged, Outbound, Receipt, SendError, Trouble
from channels.menus import form, pattern, shape
from channels.their_clocks import Heard
from channels.whatsapp import log as told
from channels.whatsapp.errors import BAD_ANSWER, NO_ACCOUNT, failure, refuses_choices
from channels.whatsapp.failures import explain
from channels.whatsapp.manners import MANNERS
from channels.whatsapp.reading import PREFIX
from channels.whatsapp.splitting import split
from channels.whatsapp.transport import TWILIO, HostRefused, MappedHttpClient

log = logging.getLogger(__name__)
STATUS_PATH = "/webhooks/whatsapp/status"
SECONDS_TO_ANSWER = 10.0
MOST_RECENT = 500
PAGE = 50
_CLOCKS_APART = timedelta(minutes=5)
_FAILED = {"failed", "undelivered", "canceled"}

T = TypeVar("T")
_TWILIO_HOST = TWILIO.removeprefix("https://")
# The SDK takes region and edge from the environment and changes the host; an empty mapping it ignores.
NO_ENVIRONMENT = {"TWILIO_REGION": ""}
# Beyond refusals and the network: an answer in another shape than the SDK takes for granted.
EXPECTED = (
    TwilioException,
    RequestException,
    HostRefused,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
)


@dataclass(frozen=True, slots=True)
class Account:
    """An account at Twilio. The token is a secret and stays out of every trace."""

    sid: str
    token: str = field(repr=False)


class WhatsApp:
    """The channel WhatsApp. May be used from several threads."""

    manners = MANNERS

    def __init__(
        self,
        accounts: Sequence[Account],
        *,
        public_url: str,
        api_url: str = TWILIO,
        senders: Mapping[str, str] | None = None,
        services: Mapping[str, str] | None = None,
        timeout: float = SECONDS_TO_ANSWER,
        contents: Callable[[str, str], str | None] = lambda _account, _shape: None,
        heard: Heard | None = None,
    ) -> None:
        """*senders*: our number -> the sid of its account; a number not named there has the only account.

        *services*: our number, or the sid of its account -> the Messaging Service it is in. *contents*: the
        ContentSid that an account has for menus of a shape, or None. *heard* is given every answer.
        """
        self._accounts = {account.sid: account for account in accounts}
        self._senders = dict(senders or {})
        self._services = dict(services or {})
        self._addresses = {_TWILIO_HOST: api_url.rstrip("/")}
        self._status_url = public_url.rstrip("/") + STATUS_PATH
        self._timeout, self._contents, self._heard = timeout, contents, heard
        self._own = threading.local()
        # Weak, so that a thread that ends takes its connections along.
        self._transports: WeakSet[MappedHttpClient] = WeakSet()
        # It writes addresses with account ids at INFO.
        logging.getLogger("twilio.http_client").setLevel(logging.WARNING)

    def split(self, text: str) -> tuple[str, ...]:
        """*text* in parts of at most 1,600 UTF-16 units, cut between paragraphs, sentences or words."""
        return split(text)

    def send(self, message: Outbound) -> Accepted:
        """Hand *message* to Twilio. Raises ``SendError``, and nothing else, when it did not work.

        Choices whose template is not there, or is refused, leave as the numbered text.
        """
        if menu := self._menu(message):
            try:
                return replace(self._created(message, menu), offered=True)
            except SendError as error:
                if error.trouble is Trouble.UNKNOWN or not refuses_choices(error.code):
                    raise
                log.warning("the choices of message %s were refused: %s", message.mid, error.code)
        return self._created(message, _content(message))

    def _created(self, message: Outbound, content: Mapping[str, str]) -> Accepted:
        try:
            created = self._messages(message.sender).create(
                **self._from(message.sender),
                to=PREFIX + message.address,
                status_callback=f"{self._status_url}?mid={message.mid}",
                **content,
            )
            return _accepted(created)
        except EXPECTED as error:
            raise explain(error) from error

    def _menu(self, message: Outbound) -> Mapping[str, str] | None:
        """The template that carries the message's choices, its lines filled in; None where it has none."""
        if message.menu is None or form(message.menu) is None:
            return None
        sid = self._contents(self._account(message.sender).sid, shape(message.menu))
        return _filled(sid, pattern(message.menu)[1]) if sid else None

    def find(self, message: Outbound, besides: Collection[str] = ()) -> Accepted | None:
        """The newest message to this address, since ours was queued, that says the same, or None.

        Twilio does not give our own id back, so an equal text sent earlier looks the same: *besides* are
        ids known to belong to other messages. One that Twilio knows to have failed counts as never sent.
        Raises ``SendError`` when Twilio can't be asked; the outcome then stays unknown.
        """
        try:
            recent = self._recent(message)
        except SendError as error:
            raise SendError(error.code, error.detail, Trouble.UNKNOWN) from error
        equal = (_same(each, message) for each in recent if _may_be(each, besides))
        return next((each for each in equal if each), None)

    def ask(self, sender: str, external_id: str) -> Receipt | None:
        """What became of a message of ours; None when Twilio has it no more."""
        return self._asked(sender, lambda messages: told.status(messages, external_id))

    def log(self, sender: str, since: datetime, until: datetime) -> list[Logged]:
        """What came to our number and left from it in that time, oldest first."""
        return self._asked(sender, lambda messages: told.read(messages, sender, since, until))

    def missed(self, logged: Logged) -> Inbound:
        """A citizen's message of the log as it would have arrived."""
        return self._asked(logged.sender, lambda messages: told.missed(messages, logged))

    def _from(self, sender: str) -> dict[str, str]:
        """The number the citizen wrote to, also through a Messaging Service: left to itself, that one
        would answer from any number of its pool.
        """
        service = self._services.get(sender) or self._services.get(self._account(sender).sid)
        return {"from_": PREFIX + sender} | ({"messaging_service_sid": service} if service else {})

    def _asked(self, sender: str, question: Callable[[Any], T]) -> T:
        try:
            return question(self._messages(sender))
        except EXPECTED as error:
            raise explain(error) from error

    def _recent(self, message: Outbound) -> list[Any]:
        """The messages from our number to this address since ours was queued, newest first.

        Twilio's own filter is by the moment of sending, which what still waits there has not.
        """
        sender, address = PREFIX + message.sender, PREFIX + message.address
        begins = message.since - _CLOCKS_APART if message.since else None
        found = self._messages(message.sender)
        try:
            listed = found.stream(to=address, from_=sender, limit=MOST_RECENT, page_size=PAGE)
            return list(takewhile(lambda each: begins is None or _is_since(each, begins), listed))
        except EXPECTED as error:
            raise explain(error) from error

    def close(self) -> None:
        """Give all connections back."""
        for transport in list(self._transports):
            transport.close()

    def _messages(self, sender: str) -> Any:
        """The SDK's messages of *sender*'s account, for this thread alone.

        The SDK's HTTP client keeps its last answer in an attribute and returns it from there: shared by
        two threads, one could be given the other's.
        """
        account = self._account(sender)
        clients: dict[str, Client] = self._own.__dict__.setdefault("clients", {})
        if account.sid not in clients:
            clients[account.sid] = self._client(account)
        return clients[account.sid].messages

    def _account(self, sender: str) -> Account:
        named = self._senders.get(sender)
        if named is None and len(self._accounts) == 1:
            return next(iter(self._accounts.values()))
        if named is None or named not in self._accounts:
            raise failure(NO_ACCOUNT)
        return self._accounts[named]

    def _client(self, account: Account) -> Client:
        transport = MappedHttpClient(self._addresses, self._timeout, self._heard)
        self._transports.add(transport)
        return Client(account.sid, account.token, http_client=transport, environment=NO_ENVIRONMENT)


def _content(message: Outbound) -> dict[str, str]:
    """What is said: a template by its id, and then no text of ours beside it."""
    if message.template is None:
        # An empty parameter is refused, so it is left out.
        said = {"body": message.text} if message.text else {}
        return said | ({"media_url": message.file.url} if message.file else {})
    values = {str(number): value for number, value in enumerate(message.template.values, 1)}
    return _filled(message.template.id, values)


def _filled(content_sid: str, values: Mapping[str, str]) -> dict[str, str]:
    # As JSON: of a mapping the SDK would send the first key and nothing else.
    filled = {"content_variables": json.dumps(values, ensure_ascii=False)} if values else {}
    return {"content_sid": content_sid, **filled}


def _accepted(message: Any) -> Accepted:
    if not message.sid:
        raise failure(BAD_ANSWER)
    return Accepted(external_id=str(message.sid), status=str(message.status or "queued"))


def _is_since(message: Any, begins: datetime) -> bool:
    made = message.date_created
    return made is None or made >= begins


def _may_be(found: Any, besides: Collection[str]) -> bool:
    """Not another message, and not an attempt that Twilio knows to have failed."""
    return found.sid not in besides and str(found.status) not in _FAILED


def _same(found: Any, message: Outbound) -> Accepted | None:
    """What Twilio tells of *found* if it is *message*, with its choices or as its text; else None."""
    if not str(found.direction or "").startswith("outbound"):
        return None
    said = str(found.body or "").split()
    if message.menu and said == message.menu.body.split():
        return replace(_accepted(found), offered=True)
    return _accepted(found) if said == message.text.split() else None
