"""What no test is about waits for minutes: a machine that stalls makes tests slower, and none of them fail.

Tests of a limit set their own. The server processes that tests start keep to what the desk usually does.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from channels import openid
from channels.email import imap, oauth, smtp
from channels.openid import Issuer
from channels.simulator import cloud, media, posting, provider
from channels.whatsapp import fetching
from channels.whatsapp.cloud import graph
from channels.whatsapp.cloud.graph import Graph
from channels.whatsapp.cloud.sending import CloudApi
from channels.whatsapp.sending import WhatsApp
from handlers.mailroom import watching
from handlers.mailroom.reading import Reader
from handlers.media import looking
from storage import db

MINUTES = 120
_CONSTANTS = (
    (cloud, "SECONDS_TO_POST"),
    (db, "SECONDS_TO_CONNECT"),
    (db, "SECONDS_TO_WAIT"),
    (fetching, "SECONDS_TO_CONNECT"),
    (graph, "SECONDS_TO_CONNECT"),
    (imap, "SECONDS_TO_CONNECT"),
    (looking, "SECONDS"),
    (media, "_SECONDS"),
    (oauth, "SECONDS_TO_ANSWER"),
    (posting, "SECONDS_TO_POST"),
    (provider, "SECONDS_TO_POST"),
    (smtp, "SECONDS_TO_CONNECT"),
    (watching, "_SECONDS_TO_END"),
)


@contextmanager
def patience() -> Iterator[None]:
    """Until the end of the block nothing in this process gives up early."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in _CONSTANTS:
            patch.setattr(module, name, MINUTES)
        patch.setitem(_named(WhatsApp.__init__), "timeout", MINUTES)
        patch.setitem(_named(CloudApi.__init__), "timeout", MINUTES)
        patch.setitem(_named(Reader.__init__), "seconds", MINUTES)
        for function, usual in (
            (Graph.__init__, graph.SECONDS_TO_ANSWER),
            (Issuer.__init__, openid.SECONDS_TO_ANSWER),
        ):
            patch.setattr(function, "__defaults__", _longer(function, usual))
        yield


def _named(function: Callable[..., Any]) -> dict[str, Any]:
    """The defaults of what must be named, as a call finds them."""
    return function.__kwdefaults__ or {}


def _longer(function: Callable[..., Any], usual: float) -> tuple[Any, ...]:
    return tuple(MINUTES if each == usual else each for each in function.__defaults__ or ())
