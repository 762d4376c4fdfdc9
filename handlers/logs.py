"""What the desk's processes say: a line an event on standard error, as text or JSON, never anybody's words.

Of an exception only its kind and place are written: its message may quote a citizen.
"""

import json
import logging
import threading
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import click

FORMS = ("text", "json")
REQUESTS = "loket.request"
"""The logger of one line a request. It speaks only where lines are JSON."""
_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_QUIET = ("apscheduler", "twilio.http_client", "werkzeug", "alembic")
_REFUSED_BY_GUNICORN = ("Invalid request", "Error handling request")
_KNOWN = ("request_id", "office", "ticket", "endpoint", "method", "status", "ms")


class Text(logging.Formatter):
    """Lines for people."""

    def __init__(self) -> None:
        super().__init__(_TEXT)

    def formatException(self, ei: Any) -> str:  # noqa: N802  # logging's own name
        """Where it happened, and its kind."""
        kind, _, place = ei
        return _placed(kind, place)


class Json(logging.Formatter):
    """A line of JSON: time, level, event, logger, and what is known of the request meanwhile."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever is in it."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"time": at, "level": record.levelname, "event": record.getMessage()}
        line |= {"logger": record.name} | _of_the_request()
        line |= {name: record.__dict__[name] for name in _KNOWN if name in record.__dict__}
        if record.exc_info and record.exc_info[0]:
            line["failure"] = _placed(record.exc_info[0], record.exc_info[2])
        return json.dumps(line, ensure_ascii=False)


_form: logging.Formatter = Text()


def configure(environ: Mapping[str, str], level: int = logging.INFO) -> None:
    """Speak as ``LOKET_LOG`` says. Raises ``click.ClickException`` for a form that does not exist."""
    global _form  # noqa: PLW0603  # logging is the process's, too
    chosen = environ.get("LOKET_LOG", FORMS[0])
    if chosen not in FORMS:
        raise click.ClickException(f"LOKET_LOG: {' or '.join(FORMS)}, not {chosen!r}")
    _form = Json() if chosen == "json" else Text()
    handler = logging.StreamHandler()
    speak(handler)
    logging.basicConfig(level=level, handlers=[handler])
    for noisy in _QUIET:
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger(REQUESTS).setLevel(logging.INFO if chosen == "json" else logging.WARNING)
    threading.excepthook = _thread_failed


def speak(handler: logging.Handler) -> None:
    """Let *handler* write lines of the form that was chosen."""
    handler.setFormatter(_form)
    handler.addFilter(_without_requests)


def _without_requests(record: logging.LogRecord) -> bool:
    """Gunicorn quotes what it can't read. Lines stay, the quotation goes."""
    if record.name.startswith("gunicorn") and str(record.msg).startswith(_REFUSED_BY_GUNICORN):
        record.msg, record.args = str(record.msg).partition(" from ")[0], ()
    return True


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    logging.getLogger(__name__).error("a thread ended: %s", _placed(failed.exc_type, failed.exc_traceback))


def _placed(kind: type[BaseException], place: TracebackType | None) -> str:
    return "".join(traceback.format_tb(place)) + kind.__name__


def _of_the_request() -> dict[str, Any]:
    from flask import g, has_request_context

    return dict(g.get("told_of", {})) if has_request_context() else {}
