"""The webhook of Meta's Cloud API, in the same bare application as Twilio's.

Meta posts again for seven days whatever is not answered with 200, and never again what is. So only a
database that is away is told to come again; what is signed and can't be understood is kept and answered.
"""

import hmac
import logging
from collections.abc import Mapping
from functools import partial

from flask import Flask, Response, request

from channels.contract import Inbound, Receipt
from channels.whatsapp.cloud.reading import Aside, Happening, Ignored, Trouble, Unread, read_event
from channels.whatsapp.cloud.signature import SIGNATURE, signers
from channels.whatsapp.cloud.values import NotJson, parsed
from channels.whatsapp.errors import officer_words
from handlers import asides, inbound, receipts
from handlers.arriving import Arrivals
from handlers.runtime import Runtime
from handlers.web import refused_signatures
from storage.db import AWAY

log = logging.getLogger(__name__)
PATH = "/whatsapp-cloud"
LARGEST_EVENT = 3 * 1024 * 1024


def add_to(app: Flask, runtime: Runtime, arrivals: Arrivals) -> None:
    """Put the webhook into the intake's application; messages come in by the same door as Twilio's."""
    app.add_url_rule(PATH, "cloud_handshake", partial(_handshake, runtime), methods=["GET"])
    app.add_url_rule(PATH, "cloud_event", partial(_event, runtime, arrivals), methods=["POST"])


def _handshake(runtime: Runtime) -> Response:
    """Meta asks whether the address is ours, with the word that was told to it: its challenge comes back."""
    given = request.args.get("hub.verify_token", "").encode(errors="replace")
    words = {keys.verify_token.encode() for keys in runtime.keys.cloud.values()}
    known = [hmac.compare_digest(word, given) for word in words]
    if request.args.get("hub.mode") != "subscribe" or not any(known):
        return refused_signatures.answer("a handshake for the Cloud API was refused", "refused")
    shown = {"X-Content-Type-Options": "nosniff"}
    return Response(request.args.get("hub.challenge", ""), 200, shown, mimetype="text/plain")


def _event(runtime: Runtime, arrivals: Arrivals) -> Response:
    """What Meta tells: 200 only after all of it is stored, whatever becomes of it afterwards."""
    body = request.get_data()
    if len(body) > LARGEST_EVENT:
        return Response("too large", 413)
    secrets = {number: keys.app_secrets for number, keys in runtime.keys.cloud.items()}
    signed = signers(body, request.headers.get(SIGNATURE, ""), secrets)
    if not signed:
        return refused_signatures.answer("signature refused for an event of the Cloud API")
    _take_all(runtime, arrivals, body, {number: runtime.keys.cloud[number].number for number in signed})
    return Response("", 200)


def _take_all(runtime: Runtime, arrivals: Arrivals, body: bytes, numbers: Mapping[str, str]) -> None:
    """Each thing by itself, so that one that fails costs the others nothing."""
    try:
        event = parsed(body)
    except NotJson:
        asides.keep_unread(runtime, "", "no JSON", body.decode(errors="replace"))
        return
    for happening in read_event(event, numbers):
        _take(runtime, arrivals, happening)


def _take(runtime: Runtime, arrivals: Arrivals, happening: Happening) -> None:
    """Keep one thing, with what follows from it. A database that is away raises."""
    try:
        _keep(runtime, arrivals, happening)
    except AWAY:
        raise
    except Exception as error:  # noqa: BLE001  # Meta would post the same for a week, and all with it
        log.error("a bug while accepting from the Cloud API: %s", inbound.where(error))
        asides.keep_unread(runtime, "", "a bug", repr(happening))


def _keep(runtime: Runtime, arrivals: Arrivals, happening: Happening) -> None:
    match happening:
        case Inbound():
            arrivals.receive(happening)
        case Receipt():
            receipts.receive(runtime, happening)
        case Aside():
            asides.keep(runtime, happening.message)
        case Unread():
            asides.keep_unread(runtime, happening.account, happening.lacking, happening.raw)
        case Trouble():
            why = officer_words(happening.code, "en")
            log.error("Meta reports trouble with number %r: %s", happening.account, why)
        case Ignored():
            log.info("left alone: %r", happening.what)
