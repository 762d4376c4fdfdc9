"""Configurations read once: those of two desks in tests differ in where they lie, and in nothing else."""

import pickle
from collections.abc import Hashable, Mapping
from pathlib import Path

from sqlalchemy import make_url

from handlers.settings import Settings, load

_kept: dict[Hashable, bytes] = {}


def settings_of(file: Path, database_url: str, environ: Mapping[str, str]) -> Settings:
    """What ``load`` makes of *file*, which names its own folder for its data, and this database."""
    folder, data = str(file.parent), file.parent / "data"
    places = {database_url: "DATABASE", str(data): "DATA"}
    text = file.read_text("utf-8")
    for place, word in places.items():
        text = text.replace(place, word)
    key = (text, *sorted(environ.items()))
    if key not in _kept:
        loaded = load(file, environ)
        if folder in text or folder in repr(loaded.channels) or "LOKET_DATABASE_URL" in environ:
            return loaded
        _kept[key] = pickle.dumps(loaded)
    its_own: Settings = pickle.loads(_kept[key])  # noqa: S301  # ours, a moment ago; a test may change it
    url = make_url(database_url).render_as_string(hide_password=False)
    database = its_own.database.model_copy(update={"url": url})
    return its_own.model_copy(update={"data_dir": data, "database": database})
