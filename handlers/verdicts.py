"""What WhatsApp says of a template: held answers may wait for one that may leave from now on."""

import logging
from datetime import datetime

from storage import content_templates, held
from storage.content_templates import APPROVED, Known
from storage.db import Database

log = logging.getLogger(__name__)


def keep(database: Database, known: Known, now: datetime) -> None:
    """Remember *known* instead of what was known of this template of this account."""
    with database.write() as connection:
        rows = content_templates.of_account(connection, known.account, known.key)
        before = next((row.approval for row in rows if row.language == known.language), "")
        content_templates.keep(connection, known, now)
        if known.approval == APPROVED != before:
            held.wake_all(connection, now)
    if known.approval != before:
        log.info("template %s (%s) is %s at WhatsApp now", known.key, known.language, known.approval)
