"""The language of officers' pages: written in Indonesian, translated by ``templates/inbox/<lang>.po``.

The catalogues are compiled in memory when the app starts, so a fresh clone needs no build step.
"""

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import flask_babel
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, request
from flask_babel import Babel, Domain
from markupsafe import Markup

from handlers.shipped_files import templates_folder
from handlers.web import current

WRITTEN_IN = "id"
LANGUAGES: Mapping[str, str] = {"id": "Bahasa Indonesia", "en": "English"}


class _Catalogues(Domain):  # type: ignore[misc]  # flask_babel has no types
    """Flask-Babel's domain, fed from ``.po`` files instead of compiled ones."""

    def get_translations(self) -> NullTranslations:
        """The catalogue of this request's language."""
        return _catalogue(chosen())


def install(app: Flask) -> None:
    """Make ``gettext`` speak the officer's language on *app*."""
    babel = Babel()
    babel.init_app(app, default_locale=WRITTEN_IN, locale_selector=chosen)
    babel.domain_instance = _Catalogues()
    # A page has hundreds of sentences, and Flask-Babel asks itself three questions for each.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of its extension for gettext
        lambda words: _catalogue(chosen()).ugettext(words),
        lambda one, many, number: _catalogue(chosen()).ungettext(one, many, number),
        newstyle=True,
    )
    app.jinja_env.globals["_"] = _said


def _said(words: str, **values: object) -> Markup:
    """A sentence of a template, as Jinja's own ``_`` gives it, which takes three calls for each."""
    language = chosen()
    return Markup(_catalogue(language).ugettext(words)) % values if values else _plain(language, words)  # noqa: S704  # the catalogue is ours


@cache
def _plain(language: str, words: str) -> Markup:
    return Markup(_catalogue(language).ugettext(words)) % {}  # noqa: S704  # the catalogue is ours


def chosen() -> str:
    """The officer's language; before signing in what the address asks for, else Indonesian.

    Every sentence of a page asks for it: it is kept with who asked, for as long as the page is made.
    """
    known: Any = g._get_current_object()  # noqa: SLF001  # werkzeug's public name; each look through it costs
    kept: tuple[object, str] | None = known.get("spoken")
    if kept is None or kept[0] is not _asking(known):
        language = _wanted()
        kept = known.spoken = (_asking(known), language)
    return kept[1]


def _asking(known: Any) -> object:
    """Who flask_login has found for this request: somebody else after a sign-in, and nobody after a fault."""
    return None if "nobody" in known else known.get("_login_user")


def _wanted() -> str:
    who = current.account()
    wanted = who.language if who is not None else request.args.get("lang", WRITTEN_IN)
    return wanted if wanted in LANGUAGES else WRITTEN_IN


def catalogue_file(language: str) -> Path:
    """Where the translations into *language* stand."""
    return templates_folder() / "inbox" / f"{language}.po"


@cache
def _catalogue(language: str) -> NullTranslations:
    if language == WRITTEN_IN:
        return NullTranslations()
    compiled = BytesIO()
    with catalogue_file(language).open("rb") as written:
        catalogue: Any = read_po(written, locale=language)
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def gettext(words: str, **values: object) -> str:
    """*words* (Indonesian) in the officer's language, with *values* put in."""
    found = str(_catalogue(chosen()).ugettext(words))
    return found % values if values else found


def ngettext(one: str, many: str, num: int) -> str:
    """The same for what is counted."""
    return str(flask_babel.ngettext(one, many, num))
