"""The local Twilio before several web processes: what one does not take is posted to another one."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPException
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bench.havoc.ledger import Ledger
from channels.simulator import LocalTwilio, PhoneMessage
from channels.simulator.posting import post_signed


class Provider(LocalTwilio):
    """Posts a message to one web process, and once more to another where that does not say 200.

    So does Twilio with a fallback address. What neither took was not accepted, and nobody promises anything.
    """

    most_messages = 1_000_000

    def __init__(self, *account: str, ledger: Ledger, webs: Callable[[], Sequence[str]], **how: Any) -> None:
        self.ledger, self._webs = ledger, webs
        super().__init__(*account, **how)

    def _post(self, url: str, form: Mapping[str, str]) -> int:
        webs = list(self._webs())
        random.shuffle(webs)
        status = 0
        for number, web in enumerate(webs):
            if number:
                self.ledger.counted["posted to the fallback"] += 1
            status = self._answer(url, web + url.removeprefix(self.public_url), form)
            if status == 200:
                break
        if status == 200 and "MessageStatus" in form:
            self.ledger.reports.add((form["MessageSid"], form["MessageStatus"]))
        return status

    def _answer(self, url: str, place: str, form: Mapping[str, str]) -> int:
        began = time.monotonic()
        try:
            status = post_signed(url, place, form, self.token)
        except (OSError, HTTPException):
            status = 0
        took = time.monotonic() - began
        self.ledger.counted[f"answered {status}" if status else "no answer"] += 1
        if took > 15:
            self.ledger.counted["answered after Twilio had given up"] += 1
        return status


def mid_of(message: PhoneMessage) -> str:
    """Our own id of a message on a phone, from the address at which its reports are taken."""
    return parse_qs(urlsplit(message.callback).query).get("mid", [""])[0]
