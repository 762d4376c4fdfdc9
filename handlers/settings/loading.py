"""Reading the configuration: the file, a few words of the environment on top, everything checked at once."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import make_url

from handlers import secrets, shipped_files
from handlers.settings.cloud import broken_number_rules
from handlers.settings.mailboxes import broken_mailbox_rules
from handlers.settings.offices import office_blocks
from handlers.settings.problems import Place, Problem, problems_in
from handlers.settings.rules import broken_rules
from handlers.settings.shape import Channels, Imap, Mailbox, Settings, Smtp
from handlers.settings.templates import broken_template_rules
from handlers.settings.yaml_text import ConfigError, read

OVERRIDES: Mapping[str, tuple[str, ...]] = {
    "LOKET_DATABASE_URL": ("database", "url"),
    "LOKET_PUBLIC_URL": ("public_url",),
    "LOKET_WHATSAPP_API_URL": ("channels", "whatsapp", "api_url"),
}
"""Variables that stand above the file (each also as NAME_FILE), and the key that each replaces."""


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read and check the configuration; secrets need not be there yet.

    *path*, else LOKET_CONFIG, else ``./config.yaml``. Relative paths inside are meant from the file's own
    folder, so that every command finds the same database. Raises ``ConfigError`` with all that is wrong.
    """
    file = find_file(path, environ)
    home = file.resolve().parent
    return _anchored(_Reading(read(file), home, environ).settings(), home)


def find_file(path: Path | None, environ: Mapping[str, str]) -> Path:
    """The configuration file to read. Raises ``ConfigError``, naming the sample, when there is none."""
    file = path or Path(environ.get("LOKET_CONFIG") or "config.yaml")
    try:
        if file.is_file():
            return file
    except PermissionError:  # of a folder above it
        raise ConfigError([f"{file}: can't be read: run loket as a user who may enter its folder"]) from None
    raise ConfigError(
        [f"{file}: there is no such file. Copy the sample, {shipped_files.sample_config()}, and change it."]
    )


class _Reading:
    """One file on its way to become settings; knows where each value came from."""

    def __init__(self, content: dict[str, Any], home: Path, environ: Mapping[str, str]) -> None:
        self._content = content
        self._home = home
        self._environ = environ
        self._overridden: dict[Place, str] = {}
        self._problems: list[Problem] = [*_secrets_written_out(content)]

    def settings(self) -> Settings:
        """Typed and checked. Raises ``ConfigError``: first for shapes, then for rules."""
        whole = self._merged()
        settings = self._typed(whole)
        if settings is not None:
            languages, whatsapp = shipped_files.languages(), settings.channels.whatsapp
            self._problems += broken_rules(settings.offices, languages)
            self._problems += broken_template_rules(whatsapp.templates, languages, len(whatsapp.accounts))
            self._problems += broken_mailbox_rules(settings.channels.email.mailboxes)
            self._problems += broken_number_rules(settings.channels.whatsapp)
        if settings is None or self._problems:
            raise ConfigError(
                list(dict.fromkeys(f"{self._path(place)}: {say}" for place, say in self._problems))
            )
        return settings

    def _merged(self) -> dict[str, Any]:
        whole = {key: value for key, value in self._content.items() if key != "defaults"}
        if "offices" in self._content:
            whole["offices"] = office_blocks(self._content, self._home, self._problems)
        for name, place in OVERRIDES.items():
            self._override(whole, name, place)
        return whole

    def _override(self, whole: dict[str, Any], name: str, place: tuple[str, ...]) -> None:
        try:
            value = secrets.find(name, self._environ)
        except secrets.SecretError as error:
            raise ConfigError([str(error)]) from None
        if value:
            self._overridden[place] = name
            _put(whole, place, value)

    def _typed(self, whole: dict[str, Any]) -> Settings | None:
        try:
            # As JSON, because strict JSON takes no "3" for 3 and no true for 1, but words for choices.
            return Settings.model_validate_json(json.dumps(whole), strict=True)
        except ValidationError as error:
            self._problems += problems_in(error, Settings)
            return None

    def _path(self, place: Place) -> str:
        if place in self._overridden:
            return self._overridden[place]
        if self._comes_from_defaults(place):
            place = ("defaults", *place[2:])
        return ".".join(map(str, place))

    def _comes_from_defaults(self, place: Place) -> bool:
        if place[0] != "offices" or len(place) < 3 or _stands(self._content, place):
            return False
        return _stands(self._content.get("defaults"), place[2:])


def _secrets_written_out(content: Mapping[str, Any]) -> Iterator[Problem]:
    channels = content.get("channels")
    if isinstance(channels, dict):
        for place in secrets.literal_in(channels.get("email"), ("channels", "email")):
            yield place, secrets.REFERENCE_WANTED
    database = content.get("database")
    url = database.get("url") if isinstance(database, dict) else None
    if isinstance(url, str) and re.search(r"://[^@]*:[^@]+@|[?&]password=", url):
        yield ("database", "url"), "holds a password; keep it out of the file and set LOKET_DATABASE_URL"


def _put(whole: dict[str, Any], place: tuple[str, ...], value: str) -> None:
    """Set the value at *place*, on copies: the file's own content stays as it was read."""
    first, *rest = place
    if not rest:
        whole[first] = value
        return
    inner = whole.get(first)
    whole[first] = dict(inner) if isinstance(inner, dict) else {}
    _put(whole[first], tuple(rest), value)


def _stands(value: Any, place: Place) -> bool:
    for key in place:
        items = dict(enumerate(value)) if isinstance(value, list) else value
        if not isinstance(items, dict) or key not in items:
            return False
        value = items[key]
    return True


def _anchored(settings: Settings, home: Path) -> Settings:
    url = make_url(settings.database.url)
    if url.drivername == "sqlite" and url.database:
        url = url.set(database=str(home / url.database))
    database = settings.database.model_copy(update={"url": url.render_as_string(hide_password=False)})
    anchored = {"data_dir": home / settings.data_dir, "database": database}
    return settings.model_copy(update={**anchored, "channels": _channels(settings.channels, home)})


def _channels(channels: Channels, home: Path) -> Channels:
    boxes = {name: _mailbox(box, home) for name, box in channels.email.mailboxes.items()}
    return channels.model_copy(update={"email": channels.email.model_copy(update={"mailboxes": boxes})})


def _mailbox(box: Mailbox, home: Path) -> Mailbox:
    servers: dict[str, Imap | Smtp] = {"imap": box.imap, "smtp": box.smtp}
    anchored = {
        part: server.model_copy(update={"ca_file": home / server.ca_file})
        for part, server in servers.items()
        if server.ca_file is not None
    }
    return box.model_copy(update=anchored)
