"""Files at the local Meta: described by their id, and given out from another place, with the same token."""

from hashlib import sha256
from typing import Any

from flask import Flask, Response, abort, jsonify, request

from channels.simulator.cloud import LocalCloud
from channels.simulator.cloud_rules import Refused


def described(cloud: LocalCloud, media_id: str, host: str) -> dict[str, Any]:
    """What Meta tells of a file: where it is for five minutes, what it is, its digest."""
    sid = cloud.files[media_id]
    cloud.shelf.asked[sid] += 1
    stored = cloud.shelf.find(sid)
    if stored is None or not cloud.shelf.is_there(sid):
        raise Refused(100)
    digest = sha256(stored.content).hexdigest()
    told = {"id": media_id, "messaging_product": "whatsapp", "mime_type": stored.kind, "sha256": digest}
    return told | {"url": f"{host}attachments/{media_id}?key={stored.key}", "file_size": len(stored.content)}


def serve(app: Flask, cloud: LocalCloud) -> None:
    """Let *app* give out the files of *cloud*, to whoever shows the token there too, and forget them."""

    @app.get("/attachments/<media_id>")
    def attachment(media_id: str) -> Response:
        stored = cloud.shelf.find(cloud.files.get(media_id, ""))
        if stored is None or request.args.get("key") != stored.key:
            abort(404)
        return Response(stored.content, content_type=stored.kind)

    @app.delete("/<version>/<media_id>")
    def delete(version: str, media_id: str) -> Response:  # noqa: ARG001 # part of the path
        if not cloud.shelf.forget(cloud.files.get(media_id, "")):
            raise Refused(100)
        return jsonify(success=True)
