"""The part of Twilio's HTTP API that the desk uses, in front of a ``LocalTwilio``."""

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, request
from werkzeug.serving import WSGIRequestHandler, make_server

from channels.simulator import log, media
from channels.simulator.contents_api import content_api
from channels.simulator.provider import VERSION, LocalTwilio, PhoneMessage, from_and_to
from channels.simulator.rules import Refused, is_loopback, on_this_machine

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# How often the server looks whether it shall end, in seconds.
_POLL = 0.02
_ANSWER = "simulator.answer"


def create_local_twilio(twilio: LocalTwilio) -> Flask:
    """The WSGI application through which the SDK meets *twilio*."""
    app = Flask("local_twilio", static_folder=None)
    app.register_blueprint(content_api(twilio.sid, twilio.contents))
    path = f"/{VERSION}/Accounts/<account>/Messages"

    @app.before_request
    def only_from_here() -> tuple[str, int] | None:
        places = (request.environ.get(name, "") for name in ("REMOTE_ADDR", "SERVER_NAME"))
        return None if all(map(is_loopback, places)) else ("only on this machine", 403)

    @app.before_request
    def only_with_the_token() -> None:
        given = request.authorization
        known = given is not None and (given.username, given.password) == (twilio.sid, twilio.token)
        if not known and request.endpoint != media.CDN:
            raise Refused(20003)
        if (request.view_args or {}).get("account", twilio.sid) != twilio.sid:
            raise Refused(20404)

    @app.errorhandler(Refused)
    def refused(error: Refused) -> tuple[Response, int]:
        more = f"https://www.twilio.com/docs/errors/{error.code}"
        answer = {"code": error.code, "message": error.message, "more_info": more, "status": error.status}
        return jsonify(answer), error.status

    @app.post(path + ".json")
    def create(account: str) -> tuple[Response, int]:  # noqa: ARG001 # part of the path
        return _create(twilio)

    log.add_routes(app, twilio, path, _resource)
    media.serve(app, twilio.shelf, twilio.sid)
    return app


@contextmanager
def serving(app: Flask, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve *app* from a thread and give its address. Raises ``NotLoopback`` for any other machine's host."""
    on_this_machine(f"http://{host}:{port}")
    server = make_server(host, port, _remembered(app), threaded=True, request_handler=_Quiet)
    thread = threading.Thread(
        target=server.serve_forever, args=(_POLL,), name="local-twilio-http", daemon=True
    )
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _remembered(app: "WSGIApplication") -> "WSGIApplication":
    """*app*, whose answers may be closed by whoever finds that nobody listens any more."""

    def answered(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        answer: Iterable[bytes] = app(environ, start)
        environ[_ANSWER] = answer
        return answer

    return answered


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: addresses would stand in the log."""

    def connection_dropped(self, error: BaseException, environ: "WSGIEnvironment | None" = None) -> None:  # noqa: ARG002
        """Close what was answered: where the line is cut, werkzeug leaves a file open."""
        close = getattr((environ or {}).get(_ANSWER), "close", None)
        if close is not None:
            close()


def _create(twilio: LocalTwilio) -> tuple[Response, int]:
    fault = twilio.next_fault(request.form)
    if fault.status and not fault.taken:
        raise Refused(fault.code, fault.status)
    if fault.late or not fault.accepted:
        twilio.closing.wait(fault.hang)
    if not fault.accepted:
        raise Refused(20500, 500)
    message = twilio.accept(request.form)
    if fault.status:
        raise Refused(fault.code, fault.status)
    if not fault.late:
        twilio.closing.wait(fault.hang)
    connection = request.environ.get("werkzeug.socket")
    if fault.drop and connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
    return jsonify(_resource(twilio, message)), 201


def _resource(twilio: LocalTwilio, message: PhoneMessage) -> dict[str, Any]:
    start, end = from_and_to(message)
    sent = format_datetime(message.at)
    place = f"/{VERSION}/Accounts/{twilio.sid}/Messages/{message.sid}"
    return {
        "account_sid": twilio.sid,
        "api_version": VERSION,
        "body": message.text if message.said is None else message.said,
        "date_created": sent,
        "date_sent": None if message.status == "queued" else sent,
        "date_updated": sent,
        "direction": "inbound" if message.from_citizen else "outbound-api",
        "error_code": int(message.error_code) if message.error_code else None,
        "error_message": None,
        "from": start,
        "messaging_service_sid": None,
        "num_media": "1" if message.file else "0",
        "num_segments": "1",
        "price": None,
        "price_unit": None,
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{place}/Media.json"},
        "to": end,
        "uri": f"{place}.json",
    }
