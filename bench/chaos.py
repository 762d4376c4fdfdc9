"""Everything goes wrong at once, and nothing may be lost: ``python -m bench.chaos --minutes 10 --seed 1``.

A desk of several web and worker processes on PostgreSQL, with citizens on WhatsApp and by mail, and officers
at work. Meanwhile processes are killed, the database crashes and the provider fails. Then all is let come to
rest, and an auditor compares what people were told with what is there. Ends with 1 where that differs.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.havoc.auditor import Balance, audited
from bench.havoc.town import Plan, calm, evidence, standing, storm, strange_deaths
from tests.dovecot import MISSING, PROGRAM


def play(plan: Plan, folder: Path) -> Balance:
    """Let it all happen in *folder*, and audit."""
    with standing(plan, folder) as town:
        storm(town)
        calm(town)
        balance = audited(evidence(town))
        balance.counts |= {f"meanwhile: {name}": many for name, many in sorted(town.ledger.counted.items())}
        balance.faults += strange_deaths(town)
        balance.faults += town.desk.failures()
    return balance


def main(arguments: Sequence[str]) -> int:
    """Read the plan, play it and print the balance."""
    plan = _plan(arguments)
    if PROGRAM is None:
        raise SystemExit(MISSING)
    with tempfile.TemporaryDirectory(prefix="loket-chaos-") as name:
        balance = play(plan, Path(name))
    print(plan)
    print(balance)
    return 1 if balance.faults else 0


def _plan(arguments: Sequence[str]) -> Plan:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--messages", type=int, default=20_000, help="on WhatsApp, by citizens")
    parser.add_argument("--mails", type=int, help="a twentieth of the messages if left out")
    parser.add_argument("--kills", type=int, default=20, help="of any web or worker process, with -9")
    parser.add_argument("--restarts", type=int, default=3, help="crashes of the database")
    parser.add_argument("--faults", type=float, default=0.05, help="share of sendings that go wrong")
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args(arguments)
    mails = told.messages // 20 if told.mails is None else told.mails
    return Plan(told.minutes * 60, told.messages, mails, told.kills, told.restarts, told.faults, told.seed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
