"""A group whose commands are imported when one is asked for, so that ``loket --help`` answers at once."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from handlers.collecting import start_without_collecting


class Lazily(click.Group):
    """*places*: of each command where it is (``module:name``) and what its help begins with."""

    def __init__(self, *rest: Any, places: Mapping[str, tuple[str, str]], **more: Any) -> None:
        super().__init__(*rest, **more)
        self.places = places

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # as click calls it
        """Every name."""
        return sorted(self.places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # the same
        """The command itself; only now is it imported."""
        if cmd_name not in self.places:
            return None
        start_without_collecting()
        module, _, name = self.places[cmd_name][0].partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list below the group's own help, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.places[name][1]) for name in sorted(self.places)])
