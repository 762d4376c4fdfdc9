"""The provider's own log beside the desk: what the webhook missed is imported, what differs is reported.

A run reads each account's log from an hour before where the last one ended to five minutes ago, a day at a
time. It may be killed anywhere and may run twice: what is known is known by the provider's id.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from channels.contract import KeepsLog, Logged, Receipt, SendError
from channels.whatsapp.statuses import RANK
from handlers import inbound, receipts
from handlers.receipts import Said
from handlers.runtime import Runtime
from storage import alarms, reconciliation
from storage.columns import AnyRow

log = logging.getLogger(__name__)
CHANNEL = "whatsapp"
OVERLAP = timedelta(hours=1)
FRESH = timedelta(minutes=5)
YOUNG = timedelta(minutes=30)
STEP = timedelta(days=1)
EVERY = timedelta(hours=1)
MISSED_ALARM = "whatsapp_missed"
FINDING_ALARM = "whatsapp_finding"
AWAY_ALARM = "whatsapp_log_away"


@dataclass(slots=True)
class Outcome:
    """What a run came to: messages seen, imported, marked, and found that the desk does not know."""

    account: str
    seen: int = 0
    imported: int = 0
    marked: int = 0
    found: int = 0
    error: str = ""


def senders(runtime: Runtime) -> Mapping[str, list[str]]:
    """The offices' numbers by the account that owns them, where its provider keeps a log: Meta does not."""
    known = list(runtime.keys.whatsapp)
    by_account: dict[str, list[str]] = defaultdict(list)
    for office in runtime.settings.offices.values():
        for number in office.senders.whatsapp:
            account = runtime.keys.senders.get(number) or (known[0] if len(known) == 1 else None)
            if account is not None and account not in runtime.keys.cloud:
                by_account[account].append(number)
    return by_account


def run_due(runtime: Runtime) -> None:
    """Compare every account whose last run is an hour old; a fault of one does not stop the next."""
    now = runtime.clock()
    with runtime.database.read() as connection:
        states = {row.account: row for row in reconciliation.all_of_them(connection)}
    for account in senders(runtime):
        row = states.get(account)
        if row is None or row.ran_at is None or now - row.ran_at >= EVERY:
            run(runtime, account)


def run(runtime: Runtime, account: str, since: datetime | None = None) -> Outcome | None:
    """Compare one account's log with the desk, from *since* on; None while another process does so.

    The very first run without *since* only notes the moment: what lies before is not the desk's.
    """
    owner, now = str(uuid4()), runtime.clock()
    with runtime.database.write() as connection:
        row = reconciliation.take(connection, account, owner, now)
        if row is None:
            return None
        if row.began_at is None:
            reconciliation.begin(connection, account, now)
    outcome = Outcome(account)
    try:
        _compare(runtime, outcome, owner, since or _begin(row), now)
    except SendError as error:
        outcome.error = error.code
    except BaseException:
        _release(runtime, account, owner)
        raise
    _finish(runtime, outcome, owner)
    return outcome


def _release(runtime: Runtime, account: str, owner: str) -> None:
    with runtime.database.write() as connection:
        reconciliation.release(connection, account, owner)


def _begin(row: AnyRow) -> datetime | None:
    if row.began_at is None or row.read_up_to is None:
        return None
    return max(row.read_up_to - OVERLAP, row.began_at)  # type: ignore[no-any-return]


def _compare(runtime: Runtime, outcome: Outcome, owner: str, since: datetime | None, now: datetime) -> None:
    begin, until = since or now, now - FRESH
    while begin < until:
        end = min(begin + STEP, until)
        _day(runtime, outcome, begin, end)
        with runtime.database.write() as connection:
            reconciliation.advance(connection, outcome.account, end)
            if reconciliation.take(connection, outcome.account, owner, runtime.clock()) is None:
                return
        begin = end


def _day(runtime: Runtime, outcome: Outcome, begin: datetime, end: datetime) -> None:
    """One stretch of the log: citizens' words in their order, then what became of ours."""
    channel = runtime.channels[CHANNEL]
    if not isinstance(channel, KeepsLog):
        return
    numbers = senders(runtime)[outcome.account]
    listed = [each for number in numbers for each in channel.log(number, begin, end)]
    outcome.seen += len(listed)
    came = sorted((each for each in listed if each.inbound), key=lambda each: each.at)
    _import(runtime, channel, outcome, came)
    _mark(runtime, outcome, [each for each in listed if not each.inbound])


def _import(runtime: Runtime, channel: KeepsLog, outcome: Outcome, came: Sequence[Logged]) -> None:
    ids = [each.external_id for each in came]
    with runtime.database.read() as connection:
        known = reconciliation.known_inbound(connection, CHANNEL, outcome.account, ids)
    addresses: dict[int, None] = {}
    for each in came:
        if each.external_id in known:
            continue
        fate, address_id = inbound.accept(runtime, channel.missed(each))
        outcome.imported += fate is inbound.Fate.ACCEPTED
        if address_id is not None:
            addresses[address_id] = None
    for address_id in addresses:
        inbound.drain(runtime, address_id)


def _mark(runtime: Runtime, outcome: Outcome, left: Sequence[Logged]) -> None:
    ids = [each.external_id for each in left]
    with runtime.database.read() as connection:
        ranks = reconciliation.known_outbound(connection, CHANNEL, ids)
    for each in left:
        rank = RANK.get(each.status, ("", -1))[1]
        if each.external_id not in ranks:
            outcome.found += _found(runtime, outcome.account, each)
        elif rank > ranks[each.external_id] >= 0:
            outcome.marked += receipts.receive(runtime, _receipt(each)) is not Said.NOTHING
    _settle_known(runtime, list(ranks))


def _receipt(each: Logged) -> Receipt:
    raw = {"AccountSid": each.account, "Source": "log"}
    return Receipt(CHANNEL, each.external_id, None, each.status, each.error_code, None, raw)


def _found(runtime: Runtime, account: str, each: Logged) -> bool:
    """Keep what left from our number and nobody knows of; what failed reached nobody, and the newest may
    still become known."""
    now = runtime.clock()
    office = runtime.settings.office_of(CHANNEL, each.sender)
    if office is None or each.at > now - YOUNG or RANK.get(each.status, ("", 0))[0] in receipts.LOST:
        return False
    with runtime.database.write() as connection:
        of = (connection, office.code, CHANNEL, each.address, each.text, each.at)
        twin = reconciliation.same_words(*of)
        row = {
            "account": account, "channel": CHANNEL, "external_id": each.external_id, "sender": each.sender,
            "address": each.address, "status": each.status[:32], "at": each.at, "found_at": now,
            "message_id": twin,
        }  # fmt: skip
        fresh = reconciliation.keep_finding(connection, row)
        if fresh and twin is not None:
            reconciliation.mark_twice(connection, twin)
        return fresh


def _settle_known(runtime: Runtime, ids: Sequence[str]) -> None:
    """What was found before and has become known since is no finding any more."""
    with runtime.database.read() as connection:
        waiting = {row.external_id for row in reconciliation.open_findings(connection)}
    if by_now := waiting & set(ids):
        with runtime.database.write() as connection:
            reconciliation.settle_findings(connection, by_now, None, runtime.clock())


def _finish(runtime: Runtime, outcome: Outcome, owner: str) -> None:
    now, account = runtime.clock(), outcome.account
    counts = {"seen": outcome.seen, "imported": outcome.imported, "marked": outcome.marked}
    about = {"account": account[-6:], "count": outcome.imported, "code": outcome.error}
    with runtime.database.write() as connection:
        reconciliation.release(connection, account, owner)
        if outcome.error:
            reconciliation.failing(connection, account, outcome.error, now)
            alarms.raise_alarm(connection, f"{AWAY_ALARM}:{account}", None, AWAY_ALARM, about, now)
            return
        reconciliation.ran(connection, account, counts, now)
        alarms.settle(connection, f"{AWAY_ALARM}:{account}", None, now)
        if outcome.imported:
            alarms.raise_alarm(connection, f"{MISSED_ALARM}:{account}", None, MISSED_ALARM, about, now)
        if reconciliation.open_findings(connection):
            alarms.raise_alarm(connection, FINDING_ALARM, None, FINDING_ALARM, {}, now)
        else:
            alarms.settle(connection, FINDING_ALARM, None, now)
    if outcome.imported:
        log.error("%d messages had not come through the webhook; they were imported", outcome.imported)
