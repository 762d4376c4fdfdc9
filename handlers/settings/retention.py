"""How long what is kept is kept: the shape of ``retention``. Whatever is not said is kept."""

from typing import Annotated

from pydantic import Field

from handlers.settings.part import Part

_Days = Annotated[int, Field(ge=1, le=36_500)]


class Retention(Part):
    """Days after which something goes; None: never by itself.

    ``person``: since a person was last spoken with, with nothing open. ``payloads``: of requests as WhatsApp
    sent them, and its reports. ``searches``: of searched words. ``audit``: of the audit log.
    """

    person: _Days | None = None
    payloads: _Days | None = None
    searches: _Days | None = None
    audit: _Days | None = None
