"""What the log says, in both forms, and that nothing of a citizen ever stands in it."""

import io
import json
import logging
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any

import click
import pytest
from gunicorn.config import Config

from handlers import inbound, jobs, logs, serving
from handlers.mailroom import handling
from handlers.web import tickets
from tests.driver import SENDERS, Desk, form_of
from tests.handlers.site import Site

WORDS, NAME, NUMBER, ADDRESS = "zebrarahasia", "Sitizebra", "+6281255512345", "zebra.warga@example.org"
MARKS = (WORDS, NAME, NUMBER[1:], ADDRESS, "zebra")


@pytest.fixture(params=logs.FORMS)
def said(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything the process says, in one of the forms."""
    root, heard = logging.getLogger(), io.StringIO()
    level, hook = root.level, threading.excepthook
    monkeypatch.setattr(logging, "basicConfig", lambda **_: None)
    monkeypatch.setattr(logging.getLogger(logs.REQUESTS), "level", logging.NOTSET)
    monkeypatch.setattr(logs, "_form", logs.Text())
    logs.configure({"LOKET_LOG": request.param})
    handler = logging.StreamHandler(heard)
    logs.speak(handler)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield heard
    root.removeHandler(handler)
    root.setLevel(level)
    threading.excepthook = hook


def _lines(said: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.getvalue().splitlines()]


def _fails(*_: object, **__: object) -> Any:
    raise RuntimeError(f"{WORDS} {NAME} {NUMBER} {ADDRESS}")


def _written(text: str = WORDS) -> dict[str, str]:
    return form_of(text, SENDERS["7411"], NUMBER) | {"ProfileName": NAME}


def _letter() -> bytes:
    letter = EmailMessage()
    letter["From"], letter["To"] = f"{NAME} <{ADDRESS}>", "bps7411@bps.go.id"
    letter["Subject"] = f"Permintaan {WORDS}"
    letter["Message-ID"] = make_msgid(domain="example.org")
    letter.set_content(f"Mohon data {WORDS} untuk {NUMBER}")
    return letter.as_bytes()


def test_nothing_of_a_citizen_on_whatsapp(
    desk: Desk, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert desk.post(_written()) == 200
    assert desk.post(_written(), signature="wrong") == 403
    desk.twilio.fail_next(400, 63024)
    jobs.run_all(desk.runtime)
    monkeypatch.setattr(desk.runtime.channels["whatsapp"], "send", _fails)
    desk.post(_written("petugas"))
    jobs.run_all(desk.runtime)
    monkeypatch.setattr(inbound, "handle", _fails)
    desk.post(_written())
    monkeypatch.setattr(inbound, "accept", _fails)
    desk.post(_written())
    told = said.getvalue()
    assert "signature refused" in told
    assert "RuntimeError" in told
    assert [mark for mark in MARKS if mark in told] == []


def test_nothing_of_a_citizen_by_mail_or_on_a_page(
    site: Site, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.mail_arrives(_letter())
    site.app.test_client().post("/sign-in", data={"email": ADDRESS, "password": WORDS})
    ticket = site.asks(WORDS + " mohon data luas panen padi 2024 untuk skripsi saya", address=NUMBER)
    monkeypatch.setattr(tickets, "_page", _fails)
    client = site.signed_in("officer")
    site.app.config["PROPAGATE_EXCEPTIONS"] = False
    assert client.get(f"/inbox/7411/tickets/{ticket}?q={WORDS}").status_code == 500
    for name in ("_file", "handle"):
        monkeypatch.setattr(handling, name, _fails)
    site.mail_arrives(_letter())
    thread = threading.Thread(target=_fails)
    thread.start()
    thread.join()
    told = said.getvalue()
    assert "RuntimeError" in told
    assert "the turn of mail" in told
    assert "a thread ended" in told
    assert [mark for mark in MARKS if mark in told] == []


def test_gunicorn_speaks_in_the_same_form(said: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    gunicorns = serving.Lines(Config())
    handlers = gunicorns.error_log.handlers
    assert handlers
    assert all(handler.formatter is logs._form for handler in handlers)
    gunicorns.warning("Invalid request from ip=203.0.113.7: Invalid HTTP request line: 'GET /%s'", WORDS)
    try:
        _fails()
    except RuntimeError:
        gunicorns.exception("Error handling request %s", WORDS)
    told = capsys.readouterr().err
    assert "Invalid request" in told
    assert "RuntimeError" in told
    assert [mark for mark in (*MARKS, "203.0.113.7") if mark in told] == []
    for handler in list(handlers):
        gunicorns.error_log.removeHandler(handler)
        handler.close()
    assert said is not None


@pytest.mark.parametrize("said", ["json"], indirect=True)
def test_a_line_of_json_says_which_request_it_belongs_to(site: Site, said: io.StringIO) -> None:
    ticket = site.asks()
    client = site.signed_in("officer")
    page = client.get(f"/inbox/7411/tickets/{ticket}", headers={"X-Request-ID": "proxy-12345678"})
    other = client.get("/inbox/7411", headers={"X-Request-ID": "two\twords and more"})
    first, second = _lines(said)[-2:]
    assert first | {"time": "", "ms": 0} == {
        "time": "", "level": "INFO", "event": "request", "logger": logs.REQUESTS, "ms": 0,
        "request_id": "proxy-12345678", "office": "7411", "ticket": ticket,
        "endpoint": "tickets.page", "method": "GET", "status": 200,
    }  # fmt: skip
    assert page.headers["X-Request-ID"] == "proxy-12345678"
    assert second["request_id"] == other.headers["X-Request-ID"] != "two\twords and more"
    assert first["ms"] > 0


@pytest.mark.parametrize("said", ["text"], indirect=True)
def test_text_has_no_line_a_request(site: Site, said: io.StringIO) -> None:
    answer = site.signed_in("officer").get("/inbox/7411")
    assert "X-Request-ID" not in answer.headers
    assert said.getvalue() == ""


def test_a_form_that_does_not_exist_is_refused() -> None:
    with pytest.raises(click.ClickException, match="LOKET_LOG: text or json"):
        logs.configure({"LOKET_LOG": "xml"})
