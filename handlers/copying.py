"""The copy of one person's data: a ZIP with all of it as JSON, a page to read, and the files as they are."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.policy import Office
from handlers import wording
from handlers.phrases import PHRASES
from handlers.runtime import Runtime
from handlers.shipped_files import templates_folder
from storage import copying, officers, unwanted

COPIED = "person_copied"
_MAILS, _FILES = "surat/", "berkas/"


def make(runtime: Runtime, office: Office, contact_id: int, language: str, officer_id: int | None) -> bytes:
    """The ZIP, and a row in the audit log that it was taken: by an officer, or by the person (None)."""
    now = runtime.clock()
    with runtime.database.read() as connection:
        rows = copying.of(connection, contact_id, officer_id)
    with runtime.database.write() as connection:
        detail = {"office": office.code, "contact": contact_id}
        officers.record(connection, COPIED, now, officer_id, detail)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(_plain(rows), ensure_ascii=False, indent=1))
        archive.writestr("baca.html", _page(rows, office, language, now))
        for name, said in _attached(runtime, rows):
            archive.writestr(name, said)
    return content.getvalue()


def file_name(office: Office, now: datetime) -> str:
    """What the ZIP is called: nothing in it names the person."""
    return f"data-{office.short_name.lower()}-{now:%Y%m%d}.zip"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return f"{len(value)} bytes" if isinstance(value, bytes) else value


def _attached(runtime: Runtime, rows: copying.Rows) -> Iterator[tuple[str, bytes]]:
    """Mails as they came, and every file that a row of theirs names."""
    names: dict[str, None] = {}
    for table, some in rows.items():
        for row in some:
            if table == "mail":
                raw = row["raw"] or runtime.files.get(row["sha256"])
                if raw is not None:
                    yield f"{_MAILS}{row['id']}.eml", raw
            else:
                names |= dict.fromkeys(unwanted.held_by(row))
    for name in names:
        content = runtime.files.get(name)
        if content is not None:
            yield f"{_FILES}{name}", content


def _page(rows: copying.Rows, office: Office, language: str, now: datetime) -> str:
    phrases = PHRASES[language if language in office.languages else office.languages[0]]
    return str(
        _template().render(
            office=office,
            name=wording.office_name(office, language),
            english=language == "en",
            rows=rows,
            channels=phrases.channels,
            institutions=phrases.institutions,
            main_uses=phrases.main_uses,
            moment=lambda at: wording.local(at, office).strftime("%d-%m-%Y %H:%M") if at else "",
            zone=office.timezone,
            now=now,
        )
    )


@cache
def _template() -> Any:
    folder = templates_folder() / "copies"
    found = Environment(loader=FileSystemLoader(folder), undefined=StrictUndefined, autoescape=True)
    found.trim_blocks = found.lstrip_blocks = True
    return found.get_template("read.html")
