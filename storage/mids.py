"""Ids of messages. Those that are made one after the other stand beside each other in their index.

By chance alone each message would touch, and write anew, another page of it.
"""

import secrets
from datetime import datetime
from uuid import UUID

_LOW = (1 << 62) - 1


def new(now: datetime) -> str:
    """A UUID of version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, 74 of chance."""
    return _made(now, secrets.randbits(74))


def first(moment: datetime) -> str:
    """None that is made at this *moment*, or later, sorts before it."""
    return _made(moment, 0)


def _made(moment: datetime, chance: int) -> str:
    milliseconds = int(moment.timestamp() * 1000)
    high = milliseconds << 16 | 7 << 12 | chance >> 62
    return str(UUID(int=high << 64 | 0b10 << 62 | chance & _LOW))
