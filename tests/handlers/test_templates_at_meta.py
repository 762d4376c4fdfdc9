"""Templates of numbers that Meta serves: submitted once, judged there, and sent by their name."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from channels.simulator import LocalCloud
from handlers import content_templates, pushing
from handlers.commands.templates import templates
from handlers.content_templates import ANSWER_READY
from handlers.pushing import Step
from tests.databases import SqliteTemplate
from tests.driver import SENDERS, Desk, environment, running_desk
from tests.providers import META

LANGUAGES = ("id", "en")
ABOUT = {"office": "BPS Contoh", "reference": "KTM-1", "name": "Siti"}


@pytest.fixture
def meta(sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[Desk]:
    """A desk whose numbers are all in one business account at Meta."""
    with running_desk(sqlite_template.copy(tmp_path), tmp_path, provider="cloud") as desk:
        yield desk


def cloud_of(desk: Desk) -> LocalCloud:
    assert isinstance(desk.twilio, LocalCloud)
    return desk.twilio


def refresh(desk: Desk) -> None:
    for account, contents in pushing.accounts(desk.runtime):
        pushing.refreshed(desk.runtime, account, contents)


def sendable(desk: Desk, office: str = "7411") -> content_templates.Sendable | None:
    with desk.runtime.database.read() as connection:
        return content_templates.sendable(desk.runtime, connection, SENDERS[office], ANSWER_READY, LANGUAGES)


def test_they_are_submitted_once_for_all_numbers_of_an_account(meta: Desk) -> None:
    first = meta.pushes()
    shelved = cloud_of(meta).templates.shelved
    wordings = meta.runtime.settings.channels.whatsapp.templates[ANSWER_READY].content
    assert {each.language for each in shelved.values()} == set(wordings)
    assert {each.body for each in shelved.values()} == {wording.body for wording in wordings.values()}
    numbers = len(meta.runtime.keys.cloud)
    steps = [done.step for done in first]
    assert (steps.count(Step.MADE), steps.count(Step.FOUND)) == (
        len(wordings),
        len(wordings) * (numbers - 1),
    )
    assert [done.submitted for done in first].count(True) == len(wordings)
    again = meta.pushes()
    assert {done.step for done in again} == {Step.THERE}
    assert not any(done.submitted for done in again)


def test_what_is_approved_may_leave_by_its_name(meta: Desk) -> None:
    meta.pushes()
    refresh(meta)
    assert sendable(meta) is None
    for each in cloud_of(meta).templates.shelved.values():
        each.status = "APPROVED"
    refresh(meta)
    ready = sendable(meta)
    assert ready is not None
    filled = ready.filled(ABOUT)
    assert filled.id in cloud_of(meta).templates.shelved
    assert cloud_of(meta).templates.shelved[filled.id].language == filled.language


def test_what_is_refused_may_not_and_says_why(meta: Desk) -> None:
    meta.pushes()
    for each in cloud_of(meta).templates.shelved.values():
        each.status, each.rejected_reason = "REJECTED", "ABUSIVE_CONTENT"
    refresh(meta)
    assert sendable(meta) is None
    verdicts = [done.verdict for done in meta.pushes()]
    assert {(each.status, each.reason) for each in verdicts} == {("rejected", "ABUSIVE_CONTENT")}


def test_the_command_pushes_to_meta(meta: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, secret in (environment() | META).items():
        monkeypatch.setenv(name, secret)
    config = ["--config", str(tmp_path / "config.yaml")]
    pushed = CliRunner().invoke(templates, ["push", *config])
    assert pushed.exit_code == 0, pushed.output
    assert "submitted, pending as UTILITY" in pushed.output
    assert "choices" not in pushed.output
    listed = CliRunner().invoke(templates, ["list", *config])
    assert listed.exit_code == 0
    assert "pending as UTILITY" in listed.output
    assert set(meta.runtime.keys.cloud) <= set(listed.output.split())
    assert "choices" not in listed.output
