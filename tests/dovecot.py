"""A real Dovecot in a folder of its own, on loopback: any name is a mailbox, with one password for all."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
import trustme
from imapclient import IMAPClient, SocketTimeout

from tests.ports import free_port

PASSWORD = "kata-sandi-contoh"
PROGRAM = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
MISSING = "no Dovecot: apt-get install dovecot-imapd"
PROCESSED = "Processed"
_PATIENCE = 90.0
_files = count(1)

_CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
instance_name = {folder.name}
log_path = {folder}/dovecot.log
info_log_path = {folder}/dovecot.log
default_internal_user = {internal.pw_name}
default_internal_group = {internal_group}
default_login_user = {login.pw_name}
first_valid_uid = {owner.pw_uid}
first_valid_gid = {owner.pw_gid}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
ssl = yes
ssl_cert = <{folder}/etc/cert.pem
ssl_key = <{folder}/etc/key.pem
mail_location = maildir:{folder}/mail/%u
mail_fsync = {fsync}
mail_max_userip_connections = 100
imap_idle_notify_interval = 2 mins
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
service imap-login {{
  {unconfined}
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
  process_min_avail = 0
}}
service anvil {{
  {unconfined}
  unix_listener anvil-auth-penalty {{
    # a refused sign-in slows the next ones from this machine down otherwise
    mode = 0
  }}
}}
{more}
"""


class Dovecot:
    """A running server. ``kill`` and ``start`` play a power cut: the mails stay."""

    host = "127.0.0.1"
    password = PASSWORD

    def __init__(self, folder: Path, *, more: str = "", fsync: str = "never") -> None:
        """*more*: lines for the end of the configuration; FOLDER stands for *folder* in them.

        *fsync*: ``optimized`` as in real life.
        """
        self.folder = folder
        self.port, self.tls_port = free_port(), free_port()
        self.ca_file = folder / "etc" / "ca.pem"
        self._running: subprocess.Popen[bytes] | None = None
        self._ending = threading.Lock()
        self._owner = _owner()
        for name in ("etc", "state", "mail"):
            (folder / name).mkdir()
        os.chown(folder / "mail", self._owner.pw_uid, self._owner.pw_gid)
        _write_certificate(folder / "etc")
        self._write_config(more, fsync)

    def _write_config(self, more: str, fsync: str) -> None:
        mine = os.getuid() != 0
        internal, login = (self._owner, self._owner) if mine else map(pwd.getpwnam, ("dovecot", "dovenull"))
        group = internal.pw_name if not mine else str(internal.pw_gid)
        text = _CONFIG.format(
            folder=self.folder,
            internal=internal,
            internal_group=group,
            login=login,
            owner=self._owner,
            password=PASSWORD,
            port=self.port,
            tls_port=self.tls_port,
            unconfined="chroot =" if mine else "",
            fsync=fsync,
            more=more.replace("FOLDER", str(self.folder)),
        )
        (self.folder / "etc" / "dovecot.conf").write_text(text, encoding="utf-8")

    def start(self) -> None:
        """Start, and return when it greets. Locks that a killed server has left are removed."""
        for lock in (self.folder / "mail").rglob("*.lock"):
            lock.unlink(missing_ok=True)
        (self.folder / "run" / "master.pid").unlink(missing_ok=True)
        with (self.folder / "output.txt").open("ab") as output:
            self._running = subprocess.Popen(
                [PROGRAM or "dovecot", "-F", "-c", str(self.folder / "etc" / "dovecot.conf")],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._wait_for_greeting()

    def stop(self) -> None:
        """Stop in order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End every process of it at once, as a power cut does."""
        self._end(signal.SIGKILL)

    def client(self, user: str) -> IMAPClient:
        """A signed-in client of its own, to look at the mailbox of *user*; a context manager."""
        client = IMAPClient(self.host, self.port, ssl=False, timeout=SocketTimeout(60, 60))
        client._imap.debug = 0
        try:
            client.login(user, PASSWORD)
        except BaseException:
            client.shutdown()
            raise
        return client

    def put(
        self, user: str, mails: Iterable[bytes], folder: str = "INBOX", *, at: datetime | None = None
    ) -> None:
        """Lay *mails* into a folder as files, thousands a second; at work or stopped, in this order.

        *at*: when they arrived (INTERNALDATE).
        """
        place = self._maildir(user, folder)
        for mail in mails:
            name = f"{1_700_000_000 + next(_files)}.M0P{os.getpid()}.loket"
            (place / "tmp" / name).write_bytes(mail)
            os.chown(place / "tmp" / name, self._owner.pw_uid, self._owner.pw_gid)
            if at:
                os.utime(place / "tmp" / name, (at.timestamp(), at.timestamp()))
            (place / "tmp" / name).rename(place / "new" / name)

    def mails(self, user: str, folder: str = "INBOX") -> dict[int, bytes]:
        """What stands in a folder, by UID; nothing when there is no such folder."""
        with self.client(user) as client:
            if not client.folder_exists(folder):
                return {}
            client.select_folder(folder, readonly=True)
            uids = client.search(["ALL"])
            found = client.fetch(uids, ["BODY.PEEK[]"]) if uids else {}
            return {uid: bytes(found[uid][b"BODY[]"]) for uid in sorted(found)}

    def flags(self, user: str, folder: str = "INBOX") -> dict[int, set[str]]:
        """The flags of what stands in a folder, by UID, without ``\\Recent``."""
        with self.client(user) as client:
            client.select_folder(folder, readonly=True)
            found = client.get_flags(client.search(["ALL"]))
            return {uid: {flag.decode() for flag in flags} - {"\\Recent"} for uid, flags in found.items()}

    def folders(self, user: str) -> list[str]:
        """The names of all folders."""
        with self.client(user) as client:
            return sorted(name for _, _, name in client.list_folders())

    def renew(self, user: str, folder: str = "INBOX") -> None:
        """The same mails under another UIDVALIDITY, with UIDs from 1, as after a restored backup."""
        place = self._maildir(user, folder)
        head = (place / "dovecot-uidlist").read_text(encoding="utf-8").splitlines()[0]
        version, validity, _, *rest = head.split()
        renewed = " ".join([version, f"V{int(validity[1:]) + 1}", "N1", *rest])
        for index in place.glob("dovecot.index*"):
            index.unlink()
        (place / "dovecot-uidlist").write_text(renewed + "\n", encoding="utf-8")

    def log(self) -> str:
        """What the server has written down."""
        path = self.folder / "dovecot.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def _maildir(self, user: str, folder: str) -> Path:
        root = self.folder / "mail" / user
        place = root if folder == "INBOX" else root / f".{folder.replace('/', '.')}"
        for path in (root, place, *(place / part for part in ("cur", "new", "tmp"))):
            if not path.exists():
                path.mkdir(mode=0o700)
                os.chown(path, self._owner.pw_uid, self._owner.pw_gid)
        return place

    def _wait_for_greeting(self) -> None:
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            if self._running is None or self._running.poll() is not None:
                break
            with suppress(OSError), socket.create_connection((self.host, self.port), 1) as connection:
                if connection.recv(4) and (self.folder / "run" / "master.pid").exists():
                    return
            time.sleep(0.02)
        output = (self.folder / "output.txt").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"Dovecot does not start: {output}\n{self.log()}")

    def _end(self, sign: signal.Signals) -> None:
        # A test may end while a thread of it is still ending the server.
        with self._ending:
            if self._running:
                _end(self._running, sign)
            self._running = None


@contextmanager
def running_dovecot(*, more: str = "", fsync: str = "never", started: bool = True) -> Iterator[Dovecot]:
    """A Dovecot until the end of the block, *started* or to be started. Skips where it is not installed."""
    if PROGRAM is None:
        pytest.skip(MISSING)
    folder = Path(tempfile.mkdtemp(prefix="loket-dovecot-"))
    folder.chmod(0o711)  # its processes run as several users
    server = Dovecot(folder, more=more, fsync=fsync)
    try:
        if started:
            server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


def new_user() -> str:
    """The name of a mailbox that nobody has used."""
    return f"kotak-{uuid4().hex[:12]}"


def _end(running: "subprocess.Popen[bytes]", sign: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        if sign == signal.SIGKILL:
            os.killpg(running.pid, sign)
        else:
            running.send_signal(sign)
    try:
        running.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait(_PATIENCE)
    _wait_for_end(running.pid)


def _wait_for_end(group: int) -> None:
    until = time.monotonic() + _PATIENCE
    while _alive(group) and time.monotonic() < until:
        time.sleep(0.01)


def _alive(group: int) -> bool:
    """Whether a process of this group still runs; the dead may stand there until somebody asks for them."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state not in "ZX":
                return True
    return False


def _owner() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())


def _write_certificate(folder: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    server = authority.issue_cert("127.0.0.1", "localhost")
    server.private_key_pem.write_to_path(str(folder / "key.pem"))
    for index, blob in enumerate(server.cert_chain_pems):
        blob.write_to_path(str(folder / "cert.pem"), append=index > 0)
