"""``loket templates`` and what ``loket check`` says of templates, with the real SDK before a local Twilio."""

import os
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from channels.contract import SendError, Trouble
from channels.simulator import LocalTwilio, create_local_twilio, serving
from channels.whatsapp.contents import Contents
from handlers import pushing
from handlers.cli import main
from handlers.shipped_files import sample_config
from tests.databases import SqliteTemplate
from tests.driver import PUBLIC_URL, SID, TOKEN, Clock, environment

WORDED = yaml.safe_load(sample_config().read_text("utf-8"))["channels"]["whatsapp"]["templates"]
OFFICE = {
    "short_name": "KTM",
    "name": {"id": "BPS Kabupaten Kolaka Timur", "en": "BPS-Statistics Kolaka Timur Regency"},
    "timezone": "Asia/Makassar",
    "modes": {"whatsapp": "consult"},
    "languages": ["id"],
    "senders": {"whatsapp": ["+6282188887411"]},
}
MENUS = 29


@dataclass
class Operator:
    """Somebody at the terminal, the configuration that they wrote, and the account at Twilio."""

    twilio: LocalTwilio
    path: Path
    content: dict[str, Any]
    api_url: str
    token: str = TOKEN

    def types(self, *words: str) -> Result:
        self.path.write_text(yaml.safe_dump(self.content, sort_keys=False), "utf-8")
        secrets = environment() | {"TWILIO_AUTH_TOKEN": self.token, "LOKET_WHATSAPP_API_URL": self.api_url}
        return CliRunner().invoke(
            main, [*words, "--config", str(self.path)], env={**os.environ, **secrets}, catch_exceptions=False
        )

    def whatsapp(self, key: str) -> Any:
        return self.content["channels"]["whatsapp"][key]

    def worded(self, language: str = "id") -> str:
        """The id of the configured template, by its name at Twilio."""
        names = {one.friendly_name: one.sid for one in reversed(self.twilio.contents.all())}
        (sid,) = [sid for name, sid in names.items() if name.startswith(f"loket_jawaban_siap_{language}_")][
            -1:
        ]
        return sid


@pytest.fixture
def operator(sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[Operator]:
    """An operator who has configured one office and one template in two languages."""
    twilio = LocalTwilio(SID, TOKEN, clock=Clock(), public_url=PUBLIC_URL)
    with serving(create_local_twilio(twilio)) as api_url:
        account = {"sid": "env:TWILIO_ACCOUNT_SID", "token": "env:TWILIO_AUTH_TOKEN"}
        whatsapp = {"accounts": {"main": account}, "templates": deepcopy(WORDED)}
        content = {
            "public_url": PUBLIC_URL,
            "data_dir": str(tmp_path / "data"),
            "database": {"url": sqlite_template.copy(tmp_path)},
            "channels": {"whatsapp": whatsapp},
            "offices": {"7411": OFFICE},
        }
        yield Operator(twilio, tmp_path / "config.yaml", content, api_url)
    twilio.close()


def test_pushing_makes_and_submits_once(operator: Operator) -> None:
    first = operator.types("templates", "push")
    assert (first.exit_code, first.output.splitlines()) == (
        0,
        [
            SID,
            "  jawaban_siap  id  made, submitted, pending as UTILITY",
            "  jawaban_siap  en  made, submitted, pending as UTILITY",
            f"  choices  made {MENUS}",
        ],
    )
    made = [(one.sid, one.friendly_name) for one in operator.twilio.contents.all()]
    assert len(made) == MENUS + 2
    assert sum(bool(one.approval) for one in operator.twilio.contents.all()) == 2
    operator.twilio.contents.judge(operator.worded(), "approved")
    again = operator.types("templates", "push")
    assert again.output.splitlines()[1:] == [
        "  jawaban_siap  id  there, approved as UTILITY",
        "  jawaban_siap  en  there, pending as UTILITY",
        f"  choices  there {MENUS}",
    ]
    assert [(one.sid, one.friendly_name) for one in operator.twilio.contents.all()] == made


def test_a_dry_run_makes_nothing(operator: Operator) -> None:
    told = operator.types("templates", "push", "--dry-run")
    assert "  jawaban_siap  id  would be made" in told.output
    assert f"  choices  would be made {MENUS}" in told.output
    assert operator.twilio.contents.all() == []
    assert "not pushed" in operator.types("templates", "list").output


@pytest.mark.parametrize("place", ["create", "_keep"])
def test_a_run_that_was_stopped_anywhere_makes_no_doubles(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    of: Any = Contents if place == "create" else pushing
    real, calls = getattr(of, place), Counter[str]()

    def stopped(*given: Any) -> Any:
        calls["all"] += 1
        done = real(*given) if place == "create" or calls["all"] < 9 else None
        if calls["all"] == 9:
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(of, place, stopped)
    operator.types("templates", "push")
    there = len(operator.twilio.contents.all())
    assert 0 < there < MENUS
    monkeypatch.setattr(of, place, real)
    again = operator.types("templates", "push")
    assert again.exit_code == 0
    assert "found 1" in again.output
    names = Counter(one.friendly_name for one in operator.twilio.contents.all())
    assert len(names) == MENUS + 2
    assert set(names.values()) == {1}


def test_the_list_shows_what_whatsapp_says_now(operator: Operator) -> None:
    operator.types("templates", "push")
    sid, english = operator.worded(), operator.worded("en")
    operator.twilio.contents.judge(sid, "rejected", "INVALID_FORMAT")
    operator.twilio.contents.judge(english, "approved", category="MARKETING")
    assert operator.types("templates", "list").output.splitlines() == [
        SID,
        f"  jawaban_siap  id  {sid}  rejected as UTILITY: INVALID_FORMAT",
        f"  jawaban_siap  en  {english}  approved as MARKETING",
        f"  choices  {MENUS} of {MENUS}",
    ]


def test_other_words_are_another_template_under_another_name(operator: Operator) -> None:
    operator.types("templates", "push")
    operator.twilio.contents.judge(operator.worded(), "rejected", "spam")
    operator.whatsapp("templates")["jawaban_siap"]["content"]["id"]["body"] += " Terima kasih."
    assert "not pushed, its words have changed" in operator.types("templates", "list").output
    assert "made, submitted, pending" in operator.types("templates", "push").output
    assert len(operator.twilio.contents.all()) == MENUS + 3


def test_one_that_was_made_by_hand_is_only_asked_for(operator: Operator) -> None:
    fixed = "HX" + "1" * 32
    operator.twilio.contents.put(fixed, "Jawaban sudah siap.")
    wording = operator.whatsapp("templates")["jawaban_siap"]["content"]["id"]
    wording["content_sid"] = fixed
    assert "jawaban_siap  id  there, approved as UTILITY" in operator.types("templates", "push").output
    assert len(operator.twilio.contents.all()) == MENUS + 2


def test_what_twilio_refuses_keeps_no_other_from_being_made(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any) -> None:
        raise SendError("20001", "HTTP 400: Invalid parameter", Trouble.PERMANENT)

    monkeypatch.setattr(Contents, "submit", refused)
    told = operator.types("templates", "push")
    assert told.exit_code == 1
    assert "jawaban_siap  id  refused: HTTP 400: Invalid parameter" in told.output
    assert f"made {MENUS}" in told.output


@pytest.mark.parametrize("command", ["push", "list"])
@pytest.mark.parametrize(
    ("token", "url", "why"),
    [("wrong", "", "the provider account was refused"), (TOKEN, "http://127.0.0.1:9", "can't be reached")],
)
def test_a_wrong_token_and_no_network_are_told(
    operator: Operator, command: str, token: str, url: str, why: str
) -> None:
    operator.types("templates", "push")
    operator.token, operator.api_url = token, url or operator.api_url
    told = operator.types("templates", command)
    assert told.exit_code == 1
    assert "FAILED: " in told.output
    assert why in told.output


@pytest.mark.parametrize("command", ["push", "list"])
def test_without_an_account_there_is_nothing_to_do(operator: Operator, command: str) -> None:
    operator.content["channels"]["whatsapp"] = {}
    told = operator.types("templates", command)
    assert (told.exit_code, "no WhatsApp account" in told.output) == (1, True)


def _checked(operator: Operator, *more: str) -> list[str]:
    output = operator.types("check", "--lang", "en", *more).output
    return [line.partition("  ")[2].strip() for line in output.splitlines() if "emplate" in line]


def test_check_tells_what_is_missing_and_what_is_pending(operator: Operator) -> None:
    missing, told = "not at Twilio yet: run `loket templates push`.", _checked(operator)
    assert told[:2] == [f"Template jawaban_siap ({language}) is {missing}" for language in ("id", "en")]
    assert told[2].startswith(f"{MENUS} of {MENUS} templates of choices are not made yet: citizens reply by")
    operator.types("templates", "push")
    assert _checked(operator) == [
        f"{MENUS} templates of choices are ready.",
        "Template jawaban_siap (id) waits for WhatsApp's approval (pending).",
        "Template jawaban_siap (en) waits for WhatsApp's approval (pending).",
    ]
    operator.whatsapp("templates")["jawaban_siap"]["content"]["id"]["body"] += " Terima kasih."
    assert (
        "The words of template jawaban_siap (id) have changed since it was submitted:"
        " run `loket templates push`."
    ) in _checked(operator)


def test_check_asks_twilio_where_it_may(operator: Operator) -> None:
    operator.types("templates", "push")
    contents, sid, english = operator.twilio.contents, operator.worded(), operator.worded("en")
    contents.judge(sid, "rejected", "INVALID_FORMAT")
    contents.judge(english, "approved", category="MARKETING")
    told = _checked(operator, "--whatsapp")
    assert (
        "Template jawaban_siap (id) may not be sent (rejected): INVALID_FORMAT. Change its words, then"
        " `loket templates push`."
    ) in told
    assert "WhatsApp has approved template jawaban_siap (en)." in told
    assert any(
        "the category of template jawaban_siap (en) from UTILITY to MARKETING" in line for line in told
    )
    contents.one(sid).types = {"twilio/text": {"body": "Kata lain."}}
    contents.delete(english)
    told = _checked(operator, "--whatsapp")
    assert "The words of template jawaban_siap (id) at Twilio differ from the configuration." in told
    assert "Template jawaban_siap (en) is no longer at Twilio: run `loket templates push`." in told


def test_check_keeps_what_it_was_told(operator: Operator) -> None:
    operator.types("templates", "push")
    operator.twilio.contents.judge(operator.worded(), "approved")
    assert "Template jawaban_siap (id) waits for WhatsApp's approval (pending)." in _checked(operator)
    _checked(operator, "--whatsapp")
    assert "WhatsApp has approved template jawaban_siap (id)." in _checked(operator)


def test_check_says_when_twilio_can_not_be_asked(operator: Operator) -> None:
    operator.types("templates", "push")
    operator.token = "wrong"
    assert any("can't be looked at: HTTP 401" in line for line in _checked(operator, "--whatsapp"))
