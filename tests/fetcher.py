"""Fetches once, as a process of its own that can be killed: ``python -m tests.fetcher CONFIG``."""

import sys
from pathlib import Path

from handlers import compose
from handlers.settings import load
from tests.driver import environment
from tests.mailboxes import fetch_once

if __name__ == "__main__":
    fetch_once(compose.compose(load(Path(sys.argv[1]), environment()), environment()))
