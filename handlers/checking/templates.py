"""Checks of WhatsApp templates: the configuration, what is remembered, and, when asked for, Twilio itself."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing

from sqlalchemy.exc import SQLAlchemyError

from channels.contract import SendError
from channels.their_clocks import Heard
from channels.whatsapp.contents import Contents
from channels.whatsapp.drafts import Made, Verdict
from channels.whatsapp.sending import Account
from handlers import compose, pushing, verdicts
from handlers.checking.findings import Finding, error, fine, warning
from handlers.checking.installation import looking_at
from handlers.menu_contents import PREFIX
from handlers.pushing import Wanted
from handlers.rendering import Sentences
from handlers.secrets import SecretError
from handlers.settings import Settings
from handlers.shipped_files import templates_folder
from storage import content_templates
from storage.columns import AnyRow
from storage.content_templates import APPROVED
from storage.db import Database

log = logging.getLogger(__name__)
_STOPPED = ("rejected", "paused", "disabled")
_PUSH = "loket templates push"
Known = Mapping[tuple[str, str], AnyRow]


def remembered(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Each account's templates, by what was remembered of them."""
    for _, sid, _ in _accounts(settings, environ):
        known = _known(settings, sid)
        if known is not None:
            for asked in pushing.configured(settings):
                yield from _worded(asked, known.get(_key(asked)), None)
            yield from _choices(settings, known)


def at_twilio(
    settings: Settings, environ: Mapping[str, str], heard: Heard | None = None
) -> Iterator[Finding]:
    """Each account's templates, asked of Twilio; what it says of those that are remembered is kept."""
    url = settings.channels.whatsapp.api_url
    for name, sid, token in _accounts(settings, environ):
        with closing(Contents(Account(sid, token), api_url=url, heard=heard)) as contents:
            try:
                yield from _asked(settings, sid, contents, _known(settings, sid) or {})
            except SendError as problem:
                yield error(
                    f"Templat akun Twilio {name} tidak dapat diperiksa: {problem.detail}",
                    f"The templates of Twilio account {name} can't be looked at: {problem.detail}",
                )


def _asked(settings: Settings, account: str, contents: Contents, known: Known) -> Iterator[Finding]:
    made = {each.sid: each for each in contents.all()}
    for asked in pushing.configured(settings):
        row = known.get(_key(asked))
        sid = asked.fixed or (str(row.content_id) if row else "")
        if sid and sid not in made:
            yield warning(
                f"Templat {_named(asked)} tidak ada lagi di Twilio: jalankan `{_PUSH}`.",
                f"Template {_named(asked)} is no longer at Twilio: run `{_PUSH}`.",
            )
        elif sid:
            verdict = contents.verdict(sid)
            if row is not None and sid == row.content_id and row.wording == asked.mark:
                _keep(settings, pushing.judged(account, asked, sid, verdict))
            yield from _worded(asked, row, (made[sid], verdict))
    gone = [row for row in known.values() if row.key.startswith(PREFIX) and row.content_id not in made]
    if gone:
        yield warning(
            f"{len(gone)} templat pilihan tidak ada lagi di Twilio: jalankan `{_PUSH}`.",
            f"{len(gone)} templates of choices are no longer at Twilio: run `{_PUSH}`.",
        )


def _keep(settings: Settings, judged: content_templates.Known) -> None:
    """What the desk goes by from now on; a database that can't be written to is told of already."""
    database = Database(settings.database.url, settings.data_dir)
    try:
        verdicts.keep(database, judged, compose.now())
    except SQLAlchemyError as problem:
        log.warning("what WhatsApp says of template %s is not kept: %s", judged.key, type(problem).__name__)
    finally:
        database.close()


def _worded(asked: Wanted, row: AnyRow | None, told: tuple[Made, Verdict] | None) -> Iterator[Finding]:
    """One configured template; *told*: what Twilio has and says now, when it was asked."""
    if row is None and not asked.fixed:
        yield warning(
            f"Templat {_named(asked)} belum dibuat di Twilio: jalankan `{_PUSH}`.",
            f"Template {_named(asked)} is not at Twilio yet: run `{_PUSH}`.",
        )
    elif row is not None and row.wording != asked.mark and not asked.fixed:
        yield warning(
            f"Kalimat templat {_named(asked)} sudah diubah sejak diajukan: jalankan `{_PUSH}`.",
            f"The words of template {_named(asked)} have changed since it was submitted: run `{_PUSH}`.",
        )
    elif told and told[0].types != asked.draft.types:
        yield warning(
            f"Kalimat templat {_named(asked)} di Twilio berbeda dari konfigurasi.",
            f"The words of template {_named(asked)} at Twilio differ from the configuration.",
        )
    elif told:
        yield from _verdict(asked, told[1])
    elif row is not None:
        yield from _verdict(asked, Verdict(row.approval, row.category, row.reason))


def _verdict(asked: Wanted, verdict: Verdict) -> Iterator[Finding]:
    name, reason = _named(asked), f": {verdict.reason}" if verdict.reason else ""
    if verdict.status in _STOPPED:
        yield warning(
            f"Templat {name} tidak dapat dikirim ({verdict.status}){reason}. Ubah, lalu `{_PUSH}`.",
            f"Template {name} may not be sent ({verdict.status}){reason}. Change its words, then `{_PUSH}`.",
        )
    elif verdict.status != APPROVED:
        yield warning(
            f"Templat {name} menunggu persetujuan WhatsApp ({verdict.status}).",
            f"Template {name} waits for WhatsApp's approval ({verdict.status}).",
        )
    else:
        yield fine(f"Templat {name} disetujui WhatsApp.", f"WhatsApp has approved template {name}.")
    if verdict.category and verdict.category != asked.category:
        yield warning(
            f"WhatsApp mengubah kategori templat {name} dari {asked.category} menjadi {verdict.category}:"
            " harganya lain, dan sebagian dapat tidak disampaikan.",
            f"WhatsApp has changed the category of template {name} from {asked.category} to"
            f" {verdict.category}: its price is another, and some may not be delivered.",
        )


def _choices(settings: Settings, known: Known) -> Iterator[Finding]:
    """How many of the menus can be tapped."""
    try:
        sentences = Sentences(settings.offices, settings.public_url, templates_folder() / "messages")
    except (ValueError, LookupError):
        return  # told already
    asked: Sequence[Wanted] = pushing.menus(settings, sentences)
    missing = sum(_key(each) not in known for each in asked)
    if missing:
        yield warning(
            f"{missing} dari {len(asked)} templat pilihan belum dibuat: warga membalas dengan angka."
            f" Jalankan `{_PUSH}`.",
            f"{missing} of {len(asked)} templates of choices are not made yet: citizens reply by number."
            f" Run `{_PUSH}`.",
        )
    else:
        yield fine(f"{len(asked)} templat pilihan siap.", f"{len(asked)} templates of choices are ready.")


def _accounts(settings: Settings, environ: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Each account's name, sid and token; one whose secrets are missing is told of already."""
    for name, account in settings.channels.whatsapp.accounts.items():
        try:
            yield name, account.account_sid(environ), account.tokens(environ)[0]
        except SecretError:
            continue


def _known(settings: Settings, account: str) -> Known | None:
    """What is remembered of *account*; None where there is no table yet, which is told already."""
    try:
        with looking_at(settings) as connection:
            rows = content_templates.of_account(connection, account) if connection is not None else ()
    except SQLAlchemyError:
        return None
    return {(row.key, row.language): row for row in rows}


def _key(asked: Wanted) -> tuple[str, str]:
    return asked.key, asked.draft.language


def _named(asked: Wanted) -> str:
    return f"{asked.key} ({asked.draft.language})"
