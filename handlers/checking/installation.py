"""Checks of the installation: secrets, public address, provider, database, sentences."""

import platform
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.errors import MessageError
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from alembic.runtime.migration import MigrationContext
from jinja2 import TemplateError
from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, inspect, make_url, select
from sqlalchemy.exc import SQLAlchemyError

from handlers import databases, secrets, unusable
from handlers.checking.findings import Finding, error, fine, warning
from handlers.rendering import Sentences
from handlers.secrets import MissingSecret, SecretError
from handlers.settings import Account, Settings
from handlers.settings.values import is_loopback
from handlers.shipped_files import templates_folder
from storage import schema

Environ = Mapping[str, str]
_PATIENCE = {"postgresql+psycopg": {"connect_timeout": 5}}


def secret_key(environ: Environ) -> Iterator[Finding]:
    """The keys that sign sessions and links."""
    try:
        count = len(secrets.secret_keys(environ))
    except SecretError as problem:
        yield secret_problem(problem)
        return
    more = (" (beserta kunci lama)", " (with the previous one)") if count > 1 else ("", "")
    yield fine(f"Kunci rahasia ada{more[0]}.", f"The secret key is there{more[1]}.")


def account(name: str, account: Account, environ: Environ) -> Iterator[Finding]:
    """The SID and the token of one Twilio account."""
    reads = (account.account_sid, account.tokens, account.shared_secrets)
    problems = [problem for read in reads for problem in problem_of(read, environ)]
    yield from problems
    if not problems:
        yield fine(f"Rahasia akun Twilio {name} ada.", f"The secrets of Twilio account {name} are there.")
        if not account.account_sid(environ).startswith("AC"):
            yield error(
                f"SID akun Twilio {name} tidak diawali AC; apakah tertukar dengan token?",
                f"The SID of Twilio account {name} does not begin with AC; was it mixed up with the token?",
            )


def webapi(settings: Settings, environ: Environ) -> Iterator[Finding]:
    """The key of BPS's WebAPI; where none is named, offices that search first need a file."""
    yield from problem_of(settings.webapi.key_in, environ)
    searching = [one.short_name for one in settings.offices.values() if one.search_first.enabled]
    if searching and settings.webapi.key is None:
        names = ", ".join(searching)
        yield warning(
            f"{names}: warga mencari dulu, tetapi webapi.key belum ada: isi katalog dengan"
            " `loket catalogue import`.",
            f"{names}: citizens search first, but there is no webapi.key: fill the catalogue with"
            " `loket catalogue import`.",
        )


def public_url(settings: Settings) -> Iterator[Finding]:
    """The address that citizens and the provider reach: https, reachable from outside, a name of its own."""
    url = settings.public_url
    faults = []
    if urlsplit(url).scheme != "https":
        faults.append(("harus diawali https://", "must begin with https://"))
    if _is_inside(urlsplit(url).hostname or ""):
        faults.append(("tidak dapat dicapai dari internet", "can't be reached from the internet"))
    if urlsplit(url).path:
        faults.append(
            (
                "harus tanpa jalur: halaman Loket berdiri langsung di bawah nama itu",
                "must have no path: Loket's pages stand directly below the name",
            )
        )
    for indonesian, english in faults:
        yield error(f"Alamat publik {url} {indonesian}.", f"The public address {url} {english}.")
    if not faults:
        yield fine(f"Alamat publik: {url}", f"Public address: {url}")


def api_url(settings: Settings) -> Iterator[Finding]:
    """Where messages for WhatsApp are sent: a token must not travel unencrypted."""
    url = settings.channels.whatsapp.api_url
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" and not is_loopback(host):
        yield error(
            f"{url} bukan https: token Twilio akan terkirim tanpa sandi.",
            f"{url} is not https: the Twilio token would travel unencrypted.",
        )
    elif host != "twilio.com" and not host.endswith(".twilio.com"):
        yield warning(
            f"Pesan WhatsApp dikirim ke {url}, bukan ke Twilio.",
            f"WhatsApp messages are sent to {url}, not to Twilio.",
        )


def database(settings: Settings) -> Iterator[Finding]:
    """The database answers, and its tables are those this program needs. Makes none that is not there."""
    url = make_url(settings.database.url)
    if url.drivername == "sqlite" and not unusable.is_there(Path(url.database or "")):
        yield warning(
            f"Basis data {url.database} belum ada; loket serve akan membuatnya.",
            f"The database {url.database} does not exist yet; loket serve will make it.",
        )
        return
    try:
        yield _tables(url)
    except SQLAlchemyError as problem:
        cause = str(getattr(problem, "orig", problem)).strip().splitlines()[0]
        yield error(f"Basis data tidak menjawab: {cause}", f"The database does not answer: {cause}")


@contextmanager
def looking_at(settings: Settings) -> Iterator[Connection | None]:
    """A connection to the database as it is; None for a file that is not there, which is not made."""
    url = make_url(settings.database.url)
    if url.drivername == "sqlite" and not unusable.is_there(Path(url.database or "")):
        yield None
        return
    with _engine(url).connect() as connection:
        yield connection


def interpreter(version: str = platform.python_version()) -> Iterator[Finding]:
    """Whether this Python lets a subject write new headers into a mail (CVE-2024-6923). Tried, not looked up:
    distributions mend older versions.
    """
    if header_injection_is_open():
        yield warning(
            f"Python {version} masih membiarkan judul email menyisipkan tajuk (CVE-2024-6923)."
            " Loket membersihkan setiap nilai sendiri; tetap perbarui Python (3.11.10, 3.12.5, atau 3.13).",
            f"Python {version} still lets a subject write new headers into a mail (CVE-2024-6923)."
            " Loket cleans every value itself; update Python anyway (3.11.10, 3.12.5 or 3.13).",
        )


def header_injection_is_open() -> bool:
    """Whether the standard library writes a line end that hides in an encoded word."""
    mail = EmailMessage()
    mail["Subject"] = "=?utf-8?q?a=0D=0ABcc=3A_x=40y=2Eid?="
    try:
        return b"\nBcc:" in mail.as_bytes()
    except MessageError:
        return False


def sentences(settings: Settings) -> Iterator[Finding]:
    """Every sentence, in every language of every office, can be said."""
    try:
        Sentences(settings.offices, settings.public_url, templates_folder() / "messages").compile()
    except (ValueError, LookupError, TemplateError) as problem:
        yield error(f"Kalimat tidak dapat dipakai: {problem}", f"A sentence can't be used: {problem}")
    else:
        yield fine("Semua kalimat lengkap.", "All sentences are complete.")


def problem_of(read: Callable[[Environ], object], environ: Environ) -> Iterator[Finding]:
    """What keeps this secret from being read; nothing when it can be."""
    try:
        read(environ)
    except SecretError as problem:
        yield secret_problem(problem)


def secret_problem(problem: SecretError) -> Finding:
    """What is wrong with a secret, by the name of its variable."""
    if isinstance(problem, MissingSecret):
        name = problem.name
        return error(
            f"Rahasia {name} belum ada: isi {name}, atau {name}_FILE dengan nama berkasnya.",
            f"The secret {name} is missing: set {name}, or {name}_FILE to the name of a file.",
        )
    return error(f"Rahasia tidak dapat dipakai: {problem}.", f"A secret can't be used: {problem}.")


def _is_inside(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return is_loopback(host) or "." not in host


def _tables(url: URL) -> Finding:
    at, is_demo = _looked_up(url)
    wanted = schema.head()
    if is_demo:
        return error("Basis data ini milik demo.", "This database belongs to a demo.")
    if at == wanted:
        return fine(f"Basis data siap (revisi {at}).", f"The database is ready (revision {at}).")
    if url.drivername == "sqlite":
        return warning(
            f"Basis data pada revisi {at}; loket serve akan mencadangkan lalu memperbaruinya ke {wanted}.",
            f"The database is at revision {at}; loket serve will back it up and bring it to {wanted}.",
        )
    return error(
        f"Basis data pada revisi {at}, program ini butuh {wanted}: jalankan loket migrate.",
        f"The database is at revision {at}, this program needs {wanted}: run loket migrate.",
    )


def _engine(url: URL) -> Engine:
    # Not storage.db.Database: that one makes folders and files, and a check changes nothing.
    return create_engine(url, poolclass=NullPool, connect_args=_PATIENCE.get(url.drivername, {}))


def _looked_up(url: URL) -> tuple[str | None, bool]:
    """The revision of the tables, and whether a demo made them."""
    with _engine(url).connect() as connection:
        at = MigrationContext.configure(connection).get_current_revision()
        if not inspect(connection).has_table(databases.INSTALLATION.name):
            return at, False
        demo = select(databases.INSTALLATION.c.key).where(databases.INSTALLATION.c.key == databases.DEMO)
        return at, connection.execute(demo).first() is not None
