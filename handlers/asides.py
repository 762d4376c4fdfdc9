"""What a provider tells besides messages: kept where people see it, answered by nobody."""

import json
import logging
from hashlib import sha256
from typing import Any

from channels.contract import Inbound
from channels.whatsapp.reading import CHANNEL
from handlers import inbound
from handlers.runtime import Runtime
from storage import contacts, intake, threads, tickets

log = logging.getLogger(__name__)
LONGEST_KEPT = 65_536


def keep(runtime: Runtime, told: Inbound) -> None:
    """File something about a known person with their thread; of a stranger there is nothing to tell."""
    now = runtime.clock()
    office = runtime.settings.office_of(told.channel, told.sender)
    if office is None:
        inbound.accept(runtime, told)  # for no office: seen by the administrator
        return
    with runtime.database.write() as connection:
        home = contacts.known(connection, office.code, told.channel, told.address)
        thread = threads.chat_with(connection, home.address_id, told.sender) if home else None
        if home is None or thread is None:
            log.info("something was told of a person who never wrote here")
            return
        conversation_id, ticket_id = thread
        row = inbound.row_of(told, office.code, home.address_id, now)
        where = {"conversation_id": conversation_id, "ticket_id": ticket_id}
        fresh = intake.add(connection, row | where | {"intake": "filed", "outcome": "filed"})
        if fresh and ticket_id is not None:
            tickets.touch(connection, ticket_id, now)


def keep_unread(runtime: Runtime, account: str, lacking: str, raw: Any) -> None:
    """Keep what was signed and can't be understood, once, for the administrator to read."""
    written = raw if isinstance(raw, str) else json.dumps(raw, sort_keys=True)
    row = {
        "channel": CHANNEL,
        "account": account,
        "external_id": f"unread:{sha256(written.encode(errors='replace')).hexdigest()}",
        "sender": account or "?",
        "address": "?",
        "raw": {"Body": written[:LONGEST_KEPT].replace("\x00", "")},
        "at": runtime.clock(),
    }
    with runtime.database.write() as connection:
        added = intake.add_unrouted(connection, row)
    if added:
        log.error(
            "a signed event of the Cloud API could not be read (%s): see the unrouted messages", lacking
        )
