"""``loket officer``: who may sign in, from the command line, with its wrong inputs."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from handlers import passwords
from handlers.cli import main
from storage import officers
from storage.db import Database
from storage.officers import Account
from tests.databases import SqliteTemplate
from tests.driver import environment, write_config


class Shell:
    """The command, run on a desk of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self.url, self.folder = url, folder
        self.config = write_config(folder, url)

    def run(self, *arguments: str, password: str | None = None) -> Result:
        known = environment() | {"LOKET_CONFIG": str(self.config)}
        known |= {"LOKET_OFFICER_PASSWORD": password} if password else {}
        return CliRunner().invoke(main, ["officer", *arguments], env=known)

    def account(self, email: str = "a@bps.go.id") -> Account:
        database = Database(self.url, self.folder / "look")
        with database.read() as connection:
            found = officers.find_by_email(connection, email)
        database.close()
        assert found
        return found


@pytest.fixture
def shell(sqlite_template: SqliteTemplate, tmp_path: Path) -> Shell:
    return Shell(tmp_path, sqlite_template.copy(tmp_path))


ADD = ("add", "a@bps.go.id", "--name", "Ani", "--office", "7411")


def test_a_new_officer_gets_a_password_that_works(shell: Shell) -> None:
    told = shell.run(*ADD)
    assert told.exit_code == 0, told.output
    password = told.output.rpartition("password: ")[2].strip()
    assert passwords.matches(password, shell.account().password_hash)
    assert shell.account().roles == {"7411": "officer"}


def test_the_password_may_come_from_the_environment(shell: Shell) -> None:
    told = shell.run(*ADD, password="panjang-sekali-lagi")
    assert "panjang-sekali-lagi" not in told.output
    assert passwords.matches("panjang-sekali-lagi", shell.account().password_hash)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "nobody", "--name", "A", "--office", "7411"), "not an e-mail address"),
        (("add", "a@bps.go.id", "--name", "A", "--office", "9999"), "9999"),
        (("add", "a@bps.go.id", "--name", "A"), "--office"),
        (("add", "a@bps.go.id", "--name", " ", "--office", "7411"), "a name has 1 to 120 letters"),
        (("add", "a@bps.go.id", "--name", "A" * 121, "--office", "7411"), "a name has 1 to 120 letters"),
        (("add", "a@bps.go.id", "--name", "Jos\udce9", "--office", "7411"), "is not UTF-8"),
        (("disable", "jos\udce9@bps.go.id"), "is not UTF-8"),
        (("disable", "a@bps.go.id"), "nobody signs in"),
        (("password", "a@bps.go.id"), "nobody signs in"),
    ],
)
def test_nonsense_is_refused_in_words(shell: Shell, arguments: tuple[str, ...], said: str) -> None:
    told = shell.run(*arguments)
    assert told.exit_code == 1
    assert said in told.output


def test_a_short_password_is_refused(shell: Shell) -> None:
    assert shell.run(*ADD, password="pendek").exit_code == 1


def test_adding_again_demotes_nobody_and_keeps_the_password(shell: Shell) -> None:
    shell.run(*ADD, "--role", "supervisor", password="panjang-sekali-lagi")
    again = shell.run(*ADD, "--office", "6571")
    assert again.exit_code == 0
    assert "password:" not in again.output
    assert shell.account().roles == {"7411": "supervisor", "6571": "officer"}
    assert passwords.matches("panjang-sekali-lagi", shell.account().password_hash)


def test_a_disabled_officer_comes_back_with_a_new_password(shell: Shell) -> None:
    shell.run(*ADD, password="panjang-sekali-lagi")
    assert shell.run("disable", "a@bps.go.id").exit_code == 0
    assert shell.account().disabled
    assert "DISABLED" in shell.run("list").output
    assert "password:" in shell.run(*ADD).output
    assert not shell.account().disabled
    assert not passwords.matches("panjang-sekali-lagi", shell.account().password_hash)


def test_a_new_password_ends_the_sign_ins(shell: Shell) -> None:
    shell.run(*ADD)
    before = shell.account().sessions
    assert shell.run("password", "a@bps.go.id").exit_code == 0
    assert shell.account().sessions > before


def test_what_comes_as_mail_is_chosen_and_shown(shell: Shell) -> None:
    shell.run(*ADD)
    assert shell.run("mail", "a@bps.go.id", "--office", "7411").output == "a@bps.go.id  7411  no mail\n"
    told = shell.run("mail", "A@bps.go.id", "--office", "7411", "--mine", "--reminders")
    assert told.output == "A@bps.go.id  7411  mine, reminders\n"
    told = shell.run("mail", "a@bps.go.id", "--office", "7411", "--no-mine", "--new")
    assert told.output == "a@bps.go.id  7411  new, reminders\n"
    assert shell.run("add", "a@bps.go.id", "--name", "Ani", "--office", "7411", "--role", "supervisor").output
    assert (
        shell.run("mail", "a@bps.go.id", "--office", "7411").output == "a@bps.go.id  7411  new, reminders\n"
    )


def test_mail_of_an_office_is_for_those_who_belong_to_it(shell: Shell) -> None:
    shell.run(*ADD)
    told = shell.run("mail", "a@bps.go.id", "--office", "6571", "--mine")
    assert told.exit_code == 1
    assert "a@bps.go.id does not belong to office 6571" in told.output
    told = shell.run("mail", "b@bps.go.id", "--office", "7411", "--mine")
    assert (told.exit_code, "nobody signs in with b@bps.go.id" in told.output) == (1, True)
