"""Messages out through Meta's Cloud API."""

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from bot.policy import Manners
from channels.contract import Accepted, Outbound, SendError, Trouble
from channels.their_clocks import Heard
from channels.whatsapp.cloud.codes import ONLY_REPORTED
from channels.whatsapp.cloud.graph import SECONDS_TO_ANSWER, Graph, Number
from channels.whatsapp.cloud.payloads import choices, payload, plain
from channels.whatsapp.cloud.values import items, mapping, word
from channels.whatsapp.errors import (
    BAD_ANSWER,
    NO_ACCOUNT,
    UNSENDABLE,
    failure,
    officer_words,
    refuses_choices,
)
from channels.whatsapp.manners import MANNERS
from channels.whatsapp.splitting import split

log = logging.getLogger(__name__)


class CloudApi:
    """The channel WhatsApp at Meta's own API. May be used from several threads."""

    manners: Manners = MANNERS

    def __init__(
        self, numbers: Iterable[Number], *, timeout: float = SECONDS_TO_ANSWER, heard: Heard | None = None
    ) -> None:
        """*numbers*: those that are served this way; each names its own account, token and address.

        *heard* is given every answer.
        """
        self._numbers = {each.number: each for each in numbers}
        self._graph = Graph(timeout, heard)

    def split(self, text: str) -> tuple[str, ...]:
        """*text* in the same parts as for Twilio: a citizen must not see who carries the messages.

        Meta would carry 4,096 characters, but a queue may go over from one provider to the other.
        """
        return split(text)

    def send(self, message: Outbound) -> Accepted:
        """Hand *message* to Meta. Raises ``SendError``, and nothing else, when it did not work.

        Choices that are refused leave as the numbered text.
        """
        _must_be_text(message.text)
        if offered := choices(message):
            try:
                return replace(self._sent(message, offered), offered=True)
            except SendError as error:
                if error.trouble is Trouble.UNKNOWN or not refuses_choices(error.code):
                    raise
                log.warning("the choices of message %s were refused: %s", message.mid, error.code)
        return self._sent(message, plain(message))

    def _sent(self, message: Outbound, content: Mapping[str, Any]) -> Accepted:
        number = self._number(message.sender)
        path = f"{number.phone_number_id}/messages"
        answer = self._graph.ask(number, "POST", path, json=payload(message, content))
        first = mapping(next(iter(items(answer.get("messages"))), None))
        if not word(first.get("id")):
            raise failure(BAD_ANSWER)
        return Accepted(external_id=word(first.get("id")), status="accepted")

    def find(self, message: Outbound, besides: Collection[str] = ()) -> Accepted | None:  # noqa: ARG002 # see there
        """Meta keeps no list that could be asked: the outcome stays unknown until a report with our id comes.

        Raises ``SendError`` always. Its code says that waiting helps, and sending again would be seen twice.
        """
        raise SendError(ONLY_REPORTED, officer_words(ONLY_REPORTED, "en"), Trouble.UNKNOWN)

    def close(self) -> None:
        """Give all connections back."""
        self._graph.close()

    def _number(self, sender: str) -> Number:
        if sender not in self._numbers:
            raise failure(NO_ACCOUNT)
        return self._numbers[sender]


def _must_be_text(text: str) -> None:
    """Half of a surrogate pair would travel, escaped, and arrive as something else."""
    try:
        text.encode()
    except UnicodeError as error:
        raise failure(UNSENDABLE) from error
