"""Officers at work on the real pages: sign in, open a ticket, take, answer or close it, and try again."""

import random
import re
import threading
from collections.abc import Callable, Sequence
from html import unescape
from uuid import uuid4

import requests

from bench.havoc.ledger import Ledger

PASSWORD = "sandi-yang-panjang"  # noqa: S105  # of nobody
SECONDS_BETWEEN = 0.3
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_FORM_ID = re.compile(r'name="form_id" value="([^"]+)"><input type="hidden" name="seen" value="(\d+)"')
_TIMES = 60


class Officer:
    """One browser, which goes to another web process where one does not answer."""

    def __init__(
        self, email: str, offices: Sequence[str], webs: Callable[[], Sequence[str]], ledger: Ledger
    ) -> None:
        self._email, self._offices, self._webs, self._ledger = email, offices, webs, ledger
        self._session = requests.Session()
        self._session.trust_env = False
        self._ended = threading.Event()
        self._is_in = False

    def work(self, seed: str, ended: threading.Event) -> None:
        """Until *ended*. What was begun is brought to its end."""
        chosen, self._ended = random.Random(seed), ended  # noqa: S311  # the same officer every time
        while not ended.wait(SECONDS_BETWEEN):
            if not self._is_in:
                self._is_in = self._sign_in()
                continue
            self._one_act(chosen)

    def _sign_in(self) -> bool:
        page = self._asked("GET", "/sign-in")
        if page is None or not (token := _TOKEN.search(page.text)):
            return False
        form = {"csrf_token": token[1], "email": self._email, "password": PASSWORD, "next": "/"}
        answer = self._asked("POST", "/sign-in", form)
        return answer is not None and answer.status_code == 303

    def _one_act(self, chosen: random.Random) -> None:
        office = chosen.choice(self._offices)
        listed = self._asked(
            "GET", f"/inbox/{office}?list={chosen.choice(('unassigned', 'mine', 'waiting'))}"
        )
        tickets = sorted(set(re.findall(rf"/inbox/{office}/tickets/(\d+)", listed.text))) if listed else []
        if not tickets:
            return
        place = f"/inbox/{office}/tickets/{chosen.choice(tickets)}"
        page = self._asked("GET", place)
        if page is None or page.status_code != 200 or not (token := _TOKEN.search(page.text)):
            return
        self._act_on(place, page.text, {"csrf_token": unescape(token[1])}, chosen.random())

    def _act_on(self, place: str, page: str, form: dict[str, str], die: float) -> None:
        if die < 0.2:
            self._done("claim", self._asked("POST", place + "/claim", form))
        elif die < 0.35 and place + "/close" in page:
            self._done("close", self._asked("POST", place + "/close", form))
        elif composer := _FORM_ID.search(page):
            text = f"Berikut datanya, nomor {uuid4()}."
            form |= {"text": text, "form_id": composer[1], "seen": composer[2]}
            if self._done("reply", self._asked("POST", place + "/reply", form)):
                self._ledger.answers[composer[1]] = text

    def _done(self, what: str, answer: requests.Response | None) -> bool:
        status = answer.status_code if answer is not None else 0
        self._ledger.counted[f"officers: {what} {status}"] += 1
        return 300 <= status < 400

    def _asked(self, method: str, path: str, form: dict[str, str] | None = None) -> requests.Response | None:
        """The answer of a web process that gives one, the same form again as long as none does."""
        for _ in range(_TIMES):
            web = random.choice(list(self._webs()))  # noqa: S311  # whichever the proxy chose
            try:
                answer = self._session.request(
                    method, web + path, data=form, allow_redirects=False, timeout=30
                )
            except requests.RequestException:
                self._ledger.counted["officers: no answer"] += 1
            else:
                if answer.status_code < 500:
                    return answer
                self._ledger.counted[f"officers: answered {answer.status_code}"] += 1
                if answer.status_code != 503:
                    self._ledger.faults.append(f"a page answered {answer.status_code}: {method} {path}")
            if self._ended.wait(0.5):
                return None
        return None
