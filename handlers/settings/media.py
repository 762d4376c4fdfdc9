"""The shape of what is configured about files that citizens send and are sent."""

from typing import Annotated

from pydantic import AfterValidator, Field

from channels.clamd import Clamd
from handlers.settings.part import Part


def _scanner(text: str) -> str:
    Clamd(text)  # raises for an address that is none
    return text


class MediaSetting(Part):
    """Files of WhatsApp messages. *largest_mb*: what is fetched at most of what a citizen sends.

    *delete_after_storing*: whether the provider is to forget a file that is kept here. *link_days*: how
    long a citizen can fetch what was too large, or of no kind that WhatsApp carries, by its link.
    """

    largest_mb: int = Field(20, ge=1, le=100)
    delete_after_storing: bool = True
    link_days: int = Field(14, ge=1, le=365)


class Scan(Part):
    """The virus scanner that files of citizens are shown to; none without *clamd*."""

    clamd: Annotated[str, AfterValidator(_scanner)] | None = None
