"""The part of Meta's Graph API that the desk uses, in front of a ``LocalCloud``."""

import socket
from typing import Any

from flask import Flask, Response, jsonify, request

from channels.simulator import cloud_files, cloud_templates
from channels.simulator.cloud import LocalCloud
from channels.simulator.cloud_rules import Refused
from channels.simulator.rules import is_loopback

Answer = Response | tuple[Response, int]


def create_local_cloud(cloud: LocalCloud) -> Flask:
    """The WSGI application through which the desk meets *cloud*."""
    app = Flask("local_cloud", static_folder=None)

    _guard(app, cloud)

    @app.post("/<version>/<number_id>/messages")
    def messages(version: str, number_id: str) -> Answer:  # noqa: ARG001 # part of the path
        if number_id not in cloud.numbers:
            raise Refused(100)
        wanted = request.get_json(silent=True)
        if isinstance(wanted, dict) and wanted.get("status") == "read":
            cloud.read.append(str(wanted.get("message_id")))
            return jsonify(success=True)
        return _create(cloud, number_id, wanted)

    cloud_templates.serve(app, cloud.templates, cloud.sid)
    cloud_files.serve(app, cloud)

    @app.get("/<version>/<object_id>")
    def described(version: str, object_id: str) -> Answer:  # noqa: ARG001 # part of the path
        if object_id in cloud.files:
            return jsonify(cloud_files.described(cloud, object_id, request.host_url))
        if object_id not in cloud.numbers:
            raise Refused(100)
        return jsonify(
            id=object_id,
            display_phone_number=cloud.numbers[object_id],
            verified_name="BPS Contoh",
            quality_rating="GREEN",
        )

    @app.get("/<version>/<waba>/subscribed_apps")
    def subscribed(version: str, waba: str) -> Answer:  # noqa: ARG001 # part of the path
        if waba != cloud.sid:
            raise Refused(100)
        return jsonify(data=[{"whatsapp_business_api_data": {"id": "1", "name": "loket"}}])

    return app


def _guard(app: Flask, cloud: LocalCloud) -> None:
    @app.before_request
    def only_from_here() -> tuple[str, int] | None:
        places = (request.environ.get(name, "") for name in ("REMOTE_ADDR", "SERVER_NAME"))
        return None if all(map(is_loopback, places)) else ("only on this machine", 403)

    @app.before_request
    def only_with_the_token() -> None:
        if request.headers.get("Authorization") != f"Bearer {cloud.token}":
            raise Refused(190)

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Answer:
        return jsonify(error.answer()), error.status


def _create(cloud: LocalCloud, number_id: str, wanted: Any) -> Answer:
    fault = cloud.next_fault({})
    if fault.status:
        raise Refused(fault.code, fault.status)
    if not fault.accepted:
        cloud.closing.wait(fault.hang)
        return jsonify(), 500
    message = cloud.take(number_id, wanted)
    cloud.closing.wait(fault.hang)
    connection = request.environ.get("werkzeug.socket")
    if fault.drop and connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
    contact = {"input": wanted.get("to") or wanted.get("recipient"), "wa_id": message.address.lstrip("+")}
    answer = {"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": message.sid}]}
    return jsonify(answer)
