"""Where the files lie that are data, not code: the sentences, the pages, the sample configuration."""

from functools import cache
from pathlib import Path

_HANDLERS = Path(__file__).resolve().parent
_SHIPPED = _HANDLERS / "shipped"


def _home() -> Path:
    # A wheel carries its own copy; a checkout has the originals one floor up.
    return _SHIPPED if _SHIPPED.is_dir() else _HANDLERS.parent


def templates_folder() -> Path:
    """The folder ``templates/``: the repository's in a checkout, the shipped copy in an installed wheel."""
    return _home() / "templates"


def sample_config() -> Path:
    """The sample ``config.yaml``, with five real offices, to copy and to change."""
    return _home() / "config.yaml"


@cache
def languages() -> frozenset[str]:
    """The languages the desk has sentences for: the folders under ``templates/messages``."""
    return frozenset(path.name for path in (templates_folder() / "messages").iterdir() if path.is_dir())
