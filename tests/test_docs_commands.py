"""Every command and option of ``loket`` stands in docs/commands.md with its default, and nothing else."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from handlers.cli import main

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "commands.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (loket[^\n]*)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
# Said once at the top of the page, for all commands.
OF_ALL = {"--help"}


def commands(command: click.Command, name: str = "loket") -> Iterator[tuple[str, click.Command]]:
    """*command* and everything below it, by the words one types."""
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for word in command.list_commands(context):
            inner = command.get_command(context, word)
            assert inner is not None
            yield from commands(inner, f"{name} {word}")


COMMANDS = dict(commands(main))


def options(command: click.Command) -> dict[str, click.Option]:
    """The options of *command* by their long names."""
    return {opt: one for one in command.params if isinstance(one, click.Option) for opt in one.opts[:1]}


def documented(name: str) -> dict[str, str]:
    """The options in the table of *name*'s section, and what stands there as their defaults."""
    return dict(re.findall(r"^\| `(--[a-z-]+)` \|.*\| ([^|]*)\|$", SECTIONS[name], re.MULTILINE))


def test_the_page_has_the_commands_that_there_are() -> None:
    assert sorted(SECTIONS) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_documented_with_its_options(name: str) -> None:
    assert set(documented(name)) - OF_ALL == set(options(COMMANDS[name])) - OF_ALL


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_documented_with_its_arguments(name: str) -> None:
    words = [str(one.name).upper() for one in COMMANDS[name].params if isinstance(one, click.Argument)]
    assert not words or f"`{name} {' '.join(words)}`" in SECTIONS[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_default_is_the_one_in_the_code(name: str) -> None:
    shown = {opt: one for opt, one in options(COMMANDS[name]).items() if one.show_default}
    assert {opt: documented(name)[opt].strip() for opt in shown} == {
        opt: f"`{one.default}`" for opt, one in shown.items()
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_a_choice_names_all_its_words(name: str) -> None:
    kinds = [one.type for one in options(COMMANDS[name]).values()]
    words = [word for kind in kinds if isinstance(kind, click.Choice) for word in kind.choices]
    assert [word for word in words if f"`{word}`" not in SECTIONS[name]] == []
