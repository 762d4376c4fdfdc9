"""One channel through several providers: which of them carries a message is told by our number."""

from collections.abc import Collection, Mapping
from datetime import datetime

from bot.policy import Manners
from channels.contract import (
    Accepted,
    Channel,
    Inbound,
    KeepsLog,
    Logged,
    MediaSource,
    Outbound,
    Receipt,
    Sought,
)
from channels.whatsapp.cloud.contents import MEDIA_SCHEME
from channels.whatsapp.cloud.graph import Number
from handlers.runtime import Keys
from handlers.settings import CloudAccount, Settings


def numbers_at_meta(settings: Settings, keys: Keys) -> list[tuple[Number, str | None]]:
    """Each number that Meta serves, ready to be asked for, and the business account it is in, where told."""
    return [
        (_number(one, keys.cloud[one.phone_number_id].token), one.waba_id)
        for one in settings.channels.whatsapp.cloud.values()
    ]


def _number(one: CloudAccount, token: str) -> Number:
    return Number(one.number, one.phone_number_id, token, one.api_url, one.api_version)


class ByNumber:
    """A channel whose numbers are served by different providers with the same manners.

    So an answer leaves from the number that the citizen wrote to, through whoever serves it now: what is
    queued when an office changes its provider goes along.
    """

    def __init__(self, usual: Channel, others: Mapping[str, Channel]) -> None:
        """*others*: our number -> the provider that serves it; all other numbers have the *usual* one."""
        self._usual, self._others = usual, dict(others)
        self.manners: Manners = usual.manners

    def split(self, text: str) -> tuple[str, ...]:
        """*text* in parts that each provider can carry."""
        return self._usual.split(text)

    def send(self, message: Outbound) -> Accepted:
        """Hand *message* to the provider of its number. Raises ``SendError``."""
        return self._of(message).send(message)

    def find(self, message: Outbound, besides: Collection[str] = ()) -> Accepted | None:
        """Ask the provider of its number what became of *message*. Raises ``SendError``."""
        return self._of(message).find(message, besides)

    def ask(self, sender: str, external_id: str) -> Receipt | None:
        """What became of a message of ours; None also where its provider can't be asked."""
        provider = self._serving(sender)
        return provider.ask(sender, external_id) if isinstance(provider, KeepsLog) else None

    def log(self, sender: str, since: datetime, until: datetime) -> list[Logged]:
        """What came and left in that time, oldest first; nothing where the provider keeps no log."""
        provider = self._serving(sender)
        return provider.log(sender, since, until) if isinstance(provider, KeepsLog) else []

    def missed(self, logged: Logged) -> Inbound:
        """A citizen's message of a log as it would have arrived."""
        provider = self._serving(logged.sender)
        if not isinstance(provider, KeepsLog):
            raise TypeError("what is in no log can't have been missed")
        return provider.missed(logged)

    def _of(self, message: Outbound) -> Channel:
        return self._serving(message.sender)

    def _serving(self, sender: str) -> Channel:
        return self._others.get(sender, self._usual)


class FilesByAddress:
    """The files of citizens' messages, at the provider that each came through."""

    def __init__(self, usual: MediaSource, at_meta: MediaSource) -> None:
        self._usual, self._at_meta = usual, at_meta

    def fetch(self, wanted: Sought, most: int) -> bytes:
        """The file, of at most *most* bytes. Raises ``FetchError``."""
        return self._of(wanted).fetch(wanted, most)

    def delete(self, wanted: Sought) -> None:
        """Let its provider forget the file. Raises ``FetchError``."""
        self._of(wanted).delete(wanted)

    def _of(self, wanted: Sought) -> MediaSource:
        return self._at_meta if wanted.url.startswith(MEDIA_SCHEME) else self._usual
