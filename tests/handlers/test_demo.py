"""The demo as a newcomer meets it: started as a command, played over HTTP, ended by a signal."""

import json
import re
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from bot.conversation import State
from handlers.cli import main
from handlers.demo import phones
from handlers.demo.people import SINTA
from handlers.demo.phones import Phone
from handlers.web import current
from handlers.web import demo as web_demo
from tests.handlers.demos import (
    SECONDS_TO_END,
    SECONDS_TO_START,
    SINTA_AT_KTM,
    Demo,
    Mailboxes,
    Visitor,
    command,
    eventually,
    running_demo,
)
from tests.handlers.site import Site
from tests.ports import free_port

DELIVERED = 3
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for the tests that only look."""
    with running_demo(tmp_path_factory.mktemp("demo")) as found:
        yield found


def test_a_whole_consultation_and_a_second_start(tmp_path: Path) -> None:
    with running_demo(tmp_path) as first:
        number = _consultation(first.visitor)
        Mailboxes(first.visitor).writes("budi", "Mohon inflasi Kota Tarakan tahun 2023.")
        receipt = Mailboxes(first.visitor).next("budi", 0)
        password = _password(first.printed)
        assert first.end() == 0
    with running_demo(tmp_path) as second:
        assert _password(second.printed) == password
        said = [message["text"] for message in second.visitor.phone()]
        assert any(number in text for text in said)
        assert "Terima kasih atas penilaian" in said[-1]
        people = Mailboxes(second.visitor)
        assert [(mail["subject"], mail["unread"]) for mail in people.listed("budi")] == [
            (receipt["subject"], False)
        ]
        people.answers("budi", receipt, "Dan tahun 2024 juga, terima kasih.")
        people.hears("Budi Hartono → KTM", times=2)
        second.running.send_signal(signal.SIGINT)
        assert second.running.wait(SECONDS_TO_END) == 0
        assert second.running.stdout is not None
        assert "WARNING" not in second.running.stdout.read()


def _consultation(visitor: Visitor) -> str:
    assert "Jumlah Penduduk Menurut Kecamatan" in visitor.writes(
        "jumlah penduduk per kecamatan tahun 2020-2024 untuk skripsi"
    )
    visitor.writes("2")
    visitor.writes("Kabupaten Kolaka Timur")
    opened = visitor.writes("1")
    found = re.search(r"KTM-\d{4}-\d{5}", opened)
    assert found
    ticket = _answered(visitor, found.group(), SINTA_AT_KTM)
    before = len(visitor.phone())
    assert visitor.post(f"{ticket}/close")[0] == 200
    assert "nilai layanan" in visitor.hears(before)
    assert "Terima kasih atas penilaian" in visitor.writes("4")
    return found.group()


def _answered(visitor: Visitor, words: str, key: str) -> str:
    """Sign in, answer the ticket with *words* in its headline and wait for the phone; the ticket's path."""
    status, inbox, _ = visitor.post("/demo/sign-in", email="rahma@loket.example")
    assert status == 200
    lines: list[str] = re.findall(r'href="(/inbox/7411/tickets/\d+)[^"]*"', inbox)
    ticket = next(line for line in lines if words in _headline(visitor.get(line)[1]))
    page = visitor.get(ticket)[1]
    hidden = dict(re.findall(r'name="(form_id|seen)" value="([^"]+)"', page.partition("/note")[0]))
    before = len(visitor.phone(key))
    assert visitor.post(f"{ticket}/reply", text="Ini *jawabannya*.", **hidden)[0] == 200
    assert visitor.hears(before, key) == "Ini *jawabannya*."
    # The phone has it a moment before the desk knows; from then on the citizen's silence counts.
    eventually(lambda: _newest_answer(visitor)["done"] >= DELIVERED)
    return ticket


def _newest_answer(visitor: Visitor) -> dict[str, Any]:
    return next(scene for scene in visitor.state()["behind"] if scene["kind"] == "officer")


def _headline(page: str) -> str:
    found = re.search(r'<p class="meta">.*', page)
    return found.group() if found else ""


def _password(printed: str) -> str:
    found = re.search(r"Kata sandi\s+(\S+)", printed)
    assert found
    return found.group(1)


def test_it_prints_where_to_go(demo: Demo) -> None:
    assert f"{demo.visitor.home}/demo" in demo.printed
    assert f"{demo.visitor.home}/inbox" in demo.printed
    assert "rahma@loket.example" in demo.printed


def test_the_printed_password_opens_the_inbox(demo: Demo) -> None:
    visitor = Visitor(demo.visitor.home)
    token = _TOKEN.findall(visitor.get("/sign-in")[1])[0]
    fields = {"email": "sari@loket.example", "password": _password(demo.printed), "csrf_token": token}
    status, page, _ = visitor.post("/sign-in", **fields)
    assert status == 200
    assert "Tarakan" in page


def test_the_inbox_is_not_empty(demo: Demo) -> None:
    visitor = Visitor(demo.visitor.home)
    page = visitor.post("/demo/sign-in", email="rahma@loket.example")[1]
    assert "Wayan Sudana" in page
    assert "Nur Aisyah" in page


def test_the_page_keeps_the_strict_policy(demo: Demo) -> None:
    status, page, headers = demo.visitor.get("/demo")
    assert status == 200
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=", page)


def test_a_form_without_the_token_is_refused(demo: Demo) -> None:
    assert demo.visitor.send("/demo/write", {"phone": SINTA_AT_KTM, "text": "x"}, {})[0] == 400


def test_a_site_that_points_here_gets_nothing(demo: Demo) -> None:
    assert demo.visitor.get("/demo", Host="loket.example")[0] == 404
    assert demo.visitor.get("/demo", Host="127.0.0.1.loket.example:80")[0] == 404


@pytest.mark.parametrize("kind", ["voice", "image", "document", "sticker", "location"])
def test_a_phone_sends_more_than_words(demo: Demo, kind: str) -> None:
    visitor, key = demo.visitor, "nurul@7411"
    before = len(visitor.phone(key))
    assert visitor.post("/demo/write", phone=key, kind=kind)[0] == 200
    visitor.hears(before + 1, key)
    assert visitor.phone(key)[before]["kind"] == kind


def test_buttons_and_lists_are_tapped(demo: Demo) -> None:
    visitor, key = demo.visitor, "nurul@6571"
    visitor.writes("menu", key)
    shown = visitor.phone(key)[-1]
    assert shown["opens"] == "Lihat pilihan"
    assert ["menu.4", "Info layanan", ""] in shown["choices"]
    before = len(visitor.phone(key))
    tapped = {"phone": key, "choice": "menu.4", "below": shown["sid"]}
    assert visitor.post("/demo/tap", **tapped)[0] == 200
    assert "BPS Kota Tarakan" in visitor.hears(before + 1, key)
    assert visitor.phone(key)[before]["text"] == "Info layanan"
    for wrong in ({"choice": "menu.9"}, {"below": "SM1"}, {"phone": "nobody@7411"}):
        assert visitor.post("/demo/tap", **(tapped | wrong))[0] == 400


def test_nonsense_is_refused(demo: Demo) -> None:
    assert demo.visitor.post("/demo/write", phone="sinta@9999", text="halo")[0] == 400
    assert demo.visitor.post("/demo/write", phone="nobody@7411", text="halo")[0] == 400
    assert demo.visitor.post("/demo/write", phone=SINTA_AT_KTM, text=" ")[0] == 400
    assert demo.visitor.post("/demo/write", phone=SINTA_AT_KTM, text="x", kind="fax")[0] == 400
    assert demo.visitor.post("/demo/clock", hours="1000")[0] == 400
    assert demo.visitor.post("/demo/clock", hours="")[0] == 400


def test_the_strip_shows_how_far_a_message_got_and_not_what_it_says(demo: Demo) -> None:
    key = "sinta@6571"
    demo.visitor.writes("kata-rahasia", key)
    eventually(lambda: demo.visitor.phone(key)[-1]["status"] == "delivered")
    demo.visitor.post("/demo/read", phone=key)
    eventually(lambda: demo.visitor.state(key)["behind"][0]["done"] == 4)
    went, came = demo.visitor.state(key)["behind"][:2]
    assert (went["title"], came["title"]) == ("Bot TRK → Sinta Lestari", "Sinta Lestari → TRK")
    assert "kata-rahasia" not in json.dumps([went, came])


def test_time_that_is_skipped_closes_windows_and_tickets(tmp_path: Path) -> None:
    with running_demo(tmp_path) as found:
        visitor = found.visitor
        assert visitor.state("lina@6571")["phones"][0]["window"].endswith("lagi")
        _answered(visitor, "Wayan Sudana", "wayan@7411")
        assert visitor.post("/demo/clock", hours="72")[0] == 204
        assert visitor.post("/demo/clock", hours="24")[0] == 204
        after = visitor.state("lina@6571", "wayan@7411")
        assert [phone["window"] for phone in after["phones"]] == ["tertutup", "tertutup"]
        assert any(scene["detail"].startswith("ditutup") for scene in after["behind"])


def test_only_one_demo_to_a_folder_and_to_a_port(demo: Demo, tmp_path: Path) -> None:
    port = demo.visitor.home.rpartition(":")[2]
    refused = command(tmp_path, "demo", "--port", port)
    assert f"port {port} is taken" in refused.communicate(timeout=SECONDS_TO_START)[0]
    refused = command(demo.folder, "demo", "--port", str(free_port()))
    assert "another demo is running" in refused.communicate(timeout=SECONDS_TO_START)[0]
    assert refused.returncode == 1


@pytest.mark.parametrize("host", ["0.0.0.0", "desk.example.org"])  # noqa: S104 # it is refused
def test_a_demo_is_for_this_machine_only(tmp_path: Path, host: str) -> None:
    folder = tmp_path / "demo"
    refused = CliRunner(env={"LOKET_DEMO_DIR": str(folder)}).invoke(main, ["demo", "--host", host])
    assert refused.exit_code == 1
    assert "for this machine only" in refused.output
    assert not folder.exists()


def test_the_bot_s_choices_become_buttons() -> None:
    phone = Phone(SINTA, "7411")
    menu = "Silakan balas angka:\n*1* Konsultasi/minta data\n*0* Petugas\n\nFor English, reply *english*."
    summary = (
        "Balas *1* bila sudah benar, atau *2* untuk menulis ulang. Bila ada tambahan, langsung tuliskan."
    )
    assert _said(phones.suggestions(phone, State.CHOOSING, "", menu)) == ["1", "0"]
    assert _said(phones.suggestions(phone, State.CONFIRMING, "", summary)) == ["1", "2"]
    assert _said(phones.suggestions(phone, State.REGISTERING, "email", "")) == [SINTA.email]
    assert _said(phones.suggestions(phone, State.NEW, "", ""))[0] == "Halo"


def _said(suggestions: list[dict[str, str]]) -> list[str]:
    return [each["say"] for each in suggestions]


def test_outside_a_demo_there_is_no_such_page(site: Site) -> None:
    browser = site.app.test_client()
    assert browser.get("/demo").status_code == 404
    assert browser.post("/demo/write", data={"phone": SINTA_AT_KTM, "text": "halo"}).status_code == 404


def test_the_pages_refuse_to_work_for_a_desk_that_is_no_demo(site: Site) -> None:
    app = Flask("wrongly wired")
    app.extensions[current.EXTENSION] = replace(site.runtime, demo=True)
    app.register_blueprint(web_demo.blueprint)
    assert [app.test_client().get(path).status_code for path in ("/demo", "/demo/state")] == [404, 404]
    assert app.test_client().post("/demo/sign-in").status_code == 404
