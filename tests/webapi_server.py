"""A stand-in for the WebAPI on loopback: pages, and all that its firewall and its slow days answer."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

KEY = "kunci-rahasia-0123456789"
PER_PAGE = 10
_EMPTY = {"status": "OK", "data-availability": "list-not-available", "data": ""}
_BLOCK = "<html><head><title>Request Rejected</title></head><body>LTM WAF Block</body></html>"
_BODIES = {
    "html as json": _BLOCK,
    "nothing": '""',
    "empty": "",
    "silent": "",
    "cut": '{"status":"OK","data-avail',
    "strange": '{"status":"OK","data-availability":"available","data":{"0":1}}',
    "error": '{"status":"Error","message":"There is something wrong!"}',
    "wrong key": '{"status":"Error","message":"Invalid Key"}',
}


@dataclass
class WebApiServer:
    """What it has published, by (model, domain); *faults* are answered first, one a request.

    ``let_go``: ends every silence."""

    url: str = ""
    rows: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    domains: list[dict[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    always: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    let_go: threading.Event = field(default_factory=threading.Event)

    def answer(self, model: str, rows: list[dict[str, Any]]) -> Any:
        self.asked.append(f"{model} {request.args.get('page', '1')}")
        self.agents.add(request.headers.get("User-Agent", ""))
        fault = self.faults.pop(0) if self.faults else self.always.get(model)
        if fault:
            return self._faulty(fault)
        page = int(request.args.get("page", "1"))
        shown = rows[(page - 1) * PER_PAGE : page * PER_PAGE]
        if not shown:
            return jsonify(_EMPTY)
        pages = -(-len(rows) // PER_PAGE)
        about = {"page": page, "pages": pages, "per_page": PER_PAGE, "count": len(shown), "total": len(rows)}
        return jsonify({"status": "OK", "data-availability": "available", "data": [about, shown]})

    def _faulty(self, fault: str) -> Any:
        if fault == "silent":
            self.let_go.wait(250)
        return Response(self._beginning()) if fault == "stuck" else _faulty(fault)

    def _beginning(self) -> Iterator[bytes]:
        yield b'{"status":'
        self.let_go.wait(250)


def _faulty(fault: str) -> Any:
    if fault == "elsewhere":
        return Response("", 302, headers={"Location": "http://127.0.0.1:9/"})
    if fault in _BODIES:
        return Response(_BODIES[fault], 200, mimetype="application/json")
    if fault == "dripping":
        return Response(_drops(), 200, mimetype="application/json")
    return Response(_BLOCK, 200 if fault == "html" else int(fault), mimetype="text/html")


def _drops() -> Iterator[bytes]:
    for _ in range(15):
        time.sleep(0.1)
        yield b" " * 16 * 1024


def publication(number: int, title: str, **more: Any) -> dict[str, Any]:
    """A row as the WebAPI gives it."""
    return {
        "pub_id": f"{number:024x}", "title": title, "abstract": "Publikasi tahunan &lt;b&gt;BPS&lt;/b&gt;.",
        "issn": "", "sch_date": "2025-02-28", "rl_date": "2025-02-28", "updt_date": None,
        "cover": "https://contoh.bps.go.id/cover", "pdf": "https://contoh.bps.go.id/unduh?data=rahasia",
        "size": "13.46 MB", **more,
    }  # fmt: skip


@contextmanager
def running_webapi() -> Iterator[WebApiServer]:
    """A WebAPI that listens on loopback."""
    api, app = WebApiServer(), Flask("webapi")

    @app.get("/v1/api/list/model/<model>/lang/ind/domain/<domain>/key/<key>/")
    def listed(model: str, domain: str, key: str) -> Any:
        return api.answer(model, api.rows.get((model, domain), [])) if key == KEY else ("", 401)

    @app.get("/v1/api/domain/type/all/key/<key>/")
    def domains(key: str) -> Any:
        return api.answer("domain", list(api.domains)) if key == KEY else ("", 401)

    server = make_server("127.0.0.1", 0, app, threaded=True)
    api.url = f"http://127.0.0.1:{server.server_port}/v1/api"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield api
    finally:
        api.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()
