"""Puts the templates and the sample configuration into the wheel, where an installed Loket finds them.

A hook and not `force-include`, which would leave copies beside an editable install that go stale.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = {name: f"handlers/shipped/{name}" for name in ("templates", "config.yaml", "standards")}


class ShippedFiles(BuildHookInterface[Any]):
    """Hatchling finds this class by itself."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """A standard wheel carries the files; an editable one is only a path to this folder."""
        if version == "standard":
            build_data["force_include"].update(SHIPPED)
