"""The virus scanner, where there is one: asked about each content once, and again when it was away."""

import logging
from datetime import timedelta

from channels.clamd import ScannerAway
from handlers.runtime import Runtime
from storage import alarms, scans

log = logging.getLogger(__name__)
CLEAN, INFECTED, UNSCANNED = "clean", "infected", "unscanned"
AWAY_ALARM = "scanner_away"
AGAIN_AFTER = timedelta(minutes=1)
_MOST_AT_ONCE = 20


def verdict(runtime: Runtime, sha256: str, content: bytes | None = None) -> str:
    """``clean``, ``infected`` or ``unscanned``; empty where there is no scanner.

    Asked now where nobody could be asked before. *content*: to spare its reading.
    """
    if runtime.scanner is None:
        return ""
    with runtime.database.read() as connection:
        known = scans.find(connection, sha256)
    if known is not None and known.verdict != UNSCANNED:
        return str(known.verdict)
    return _ask(runtime, sha256, runtime.files.get(sha256) if content is None else content)


def scan_again(runtime: Runtime) -> None:
    """Ask about what could not be asked about; the first silence ends the round."""
    if runtime.scanner is None:
        return
    with runtime.database.read() as connection:
        waiting = scans.unscanned(connection, runtime.clock() - AGAIN_AFTER, _MOST_AT_ONCE)
    for sha256 in waiting:
        if _ask(runtime, sha256, runtime.files.get(sha256)) == UNSCANNED:
            return


def _ask(runtime: Runtime, sha256: str, content: bytes | None) -> str:
    if runtime.scanner is None or content is None:
        return UNSCANNED
    try:
        virus = runtime.scanner.scan(content)
    except ScannerAway as error:
        log.error("the virus scanner did not answer: %s", error)
        _keep(runtime, sha256, UNSCANNED, "")
        return UNSCANNED
    said = INFECTED if virus else CLEAN
    _keep(runtime, sha256, said, virus)
    return said


def _keep(runtime: Runtime, sha256: str, said: str, virus: str) -> None:
    now = runtime.clock()
    with runtime.database.write() as connection:
        scans.keep(connection, sha256, said, virus, now)
        if said == UNSCANNED:
            alarms.raise_alarm(connection, AWAY_ALARM, None, AWAY_ALARM, {}, now)
        else:
            alarms.settle(connection, AWAY_ALARM, None, now)
