"""A storm of outgoing messages through the real SDK, and the auditor who compares phones and database."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from threading import Thread
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from twilio.rest import Client

from channels.simulator.weather import Storm
from channels.whatsapp.sending import Account, WhatsApp
from handlers import confirming, jobs
from storage import outbox
from storage.columns import AnyRow, table
from storage.tables import Conversation, Message
from tests.driver import PUBLIC_URL, SID, TOKEN, Desk

MESSAGE, CONVERSATION = table(Message), table(Conversation)
HANG, PATIENCE = 1.5, 0.25
OFFICES = ("7411", "6302")
FINAL = {"delivered", "read"}
ARRIVED = {"sent", "delivered", "read"}


class _Hasty(WhatsApp):
    """Waits a quarter of a second where the weather brings a silence, and long where the machine is slow."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        api_url = desk.runtime.settings.channels.whatsapp.api_url
        super().__init__([Account(SID, TOKEN)], public_url=PUBLIC_URL, api_url=api_url)

    def _client(self, account: Account) -> Client:
        client = super()._client(account)
        client.http_client.request = partial(self._request, client.http_client.request)
        return client

    def _request(self, request: Callable[..., Any], method: str, url: str, **more: Any) -> Any:
        weather, form = self._desk.twilio.weather, more.get("data")
        if isinstance(weather, Storm) and form and weather.foretold(form).hang:
            more["timeout"] = PATIENCE
        return request(method, url, **more)


@contextmanager
def impatient(desk: Desk) -> Iterator[None]:
    """The desk does not wait long for a silent Twilio, and signed reports reach it without a socket."""
    channel = desk.runtime.channels["whatsapp"]
    quick = _Hasty(desk)
    desk.runtime = replace(desk.runtime, channels={**desk.runtime.channels, "whatsapp": quick})
    posted, desk.twilio.post = (
        desk.twilio.post,
        lambda url, form: desk.post(form, url.removeprefix(PUBLIC_URL)),
    )
    yield
    desk.twilio.post = posted
    quick.close()
    desk.runtime = replace(desk.runtime, channels={**desk.runtime.channels, "whatsapp": channel})


def people(how_many: int) -> list[tuple[str, str]]:
    """So many citizens, each with the office they write to."""
    return [(f"+62812{number:08d}", OFFICES[number % len(OFFICES)]) for number in range(how_many)]


def greet(desk: Desk, citizens: list[tuple[str, str]], words: str = "petugas") -> None:
    """Everybody writes, so that their windows are open."""
    for address, office in citizens:
        assert desk.writes(words, office=office, address=address) == 200


def queue(desk: Desk, each: int) -> int:
    """*each* different answers for everybody who has written; how many those are."""
    now = desk.clock()
    with desk.runtime.database.write() as connection:
        threads = connection.execute(select(CONVERSATION).order_by(CONVERSATION.c.id)).all()
        rows = [_row(thread, number, now) for number in range(each) for thread in threads]
        outbox.queue(connection, rows)
    return len(rows)


def _row(thread: AnyRow, number: int, now: Any) -> dict[str, Any]:
    key = str(UUID(int=(thread.id << 32) + number + 1))
    return {
        "mid": key, "part_of": key, "part": 0, "office": thread.office, "direction": "out",
        "author": "officer", "channel": thread.channel, "address_id": thread.address_id,
        "conversation_id": thread.id, "sender": thread.sender, "address": thread.reply_to,
        "body": f"jawaban {number:04d} untuk {thread.reply_to}", "media": [], "at": now,
        "next_try_at": now, "delivery": "queued", "tries": 0,
    }  # fmt: skip


def blow(desk: Desk, workers: int, most_rounds: int = 4_000) -> int:
    """Several workers send, ask and wait on the moved clock until nothing is left to be done; the rounds."""
    with ThreadPoolExecutor(8 * workers) as pool:
        for number in range(most_rounds):
            acts = [
                Thread(target=partial(jobs.deliver, desk.runtime, pool, "whatsapp")) for _ in range(workers)
            ]
            acts.append(Thread(target=partial(jobs.look_up_unknown, desk.runtime)))
            for act in acts:
                act.start()
            for act in acts:
                act.join()
            if not _waits(desk):
                desk.twilio.wait_until_quiet(60)
                if not _waits(desk):
                    return number
            desk.clock.at = max(desk.clock() + timedelta(seconds=2), _next(desk))
    raise AssertionError("messages were left unsent")


def _unsettled() -> Any:
    return MESSAGE.c.delivery.in_(("queued", "sending", "unknown"))


def _waits(desk: Desk) -> bool:
    with desk.runtime.database.read() as connection:
        return bool(connection.execute(select(func.count()).where(_unsettled())).scalar_one())


def _next(desk: Desk) -> Any:
    wanted = select(func.min(MESSAGE.c.next_try_at)).where(_unsettled())
    with desk.runtime.database.read() as connection:
        return connection.execute(wanted).scalar() or desk.clock()


def settle_the_rest(desk: Desk, workers: int) -> None:
    """The weather clears; who waits for the window writes; what got no word is asked for."""
    desk.twilio.weather = None
    desk.clock.forward(hours=1)
    greet(desk, people_with_held(desk), "halo")
    blow(desk, workers)
    desk.twilio.wait_until_quiet(60)
    desk.clock.forward(hours=13)
    for _ in range(1 + len(desk.messages("out")) // confirming.AT_ONCE):
        confirming.ask_due(desk.runtime)


def people_with_held(desk: Desk) -> list[tuple[str, str]]:
    """Who waits for an answer that the window has stopped."""
    found = {(row.address, row.office) for row in desk.messages("out") if row.delivery == "held"}
    return sorted(found)


@dataclass
class Audit:
    """What the phones hold beside what the database says."""

    ends: Counter[str] = field(default_factory=Counter)
    twice: int = 0
    marked: int = 0
    faults: list[str] = field(default_factory=list)


def audit(desk: Desk) -> Audit:
    """Every answer accounted for: on its phone once, or told otherwise; and in its order."""
    result = Audit()
    phones: dict[str, list[str]] = defaultdict(list)
    sids: dict[str, set[str]] = defaultdict(set)
    for message in desk.twilio.search(None, None)[::-1]:
        if not message.from_citizen and message.status in ARRIVED:
            phones[message.address].append(message.text)
            sids[message.text].add(message.sid)
    answers = [row for row in desk.messages("out") if row.author == "officer"]
    for row in answers:
        _audited(row, phones[row.address].count(row.body), sids[row.body], result)
    _in_order(answers, phones, result)
    return result


def _audited(row: AnyRow, copies: int, sids: set[str], result: Audit) -> None:
    result.ends[row.delivery] += 1
    result.marked += row.doubts > 0
    result.twice += copies > 1
    if copies > 1 and not row.doubts:
        result.faults.append(f"{row.body}: {copies} times, unmarked")
    if row.delivery in ARRIVED and (copies == 0 or row.external_id not in sids):
        result.faults.append(f"{row.body}: {row.delivery}, but not on the phone")
    if row.delivery == "failed" and copies and not row.doubts:
        result.faults.append(f"{row.body}: failed, but on the phone")
    if row.delivery not in FINAL | {"failed"}:
        result.faults.append(f"{row.body}: ends as {row.delivery}")


def _in_order(answers: list[AnyRow], phones: dict[str, list[str]], result: Audit) -> None:
    """What never was held, lost, refused or in doubt arrives in the order in which it was written."""
    plain: dict[str, list[str]] = defaultdict(list)
    for row in answers:
        if row.error_code is None and not row.doubts and row.delivery in FINAL:
            plain[row.address].append(row.body)
    for address, wanted in plain.items():
        chosen = set(wanted)
        if [text for text in phones[address] if text in chosen] != wanted:
            result.faults.append(f"{address}: out of order")


def storm(desk: Desk, citizens: int, each: int, workers: int = 2) -> tuple[Audit, Storm]:
    """*citizens* x *each* answers through the bad weather, and what the auditor finds."""
    greet(desk, people(citizens))
    desk.settle()
    weather = Storm(seed=6, hang=HANG)
    with impatient(desk):
        desk.twilio.weather = weather
        assert queue(desk, each) == citizens * each
        blow(desk, workers)
        settle_the_rest(desk, workers)
    return audit(desk), weather
