"""Calendar entries (RFC 5545) as they are written: unfolded, unescaped, bounded."""

import re
from collections.abc import Iterator

from channels.mime.mail import Invitation
from channels.mime.words import one_line

LONGEST_CALENDAR = 256 * 1024
MOST_ENTRIES = 20
_FOLD = re.compile(r"\r?\n[ \t]")
_ESCAPED = re.compile(r"\\([\\;,nN])")
_WANTED = {"SUMMARY", "DTSTART", "DTEND", "LOCATION", "ORGANIZER"}


def invitations(text: str) -> tuple[Invitation, ...]:
    """The entries of a calendar file; times stand as written, with their zone in brackets. Never raises."""
    method, found = "", []
    fields: dict[str, str] | None = None
    for name, value in _lines(text):
        if name == "METHOD":
            method = value.upper()
        elif (name, value.upper()) == ("BEGIN", "VEVENT"):
            fields = {}
        elif (name, value.upper()) == ("END", "VEVENT") and fields is not None:
            found.append(_invitation(method, fields))
            fields = None
        elif fields is not None and name in _WANTED:
            fields.setdefault(name, value)
    return tuple(found[:MOST_ENTRIES])


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in _FOLD.sub("", text[:LONGEST_CALENDAR]).split("\n"):
        before, _, value = line[:4000].partition(":")
        name, _, parameters = before.partition(";")
        zone = next((each[5:] for each in parameters.split(";") if each.upper().startswith("TZID=")), "")
        clean = one_line(_ESCAPED.sub(lambda match: " " if match[1] in "nN" else match[1], value))[:500]
        yield name.strip().upper(), f"{clean} ({zone})" if zone and clean else clean


def _invitation(method: str, fields: dict[str, str]) -> Invitation:
    return Invitation(
        method=method[:40],
        summary=fields.get("SUMMARY", ""),
        starts=fields.get("DTSTART", ""),
        ends=fields.get("DTEND", ""),
        location=fields.get("LOCATION", ""),
        organizer=re.sub("^mailto:", "", fields.get("ORGANIZER", ""), flags=re.IGNORECASE),
    )
