"""The folder of a demo: its database, its keys, and the lock that keeps a second demo out."""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

FOLDER_VARIABLE = "LOKET_DEMO_DIR"
USUAL = Path("var/demo")
MAIL_VARIABLE = "LOKET_DEMO_MAIL_PASSWORD"
_DATABASE, _KEYS, _LOCK = "demo.db", "keys.json", "demo.lock"
# Without what looks alike on a printed page.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class DemoKeys:
    """What a demo made up for itself, once. Worth nothing outside its folder."""

    signing: str = field(repr=False)
    account: str
    token: str = field(repr=False)
    password: str = field(repr=False)

    def environ(self) -> dict[str, str]:
        """The same under the names that the sample configuration refers to."""
        return {
            "LOKET_SECRET_KEY": self.signing,
            "TWILIO_ACCOUNT_SID": self.account,
            "TWILIO_AUTH_TOKEN": self.token,
            MAIL_VARIABLE: self.token,
        }


class DemoFolder:
    """A folder that holds one demo. Made when it is missing."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = (self.path / _LOCK).open("a")

    @property
    def database_url(self) -> str:
        """The demo's own SQLite file."""
        return f"sqlite:///{self.path / _DATABASE}"

    @property
    def mail(self) -> Path:
        """Where people's mails are kept."""
        return self.path / "mail"

    def take(self) -> bool:
        """Keep the folder until this process (and those it starts) end; False when another demo has it."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def empty(self) -> None:
        """Forget what an earlier demo left, and nothing else that may lie here."""
        for name in (_DATABASE, f"{_DATABASE}-wal", f"{_DATABASE}-shm", _KEYS):
            (self.path / name).unlink(missing_ok=True)
        for name in ("backups", "files", "mail"):
            shutil.rmtree(self.path / name, ignore_errors=True)

    def keys(self) -> DemoKeys:
        """The demo's keys, made on first use."""
        file = self.path / _KEYS
        if not file.exists():
            _write_privately(file, json.dumps(asdict(new_keys())))
        return DemoKeys(**json.loads(file.read_text("utf-8")))


def chosen(environ: Mapping[str, str]) -> Path:
    """Where the demo lives: LOKET_DEMO_DIR, else ``var/demo``."""
    return Path(environ.get(FOLDER_VARIABLE) or USUAL)


def new_keys() -> DemoKeys:
    """Fresh keys, and a password that can be read aloud."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
    return DemoKeys(
        signing=secrets.token_urlsafe(32),
        account="AC" + secrets.token_hex(16),
        token=secrets.token_hex(16),
        password="-".join(groups),
    )


def _write_privately(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write(text)
