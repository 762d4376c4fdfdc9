"""Who read what about whom: one row in the audit log for an officer, a thing and an hour.

A page that refreshes itself is no reading, where it was opened before: anybody may write the header that says
so. What was noted is remembered in memory, so that a ticket that is looked at all day costs one row an hour
and no statement at any other time.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, Response, g, request

from handlers.web import current, signing
from storage import officers
from storage.db import AWAY


@dataclass(frozen=True, slots=True)
class Reading:
    """What it is called, and which part of the address says what was read."""

    what: str
    about: str = ""
    when: Callable[[], bool] = lambda: True


READINGS: Mapping[str, Reading] = {
    "tickets.page": Reading("ticket_read", "ticket_id"),
    "inbox.tickets": Reading("searched", when=lambda: bool(request.args.get("q", "").strip())),
    "mails.page": Reading("mail_read", "mail_id"),
    "mails.raw": Reading("mail_taken", "mail_id"),
    "mails.file": Reading("file_taken", "message_id"),
    "media.file": Reading("file_taken", "media_id"),
    "kept_mails.page": Reading("mail_read", "mail_id"),
    "kept_mails.raw": Reading("mail_taken", "mail_id"),
    "people.page": Reading("person_read", "ticket_id"),
    "complaints.page": Reading("complaints_read"),
    "complaints.printed": Reading("complaints_taken"),
    "privacy.page": Reading("privacy_read"),
    "unhandled.page": Reading("unhandled_read"),
    "administration.page": Reading("unhandled_read"),
    "reports.figures_file": Reading("report_taken"),
    "reports.tickets_file": Reading("report_taken"),
    "reports.workbook": Reading("report_taken"),
    "administration_log.page": Reading("audit_read"),
}
"""What of the desk shows personal data or takes it out. Exports with names are noted where they are made."""


class Noted:
    """What was noted in the present hour, and when in the last working day anything was opened."""

    def __init__(self) -> None:
        self._hour: datetime | None = None
        self._keys: set[tuple[Any, ...]] = set()
        self._opened: dict[tuple[Any, ...], datetime] = {}
        self._lock = threading.Lock()

    def is_new(self, now: datetime, key: tuple[Any, ...], *, refreshes: bool = False) -> bool:
        """Whether this hour has not seen *key* yet; it has now.

        *refreshes*: a page that is open asks by itself, which is new only where nobody has opened it.
        """
        with self._lock:
            self._turn_to(now.replace(minute=0, second=0, microsecond=0))
            if key in self._keys or (refreshes and key in self._opened):
                return False
            self._keys.add(key)
            self._opened[key] = now
            return True

    def _turn_to(self, hour: datetime) -> None:
        if hour != self._hour:
            self._hour, self._keys = hour, set()
            lately = hour - signing.WORKING_DAY
            self._opened = {key: at for key, at in self._opened.items() if at >= lately}

    def forget(self, key: tuple[Any, ...]) -> None:
        """It could not be noted."""
        with self._lock:
            self._keys.discard(key)
            self._opened.pop(key, None)


def install(app: Flask) -> None:
    """Note what officers read, before they are shown it; what can't be noted is not shown."""
    noted = Noted()

    def note(response: Response) -> Response:
        reading = READINGS.get(request.endpoint or "")
        if reading is None or not _was_read(response) or not reading.when():
            return response
        try:
            _note(noted, reading)
        except AWAY as error:  # Flask asks nobody what to say of what fails here
            return app.make_response(app.handle_user_exception(error))
        return response

    app.after_request(note)
    # The guard takes the office and the ticket out of what the page is handed: they are wanted here.
    app.before_request(_remember_address)


def _remember_address() -> None:
    g.address = dict(request.view_args or {})


def _was_read(response: Response) -> bool:
    return request.method == "GET" and response.status_code == 200 and current.account() is not None


def _note(noted: Noted, reading: Reading) -> None:
    runtime, officer_id = current.runtime(), current.officer().id
    now, address = runtime.clock(), g.address
    about = {key: address[key] for key in ("office", "ticket_id", reading.about) if address.get(key)}
    about |= _elsewhere()
    key = (officer_id, reading.what, *sorted(about.items()))
    if not noted.is_new(now, key, refreshes=bool(request.headers.get("X-Live"))):
        return
    try:
        with runtime.database.write() as connection:
            officers.record(connection, reading.what, now, officer_id, about)
    except Exception:
        noted.forget(key)
        raise


def _elsewhere() -> dict[str, str]:
    """That a ticket is in another office's hands, or came from one, where it is."""
    if "ticket" not in g or "view" not in g:
        return {}
    offices = {g.ticket.office, g.ticket.handled_by} - {g.view.office}
    return {"with": min(offices)} if offices else {}
