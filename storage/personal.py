"""What every column is to a person: erased with them, kept because it only counts, or not about citizens.

Data, and the questions asked of it. ``tests/storage/test_personal.py`` refuses a column that stands nowhere.
"""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Table

from storage.columns import AnyRow, Base

_EVENT_DETAILS = frozenset(
    {
        *(
            "reason",
            "answers",
            "score",
            "to",
            "from",
            "why",
            "tied",
            "topic",
            "before",
            "step",
            "due",
            "until",
        ),
        *("due_at", "answered_at", "over_at", "ticket", "reference", "status", "gone"),
    }
)
"""What the log of a ticket keeps beside its words: numbers, moments and keys. All else goes."""

New = Callable[[AnyRow, datetime], Any]


def _emptied_address(row: AnyRow, _now: datetime) -> str:
    """Nobody's address, but one of its own: an address stands once at an office."""
    return f"erased-{row.id}"


def _only_counted(row: AnyRow, _now: datetime) -> dict[str, Any]:
    return {name: value for name, value in (row.detail or {}).items() if name in _EVENT_DETAILS}


def _only_number(row: AnyRow, _now: datetime) -> str:
    return str(row.reference)


def _moment(_row: AnyRow, now: datetime) -> datetime:
    return now


@dataclass(frozen=True, slots=True)
class Held:
    """A table whose rows stay: *emptied* gives the new value of columns (or how it follows from the row)."""

    emptied: Mapping[str, Any]
    kept: AbstractSet[str]


@dataclass(frozen=True, slots=True)
class Gone:
    """A table whose rows go with their person."""


@dataclass(frozen=True, slots=True)
class Nobodys:
    """A table that holds nothing of citizens: the office's, its officers', or the installation's own."""

    columns: AbstractSet[str] = field(default_factory=frozenset)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FATES: Mapping[str, Held | Gone | Nobodys] = {
    "contact": Held(
        {
            "name": "",
            "profile_name": "",
            "email": "",
            "opted_out_at": None,
            "blocked_at": _moment,
            "erased_at": _moment,
        },
        # Category and use are keys of our own lists: what reports count.
        _words("id office institution_category main_use language notice_version notice_at created_at"),
    ),
    "address": Held(
        {"value": _emptied_address, "dead_at": None, "dead_why": ""},
        _words("id office contact_id kind alias_of proved created_at"),
    ),
    "conversation": Held(
        {
            "reply_to": "",
            "subject": "",
            "state": "closed",
            "memory": {},
            "last_inbound_at": None,
            "ticket_id": None,
            "complaint_id": None,
        },
        _words("id office channel sender address_id contact_id thread created_at"),
    ),
    "ticket": Held(
        {
            "subject": "",
            "request": {},
            "search_text": _only_number,
            "touched_at": _moment,
            "silent_since": None,
            "closable_at": None,
        },
        _words(
            "id office handled_by conversation_id contact_id kind year number reference status close_reason"
            " waiting_for waiting_since claimed_by confirmed linked_to perhaps_of merged_into opened_at"
            " clear_at answered_at closed_at closings topic clock_from due_at pauses calendar_version"
        ),
    ),
    "ticket_event": Held({"detail": _only_counted}, _words("id office ticket_id at officer_id what")),
    "rating": Held(
        {"comment": ""},
        _words("id office ticket_id closing close_reason score asked_at reminded_at answered_at page"),
    ),
    "survey": Held(
        {"suggestion": ""},
        _words(
            "id office ticket_id closing requirements procedure time cost product competence behaviour"
            " complaints facilities answered_at"
        ),
    ),
    "complaint": Held(
        {"plan": "", "tells_at": None},
        _words(
            "ticket_id office category weight acknowledged_at examined_at complete_at plan_by plan_due"
            " plan_done_at changed_by changed_at"
        ),
    ),
    "searched": Held(
        {"query": ""}, _words("id office conversation_id found answered at settled_at settled_by")
    ),
    "privacy_request": Held(
        {},
        _words(
            "id office contact_id conversation_id kind channel asked_at due_at state erase_at done_at"
            " confirmed_by opened"
        ),
    ),
    # That somebody agreed or refused, and when, is proof for longer; who it was and in which words is not.
    "consent": Held(
        {"address": "", "words": "", "message_id": None},
        _words("id office contact_id channel what source officer_id at"),
    ),
    **dict.fromkeys(
        ("message", "mail", "notice", "proof", "receipt", "timer", "unrouted", "finding", "answer"), Gone()
    ),
    **dict.fromkeys(("media", "file_link"), Gone()),
    "file_scan": Nobodys(_words("sha256 verdict virus at")),
    "officer": Nobodys(
        _words(
            "id email name password_hash administrator language sessions disabled_at created_at"
            " password_temporary second_factor second_factor_at second_factor_step"
        )
    ),
    "membership": Nobodys(
        _words("officer_id office role mail_mine mail_new mail_reminders topics takes given_at")
    ),
    "read_mark": Nobodys(_words("officer_id ticket_id message_id")),
    "presence": Nobodys(_words("officer_id ticket_id writing seen_at")),
    "accused": Nobodys(_words("officer_id ticket_id found at")),
    "duty": Nobodys(_words("office officer_id weekday half")),
    "leave": Nobodys(
        _words(
            "id office officer_id first first_half last last_half reason given_back_at created_by created_at"
        )
    ),
    "series": Nobodys(_words("office kind year last")),
    "calendar": Nobodys(_words("office version")),
    "calendar_day": Nobodys(_words("office day kind name hours estimated source changed_by changed_at")),
    "calendar_season": Nobodys(_words("id office name first last hours changed_by changed_at")),
    "catalogue_item": Nobodys(
        _words(
            "id office kind source external_id title link released_on summary title_terms more_terms"
            " changed_at"
        )
    ),
    "catalogue_source": Nobodys(_words("office lease_until tried_at fetched_at items error")),
    "content_template": Nobodys(
        _words("id account key language content_id wording category approval reason changed_at")
    ),
    "mailbox": Nobodys(
        _words(
            "name uidvalidity last_uid began_at lease_owner lease_until polled_at failing_since failures"
            " error refresh_token probe probe_sent_at probe_seen_at"
        )
    ),
    "reconciliation": Nobodys(
        _words(
            "account began_at read_up_to lease_owner lease_until ran_at seen imported marked failing_since"
            " error"
        )
    ),
    # The last recipient who was refused is emptied by ``storage.erasure``.
    "sender_pace": Nobodys(
        _words("sender recent line_until paused_until pauses trouble refused_at refused_address")
    ),
    # Its words are places and counts ("never a citizen's"); only numbers of complaints stand there.
    "alarm": Nobodys(
        _words("key office what about since last_at times settled_at settled_by told_at over_told_at")
    ),
    # What names a person there is emptied by ``storage.erasure``, which knows its kinds.
    "audit": Nobodys(_words("id at officer_id what detail")),
    "sign_in": Nobodys(_words("mark officer_id at browser")),
    "guess": Nobodys(_words("id at place account")),
    "recovery_code": Nobodys(_words("officer_id mark")),
    "installation": Nobodys(_words("key value")),
    "forgotten": Nobodys(_words("mark at")),
    "unwanted_file": Nobodys(_words("sha256 at")),
    "breach": Nobodys(
        _words(
            "id office noticed_at happened what which whose measures due_at people_told_at"
            " authority_told_at written_by changed_at"
        )
    ),
}

WITHHELD: Mapping[str, AbstractSet[str]] = {
    # Secrets, and what only the machinery needs.
    "proof": _words("code_hash"),
    # What the office thinks about a complaint, and who examines it, protects others.
    "complaint": _words("plan plan_by changed_by"),
    # Which officer did what is not the citizen's own.
    "message": _words("officer_id"),
    "ticket": _words("claimed_by"),
    "ticket_event": _words("officer_id"),
    "searched": _words("settled_by"),
    "mail": _words("settled_by"),
    "privacy_request": _words("confirmed_by"),
    "unrouted": _words("settled_by"),
    "finding": _words("settled_by"),
    "consent": _words("officer_id"),
}
"""Of what a person gets a copy of, the columns that they don't get."""
NOT_THEIRS = frozenset({"notice", "answer", "receipt", "file_link"})
"""Tables whose rows are erased with a person but not handed out: mails to officers, the office's own answers,
and a provider's reports, which say of messages what stands there already."""


def fate_of(name: str) -> Held | Gone | Nobodys:
    """What becomes of the rows of the table *name*; of one that nobody has looked at they go: rather so."""
    return FATES.get(name, Gone())


def is_personal(table: Table) -> bool:
    """Whether rows of *table* may be about a citizen."""
    return not isinstance(fate_of(table.name), Nobodys)


def unclassified() -> list[str]:
    """Every column that stands in no table of ``FATES``, and every name there that is none."""
    found = []
    for table in Base.metadata.sorted_tables:
        fate, columns = FATES.get(table.name), {column.name for column in table.columns}
        told: AbstractSet[str]
        match fate:
            case Gone():
                told = columns
            case Held(emptied, kept):
                told = emptied.keys() | kept
                found += [f"{table.name}.{name} twice" for name in emptied.keys() & kept]
            case Nobodys(own):
                told = own
            case _:
                told = frozenset()
        found += [f"{table.name}.{name}" for name in sorted(columns ^ told)]
    return found + sorted(FATES.keys() - Base.metadata.tables.keys())
