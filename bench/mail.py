"""How fast Loket takes in mail beside a bare loop: ``python -m bench.mail [--quick]``.

Both read the same mails from the same Dovecot into databases of the same kind, in turns. Each database is
new and gets some mails first that do not count: PostgreSQL plans badly for tables that were empty till now.
Prints Markdown for ``docs/performance.md``.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median

from bench import cpu, letters
from bench.databases import Postgres, running_postgres, with_tables
from tests.dovecot import MISSING, PASSWORD, PROGRAM, Dovecot, running_dovecot

MANY, ROUNDS = 3_000, 5
QUICK = 500, 1
BEFORE = 300
LEAST = 0.2
DATABASES = ("SQLite", "PostgreSQL")
WORDS = {
    "floor": "bare loop: fetch, read, one commit each",
    "loket": "Loket: fetch, keep, read, decide, answer",
}
_CONFIG = """
data_dir: {folder}/var
database: {{url: "{url}"}}
channels:
  email:
    mailboxes:
      pst:
        address: {address}
        user: {user}
        password: env:MAILBOX_PASSWORD
        imap: {{host: 127.0.0.1, port: {port}, security: none, processed: Processed, start: all}}
        smtp: {{host: 127.0.0.1, port: 9, security: none}}
        probe_minutes: 0
offices:
  "6302":
    short_name: KTB
    name: {{id: BPS Kabupaten Kotabaru, en: BPS-Statistics Kotabaru Regency}}
    timezone: Asia/Makassar
    senders: {{email: [{address}]}}
    modes: {{email: consult}}
"""
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Run:
    """What one run came to: mails a second, and milliseconds of CPU a mail, PostgreSQL's apart."""

    rate: float
    cpu: float
    database: float


Results = Mapping[tuple[str, str], list[Run]]


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.mail", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="500 mails, one round")
    parser.add_argument("--only", choices=DATABASES, help="one database")
    parser.add_argument("--rounds", type=int, help="how often everything is repeated")
    chosen = parser.parse_args(arguments)
    if PROGRAM is None:
        raise SystemExit(MISSING)
    many, rounds = QUICK if chosen.quick else (MANY, ROUNDS)
    databases = [name for name in DATABASES if chosen.only in (None, name)]
    print(markdown(measured(databases, many, chosen.rounds or rounds)))


def measured(databases: Sequence[str], many: int, rounds: int) -> Results:
    """Both sides on every database, *rounds* times, in turns."""
    results: dict[tuple[str, str], list[Run]] = {(name, what): [] for name in databases for what in WORDS}
    with ExitStack() as stack:
        dovecot = stack.enter_context(running_dovecot(fsync="optimized"))
        postgres = stack.enter_context(running_postgres()) if "PostgreSQL" in databases else None
        for number in range(rounds):
            for name in databases:
                for what in sorted(WORDS, reverse=bool(number % 2)):
                    run = _run(what, dovecot, postgres if name == "PostgreSQL" else None, many)
                    results[name, what].append(run)
                    print(f"{name:10} {what} {run.rate:6.0f} mails/s  CPU {run.cpu:.2f} ms", file=sys.stderr)
    return results


def _run(what: str, dovecot: Dovecot, postgres: Postgres | None, many: int) -> Run:
    user = f"bench{next(_numbers)}"
    with _config(user, dovecot, postgres) as config:
        _deliver(dovecot, user, f"{user}a", BEFORE)
        _played(what, config, BEFORE)
        if postgres:
            postgres.analyze(user)
        _deliver(dovecot, user, f"{user}b", many)
        before = cpu.of_family(postgres.pid) if postgres else 0.0
        told = _played(what, config, many)
        database = cpu.of_family(postgres.pid) - before if postgres else 0.0
    return Run(many / told["seconds"], told["cpu"] * 1000 / many, database * 1000 / many)


def _deliver(dovecot: Dovecot, user: str, run: str, many: int) -> None:
    dovecot.put(user, letters.pile(run, many))
    dovecot.folders(user)  # the server has seen them once, on both sides


@contextmanager
def _config(user: str, dovecot: Dovecot, postgres: Postgres | None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="loket-bench-") as name:
        folder = Path(name)
        url = postgres.make(user) if postgres else f"sqlite:///{folder / 'loket.db'}"
        with_tables(url, folder / "var")
        text = _CONFIG.format(folder=folder, url=url, user=user, port=dovecot.port, address=letters.ADDRESS)
        (folder / "config.yaml").write_text(text, "utf-8")
        yield folder / "config.yaml"


def _played(what: str, config: Path, many: int) -> dict[str, float]:
    known = os.environ | {"MAILBOX_PASSWORD": PASSWORD, "LOKET_SECRET_KEY": "b" * 40}
    command = [sys.executable, "-m", "bench.intake", what, str(config), str(many)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=known)
    told: dict[str, float] = json.loads(done.stdout)
    return told


def markdown(results: Results) -> str:
    """A table, and whether the target holds."""
    head = "| database | what | mails/s | ratio to floor | CPU ms/mail | PostgreSQL CPU ms |"
    rows = [_row(name, what, results) for name, what in results]
    verdict = [_verdict(name, results) for name in dict.fromkeys(name for name, _ in results)]
    return "\n".join([head, "| --- | --- | --: | --: | --: | --: |", *rows, "", *verdict])


def _row(name: str, what: str, results: Results) -> str:
    runs = results[name, what]
    rate, used, database = (median(getattr(run, each) for run in runs) for each in Run.__slots__)
    apart = f"{database:.2f}" if name == "PostgreSQL" else ""
    cells = (name, WORDS[what], f"{rate:.0f}", f"{ratio(name, what, results):.2f}", f"{used:.2f}", apart)
    return f"| {' | '.join(cells)} |"


def ratio(name: str, what: str, results: Results) -> float:
    """The median over all rounds of the rate divided by that of the floor of the same round."""
    pairs = zip(results[name, what], results[name, "floor"], strict=True)
    return median(run.rate / floor.rate for run, floor in pairs)


def _verdict(name: str, results: Results) -> str:
    reached = ratio(name, "loket", results)
    return f"* {name}: {reached:.2f}, wanted {LEAST}: {'holds' if reached >= LEAST else '**missed**'}"


if __name__ == "__main__":
    main(sys.argv[1:])
