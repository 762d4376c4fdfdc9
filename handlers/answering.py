"""The office's own answers, drafted and published; and what in them could be somebody's personal data."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection

from bot.understanding import words_of
from handlers import markdown
from handlers.runtime import Runtime
from handlers.searching import place_words
from storage import answers, catalogue, officers
from storage.catalogue import Item
from storage.catalogue_tables import LONGEST_TITLE
from storage.columns import AnyRow
from storage.inbox import View

LONGEST_BODY = 20_000
_OFFICE = "office"
_KIND = "answer"
_EMAIL = re.compile(r"[^\s@<>()\[\]]{1,64}@[^\s@<>()\[\]]{1,190}\.[A-Za-z]{2,24}")
_NUMBER = re.compile(r"(?<![\w/.=-])\+?\d(?:[ .()-]?\d){8,17}(?![\w/])")
_REFERENCE = re.compile(r"\b[A-Z]{2,6}-(?:P-)?\d{4}-\d{5,6}\b")
_SHORTEST_NAME = 4


@dataclass(frozen=True, slots=True)
class Written:
    """An answer as it stands in the editor. ``id`` is None for a new one; ``edition`` is of the one shown."""

    question: str
    body: str
    id: int | None = None
    from_ticket: int | None = None
    edition: str = ""


class Incomplete(Exception):
    """The question or the answer is missing or too long."""


class Gone(Exception):
    """This office has no such answer."""


class Overtaken(Exception):
    """A colleague has saved another text, or published it, since the editor showed the answer."""


def edition(row: AnyRow) -> str:
    """What tells the text of an answer from any other that it has had."""
    return sha256(f"{row.question}\n{row.body}".encode()).hexdigest()[:16]


def keep(runtime: Runtime, view: View, written: Written) -> int:
    """Keep a draft; its id. What is published already is changed by publishing only."""
    _check(written)
    with runtime.database.write() as connection:
        if written.id is None:
            values = {"question": written.question, "body": written.body, "from_ticket": written.from_ticket}
            return answers.add(connection, view, values, runtime.clock())
        told = {"question": written.question, "body": written.body}
        if _shown(connection, view, written).published_at is not None:
            raise Overtaken
        answers.change(connection, view, written.id, told, runtime.clock())
        return written.id


def _shown(connection: Connection, view: View, written: Written) -> AnyRow:
    """The row that is changed, which nobody else changes now, if it is as the editor showed it."""
    row = answers.lock(connection, view, written.id or 0)
    if row is None:
        raise Gone
    if edition(row) != written.edition and (row.question, row.body) != (written.question, written.body):
        raise Overtaken
    return row


def publish(runtime: Runtime, view: View, written: Written) -> int:
    """Let everybody find and read it; its id."""
    _check(written)
    now, office = runtime.clock(), runtime.office(view.office)
    told = {"question": written.question, "body": written.body, "published_at": now}
    with runtime.database.write() as connection:
        if written.id is None:
            told["from_ticket"] = written.from_ticket
            answer_id = answers.add(connection, view, told, now)
        else:
            _shown(connection, view, written)
            answers.change(connection, view, answer_id := written.id, told, now)
        summary = markdown.plain(written.body)
        page = f"{runtime.settings.public_url.rstrip('/')}/jawaban/{view.office}/{answer_id}"
        day = now.date()
        item = Item(_KIND, str(answer_id), written.question, page, day, summary, summary[:2000])
        catalogue.keep(connection, view.office, _OFFICE, [item], place_words(office), now)
        about = {"office": view.office, "answer": answer_id}
        officers.record(connection, "answer_published", now, view.officer_id, about)
    return answer_id


def withdraw(runtime: Runtime, view: View, answer_id: int) -> None:
    """Nobody finds or reads it any more; the draft stays."""
    now = runtime.clock()
    with runtime.database.write() as connection:
        if not answers.change(connection, view, answer_id, {"published_at": None}, now):
            raise Gone
        catalogue.remove(connection, view.office, _OFFICE, _KIND, str(answer_id))
        about = {"office": view.office, "answer": answer_id}
        officers.record(connection, "answer_withdrawn", now, view.officer_id, about)


def _check(written: Written) -> None:
    if not 0 < len(written.question) <= LONGEST_TITLE or not 0 < len(written.body) <= LONGEST_BODY:
        raise Incomplete


def traces(written: Written, names: tuple[str, ...] = ()) -> Iterator[str]:
    """What looks like personal data: addresses, long numbers, ticket numbers, and *names* of the ticket."""
    text = f"{written.question}\n{written.body}"
    patterns = (_EMAIL, _NUMBER, _REFERENCE)
    found = [match.group().strip() for pattern in patterns for match in pattern.finditer(text)]
    said = set(words_of(text))
    parts = [word for name in names for word in words_of(name) if len(word) >= _SHORTEST_NAME]
    named = [word for word in parts if word in said]
    yield from dict.fromkeys([*found, *named])
