"""WhatsApp tells nobody that it has approved a template, or stops one: it is asked again and again."""

import logging
from datetime import datetime, timedelta

from channels.contract import SendError
from handlers import pushing
from handlers.pushing import Wanted
from handlers.runtime import Runtime
from storage import content_templates, own
from storage.columns import AnyRow
from storage.content_templates import APPROVED

log = logging.getLogger(__name__)
WAITING = timedelta(hours=1)
"""How often is asked while WhatsApp has not approved one that is configured."""
USUAL = timedelta(days=1)
_ASKED = "templates_asked"


def look_due(runtime: Runtime) -> None:
    """Ask for every account's templates, where it is time; in one process, whichever comes first."""
    if not _takes(runtime, runtime.clock()):
        return
    for account, contents in pushing.accounts(runtime):
        try:
            pushing.refreshed(runtime, account, contents)
        except SendError as error:
            about = (account[-6:], error.detail)
            log.error("WhatsApp can't be asked about the templates of account …%s: %s", *about)


def _takes(runtime: Runtime, now: datetime) -> bool:
    """Whether it is time, and this process is the one that asks."""
    with runtime.database.read() as connection:
        last = own.moment(connection, _ASKED)
        every = WAITING if _waits(runtime, content_templates.all_of_them(connection)) else USUAL
    # One that lies ahead was noted by a clock that was wrong.
    if last is not None and timedelta() <= now - last < every:
        return False
    with runtime.database.write() as connection:
        return own.move(connection, _ASKED, last, now)


def _waits(runtime: Runtime, known: list[AnyRow]) -> bool:
    """Whether there is a configured template that WhatsApp has not approved."""
    configured = pushing.configured(runtime.settings)
    worded = {(each.key, each.draft.language): each for each in configured}
    return any(row.approval != APPROVED for row in known if _is_of(row, worded.get((row.key, row.language))))


def _is_of(row: AnyRow, asked: Wanted | None) -> bool:
    return asked is not None and (bool(asked.fixed) or row.wording == asked.mark)
