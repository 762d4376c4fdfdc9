"""The webhooks: a bare application of its own, so that intake pays for nothing that only pages need."""

import logging
import re
from dataclasses import replace
from functools import partial

from flask import Flask, Request, Response, abort, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from channels.contract import Inbound
from channels.whatsapp.reading import Unreadable, read_message, read_status
from channels.whatsapp.signature import verify, verify_body
from handlers import inbound, receipts, reconciling
from handlers.arriving import Arrivals
from handlers.outage import DISK
from handlers.runtime import Runtime
from handlers.web import intake_cloud, refused_signatures, request_lines
from storage.db import is_of_the_disk

log = logging.getLogger(__name__)
# Meta's id of a person who shows no number: a country, and letters and digits.
_EXTERNAL_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
_EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
LARGEST_BODY = 4 * 1024 * 1024
MOST_FIELDS = 20_000
_MOST_NAMES = 64


def create_intake(runtime: Runtime) -> Flask:
    """The application behind ``/webhooks``. It is mounted there, so its own paths lack that prefix."""
    app = Flask(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY, MAX_FORM_MEMORY_SIZE=LARGEST_BODY)
    arrivals = Arrivals(runtime)
    app.add_url_rule("/whatsapp", "message", partial(_message, runtime, arrivals), methods=["POST"])
    app.add_url_rule("/whatsapp/status", "status", partial(_status, runtime), methods=["POST"])
    intake_cloud.add_to(app, runtime, arrivals)
    request_lines.install(app)
    refused_signatures.install(app, runtime)
    app.before_request(_refuse_too_many_fields)
    app.register_error_handler(SQLAlchemyError, _database_down)
    app.register_error_handler(Exception, _bug)
    return app


def _refuse_too_many_fields() -> None:
    """A form must be read before its signature can be checked: millions of fields would cost seconds."""
    length = request.content_length
    fits = length is not None and length <= MOST_FIELDS
    if not fits and not request.is_json and request.get_data().count(b"&") > MOST_FIELDS:
        abort(413)


def _message(runtime: Runtime, arrivals: Arrivals) -> Response:
    """A citizen's message: 200 only after it is stored, whatever becomes of it afterwards."""
    if request.is_json:
        return _event(runtime)
    if not _genuine(runtime, request):
        return _refused(runtime)
    try:
        message = read_message(request.form)
    except Unreadable as error:
        log.error("a signed request could not be read: %s", error)
        return Response(f"not readable: {error}", 400)
    arrivals.receive(_addressed(runtime, message))
    return Response(_EMPTY_TWIML, 200, mimetype="text/xml")


def _addressed(runtime: Runtime, message: Inbound) -> Inbound:
    """Where Twilio names the citizen's id instead of our number, it came to the account's only one."""
    if not _EXTERNAL_ID.fullmatch(message.sender):
        return message
    numbers = reconciling.senders(runtime).get(message.account, ())
    return replace(message, sender=numbers[0]) if len(numbers) == 1 else message


def _status(runtime: Runtime) -> Response:
    """What became of a message of ours. One for an unknown message is kept all the same."""
    if not _genuine(runtime, request):
        return _refused(runtime)
    try:
        receipt = read_status(request.form, request.args.get("mid"))
    except Unreadable as error:
        log.error("a signed status could not be read: %s", error)
        return Response(f"not readable: {error}", 400)
    receipts.receive(runtime, receipt)
    return Response("", 200)


def _event(runtime: Runtime) -> Response:
    """A debugger's or an Event Stream's post, which names no account: taken politely, and not looked at.

    It holds no message of a citizen; those are forms.
    """
    secrets = [(tokens, runtime.keys.shared.get(sid)) for sid, tokens in runtime.keys.whatsapp.items()]
    url, body = _signed_url(runtime, request), request.get_data()
    if not any(verify_body(url, body, request.headers, tokens, shared) for tokens, shared in secrets):
        return refused_signatures.answer(f"signature refused for a JSON post to {url.split('?')[0]!r}")
    log.info("an event of Twilio's was taken and left alone: Loket has no use for it")
    return Response("", 200)


def _genuine(runtime: Runtime, incoming: Request) -> bool:
    """Signed by the account it names, over the configured public address (never over what a proxy says)."""
    sid = incoming.form.get("AccountSid", "")
    tokens, shared = runtime.keys.whatsapp.get(sid), runtime.keys.shared.get(sid)
    url = _signed_url(runtime, incoming)
    return tokens is not None and verify(url, incoming.form, incoming.headers, tokens, shared)


def _refused(runtime: Runtime) -> Response:
    names = [repr(name[:_MOST_NAMES]) for name in sorted(request.form)[:_MOST_NAMES]]
    place = _signed_url(runtime, request).split("?")[0]
    return refused_signatures.answer(f"signature refused for {place!r}; parameters: {', '.join(names)}")


def _signed_url(runtime: Runtime, incoming: Request) -> str:
    """The public address with the path as it came: un-escaped, it would no longer be what was signed."""
    raw_path = incoming.environ.get("RAW_URI") or incoming.environ.get("REQUEST_URI") or ""
    return runtime.settings.public_url + str(raw_path)


def _database_down(error: SQLAlchemyError) -> Response | HTTPException:
    """The provider shall come again: nothing was stored."""
    what = DISK if is_of_the_disk(error) else "the database failed"
    log.error("%s (%s): answered 503", what, type(error).__name__)
    return Response("database unavailable", 503, headers={"Retry-After": "30"})


def _bug(error: Exception) -> Response | HTTPException:
    """Nothing was stored. The fault is logged by its place: its message may hold what a citizen wrote."""
    if isinstance(error, HTTPException):
        return error
    log.error("a bug while accepting: %s", inbound.where(error))
    return Response("not accepted", 500)
