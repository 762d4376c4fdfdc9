"""Messages whose provider can't be asked what became of them: only a report with our id ever tells.

A mail that is sent again is the same mail for its reader; on WhatsApp it would stand there twice. So nothing
is repeated here. Most reports come within seconds; what none came for stays *perhaps sent*, officers see
that and decide, and a report that comes days later still finds it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from channels.contract import SendError, Trouble
from channels.whatsapp.cloud.codes import ONLY_REPORTED, PERHAPS_SENT
from channels.whatsapp.errors import officer_words
from storage.columns import AnyRow

PATIENCE = timedelta(minutes=15)
BETWEEN_LOOKS = timedelta(minutes=1)
_SINCE = "in_doubt_since"


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is written down about such a message: why, when to look again (None for never), its notes."""

    error: SendError
    next_look: datetime | None
    notes: Mapping[str, Any]


def doubt(message: AnyRow, error: SendError, now: datetime) -> Doubt | None:
    """How it stands with *message*, about which asking failed with *error*; None where asking may help."""
    if error.code != ONLY_REPORTED:
        return None
    notes = dict(message.raw or {})
    since = datetime.fromisoformat(notes.setdefault(_SINCE, now.isoformat()))
    if now - since < PATIENCE:
        return Doubt(error, now + BETWEEN_LOOKS, notes)
    perhaps = SendError(PERHAPS_SENT, officer_words(PERHAPS_SENT, "en"), Trouble.UNKNOWN)
    return Doubt(perhaps, None, notes)
