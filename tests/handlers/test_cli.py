"""``loket --help``: true, and at once."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from handlers.cli import PLACES, main

HEAVY = (
    "sqlalchemy",
    "pydantic",
    "flask",
    "twilio",
    "gunicorn",
    "babel",
    "holidays",
    "lxml",
    "handlers.settings",
)


@pytest.mark.parametrize("name", PLACES)
def test_a_summary_is_what_the_command_says_of_itself(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.name == name
    assert command.get_short_help_str(limit=200) == PLACES[name][1]


def test_help_names_every_command_and_imports_none() -> None:
    asked = (
        "import sys; from click.testing import CliRunner; from handlers.cli import main;"
        "print(CliRunner().invoke(main, ['--help']).output); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    told, _, modules = done.stdout.strip().rpartition("\n")
    assert all(f"  {name} " in told for name in PLACES)
    assert [name for name in HEAVY if name in modules.split()] == []


def test_a_command_that_does_not_exist_is_refused() -> None:
    done = CliRunner().invoke(main, ["seve"])
    assert done.exit_code == 2
    assert "No such command" in done.output
