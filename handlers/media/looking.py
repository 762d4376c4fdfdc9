"""Looking at a stranger's file from this side of the pipe: the other side may end, or say anything."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

from PIL import Image

from channels.mime.looking import LONGEST_SIDE, TOO_MANY_PIXELS, UNREADABLE, Look

MODULE = "channels.mime.looking"
SECONDS = 40
UNKNOWN = "application/octet-stream"
_LONGEST_KIND = 127


def look(content: bytes) -> Look:
    """What *content* is, as a process of its own says. Raises ``OSError`` when none can be started.

    One that ends without a word was too much for it: of what it is nothing is known then.
    """
    try:
        ended = subprocess.run(  # noqa: S603 - our own module, by the interpreter that runs us
            [sys.executable, "-P", "-W", "ignore", "-m", MODULE],
            input=content, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=_environment(), timeout=SECONDS, check=True,
        )  # fmt: skip
    except subprocess.SubprocessError:
        return Look(UNKNOWN, TOO_MANY_PIXELS)
    return _understood(ended.stdout)


def _understood(said: bytes) -> Look:
    line, _, picture = said.partition(b"\n")
    try:
        told = json.loads(line)
        kind, problem = str(told["kind"])[:_LONGEST_KIND], str(told["problem"])
    except (ValueError, LookupError, TypeError):
        return Look(UNKNOWN, UNREADABLE)
    # Only a JPEG of our size is passed on, whatever has taken the other side over.
    return Look(kind, problem, picture) if not picture or _is_ours(picture) else Look(kind, UNREADABLE)


def _is_ours(picture: bytes) -> bool:
    try:
        with Image.open(io.BytesIO(picture), formats=("JPEG",)) as opened:
            return max(opened.size) <= LONGEST_SIDE
    except Exception:  # noqa: BLE001 - whatever else it is, it is none of ours
        return False


def _environment() -> dict[str, str]:
    """Where the modules are, and nothing else that this process knows."""
    folders = [str(Path(folder).absolute()) for folder in sys.path]
    return {"PYTHONPATH": os.pathsep.join(folders), "PYTHONUTF8": "1", "MALLOC_ARENA_MAX": "1"}
