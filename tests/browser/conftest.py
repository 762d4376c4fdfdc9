"""A real Chromium, and a desk that it can visit."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from channels.simulator import serving
from handlers import passwords
from handlers.web.app import create_app
from storage import officers
from tests.databases import SqliteTemplate
from tests.driver import Desk, running_desk
from tests.ports import free_port

PASSWORD = "kata-sandi-contoh"
# The one without windows first: it takes a third of the work.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
# How long anything on a page may take, in milliseconds: another worker may be busy beside it.
PATIENCE = 90_000
expect.set_options(timeout=PATIENCE)

LOOKS = pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
"""Each width and each scheme of colours once: neither depends on the other."""


@dataclass
class Site:
    """A desk with its address and its browser page's base."""

    desk: Desk
    url: str

    def page(self, browser: Browser, width: int = 1440, height: int = 900) -> Page:
        """A fresh window of this size, speaking Indonesian."""
        context = browser.new_context(
            base_url=self.url, viewport={"width": width, "height": height}, locale="id-ID"
        )
        return context.new_page()

    def sign_in(self, page: Page, name: str) -> None:
        """Through the form, as an officer does."""
        page.goto("/inbox")
        page.get_by_label("Email").fill(f"{name}@bps.go.id")
        page.get_by_label("Kata sandi").fill(PASSWORD)
        page.get_by_role("button", name="Masuk").click()
        page.wait_for_url("**/inbox/**")

    def add_officer(self, name: str, role: str = "officer") -> int:
        """An officer of Kolaka Timur who may sign in."""
        with self.desk.runtime.database.write() as connection:
            added = officers.add(
                connection,
                email=f"{name}@bps.go.id",
                name=name.title(),
                password_hash=passwords.hashed(PASSWORD),
                now=self.desk.clock(),
            )
            officers.set_role(connection, added, "7411", role)
        self.desk.officer_ids[name] = added
        return added

    def ticket(self, text: str, address: str) -> int:
        """A citizen's request as an open ticket."""
        self.desk.writes(text, address=address)
        self.desk.writes("1", address=address)
        self.desk.settle()
        return int(self.desk.tickets()[-1].id)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Headless Chromium, the system's own, started once."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: apt-get install chromium-headless-shell, or name one in CHROMIUM")
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        for name in ("new_context", "new_page"):
            patch.setattr(Browser, name, _patient(getattr(Browser, name)))
        started = playwright.chromium.launch(executable_path=CHROMIUM)
        yield started
        started.close()


def _patient(opens: Callable[..., Any]) -> Callable[..., Any]:
    def opened(*which: Any, **how: Any) -> Any:
        made = opens(*which, **how)
        made.set_default_timeout(PATIENCE)
        return made

    return opened


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """Chromium for one test: a window left open would go on asking a desk that is gone."""
    yield chromium
    for context in chromium.contexts:
        context.close()


@pytest.fixture
def site(sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[Site]:
    """A desk on SQLite that the browser can visit."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (
        running_desk(sqlite_template.copy(tmp_path), tmp_path, url) as desk,
        serving(create_app(desk.runtime), port=port),
    ):
        yield Site(desk, url)
