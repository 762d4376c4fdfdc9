"""Proving that a mailbox is a citizen's own: a code is mailed there, and typed in the chat.

The code is derived from the key of the installation and the id of its proof, so that it stands nowhere:
the database holds a hash, and the mail gets its words when it leaves. A code of six digits is good in one
conversation only. One of eight is good in whichever chat it is typed: that it was read proves the mailbox,
that it came proves the chat.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection

from bot import codes
from bot.events import CodeChecked, CodeMailed, CodeResult
from bot.policy import Mode, Office
from handlers import people, wording
from handlers.mailroom import notices as desk_mails
from handlers.runtime import Runtime
from storage import links, notices, officers, proofs, tickets
from storage import people as stored_people
from storage.columns import AnyRow
from storage.conversations import Thread
from storage.db import after_others

_MAIL, _CHAT = "email", "whatsapp"
_DAY = timedelta(days=1)
_MOST_A_DAY = 3
_TOLD, _WRITTEN = 6, 8


class Unsent(StrEnum):
    """Why no code was mailed. The officer is told in words."""

    NO_ADDRESS = "no_address"
    NO_CHAT = "no_chat"
    CONNECTED = "connected"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A code of so many digits, for an address that a contact told or wrote from."""

    office: str
    contact_id: int
    address: str
    digits: int
    language: str


def mail_code(
    runtime: Runtime, connection: Connection, thread: Thread, email: str, now: datetime
) -> CodeMailed:
    """Let a code leave to the address that was just told, if it may: at most three a day and address."""
    known = proofs.address(connection, thread.office, _MAIL, email)
    theirs = known is not None and known.contact_id == thread.contact_id and known.proved
    wanted = _Wanted(thread.office, thread.contact_id, email, _TOLD, thread.value.language)
    if theirs or _is_ours(runtime, email):
        return CodeMailed(email, sent=False)
    return CodeMailed(email, sent=_send(runtime, connection, wanted, now))


def _is_ours(runtime: Runtime, email: str) -> bool:
    senders = (each for office in runtime.settings.offices.values() for each in office.senders.email)
    return runtime.settings.mailbox_of(email) is not None or email in {each.lower() for each in senders}


def _send(runtime: Runtime, connection: Connection, wanted: _Wanted, now: datetime) -> bool:
    mailbox = desk_mails.mailbox_of(runtime, wanted.office)
    about = (wanted.office, wanted.contact_id, _MAIL, wanted.address)
    if mailbox is None or max(proofs.made_since(connection, *about, now - _DAY)) >= _MOST_A_DAY:
        return False
    proof_id = proofs.make(connection, *about, now, now + codes.LASTS)
    key = runtime.keys.signing[0]
    code = _code(key, proof_id, wanted.digits)
    proofs.keep_hash(connection, proof_id, _hash(key, proof_id, code))
    notices.queue(
        connection,
        key=f"code:{proof_id}",
        office=wanted.office,
        mailbox=mailbox,
        recipient=wanted.address,
        purpose=desk_mails.Cause.CODE,
        now=now,
        language=wanted.language,
        about={"proof": proof_id},
    )
    return True


def _code(key: str, proof_id: int, digits: int) -> str:
    drawn = hmac.digest(key.encode(), f"loket.code.{proof_id}".encode(), "sha256")
    return f"{int.from_bytes(drawn) % 10**digits:0{digits}}"


def _hash(key: str, proof_id: int, code: str) -> str:
    return hmac.digest(key.encode(), f"loket.proof.{proof_id}.{code}".encode(), "sha256").hex()


def _is_code(runtime: Runtime, proof: AnyRow, code: str) -> bool:
    hashes = [_hash(key, proof.id, code) for key in runtime.keys.signing]
    return any(hmac.compare_digest(each, proof.code_hash) for each in hashes)


def values(runtime: Runtime, connection: Connection, row: AnyRow) -> dict[str, Any] | None:
    """What the mail with a code says; None when that code was typed already, or is too old."""
    proof = proofs.find(connection, row.about["proof"])
    now = runtime.clock()
    if proof is None or proof.used_at is not None or proof.expires_at <= now:
        return None
    drawn = (_code(key, proof.id, digits) for key in runtime.keys.signing for digits in (_TOLD, _WRITTEN))
    code = next((each for each in drawn if _is_code(runtime, proof, each)), None)
    if code is None:
        return None
    office = runtime.office(row.office)
    number = _number(office) if len(code) == _WRITTEN else ""
    link = f"https://wa.me/{number.lstrip('+')}?text={quote(f'KODE {code}')}" if number else ""
    until = wording.render_date(proof.expires_at, office, row.language)
    half = len(code) // 2
    spaced = f"{code[:half]} {code[half:]}"
    return {"code": spaced, "number": wording.phone(number) if number else "", "link": link, "until": until}


def _number(office: Office) -> str:
    return next(iter(office.senders.whatsapp), "")


def check(runtime: Runtime, connection: Connection, thread: Thread, code: str, now: datetime) -> CodeChecked:
    """Whether *code* is right; if it is, its address and this chat are one person's from now on."""
    proof = _meant(runtime, connection, thread, code, now)
    if proof is None:
        return CodeChecked(CodeResult.DEAD if len(code) == _TOLD else CodeResult.WRONG)
    if not _is_code(runtime, proof, code):
        tries = proofs.count_try(connection, proof.id)
        return CodeChecked(CodeResult.DEAD if tries >= proofs.MOST_TRIES else CodeResult.WRONG)
    if not proofs.use(connection, proof.id, now):
        return CodeChecked(CodeResult.DEAD)
    _proved(connection, thread, proof, now)
    return CodeChecked(CodeResult.PROVED, proof.value)


def _meant(
    runtime: Runtime, connection: Connection, thread: Thread, code: str, now: datetime
) -> AnyRow | None:
    """The proof that the code is for: this contact's own, or the one that eight digits are right for."""
    if len(code) == _TOLD:
        return proofs.open_of(connection, thread.contact_id, now)
    waiting = proofs.open_at(connection, thread.office, now)
    right = [proof for proof in waiting if _is_code(runtime, proof, code)]
    return right[0] if right else None


def _proved(connection: Connection, thread: Thread, proof: AnyRow, now: datetime) -> None:
    """The address joins this contact; somebody it belonged to turns out to be the same person."""
    about = (thread.office, proof.kind, proof.value)
    known = proofs.address(connection, *about)
    if known is None:
        added = proofs.add_address(connection, *about, thread.contact_id, now)
        if added is None:
            raise stored_people.Moved
        address_id = added
    else:
        address_id = known.id
        if known.contact_id != thread.contact_id:
            people.join(connection, thread.office, thread.contact_id, known.contact_id, None, now)
    proofs.prove(connection, address_id, thread.contact_id, proof.value)
    detail = {"office": thread.office, "contact": thread.contact_id, "address": address_id}
    officers.record(connection, "address_proved", now, None, detail)


def connect(runtime: Runtime, officer_id: int, ticket_id: int) -> Unsent | None:
    """Mail a code to the citizen of this ticket, to be sent to the office's chat: so both become one."""
    return after_others(partial(_connect, runtime, officer_id, ticket_id), links.Moved)


def _connect(runtime: Runtime, officer_id: int, ticket_id: int) -> Unsent | None:
    now = runtime.clock()
    with runtime.database.write() as connection:
        row = links.lock(connection, (ticket_id,)).get(ticket_id)
        if row is None:
            return Unsent.NO_ADDRESS
        office = runtime.office(row.office)
        known = proofs.addresses_of(connection, row.contact_id)
        mails = [each for each in known if each.kind == _MAIL and each.dead_at is None]
        if any(each.kind == _CHAT for each in known):
            return Unsent.CONNECTED
        if not mails:
            return Unsent.NO_ADDRESS
        if not _number(office) or office.mode(_CHAT) is Mode.OFF:
            return Unsent.NO_CHAT
        language = stored_people.language_of(connection, row.contact_id)
        wanted = _Wanted(row.office, row.contact_id, mails[0].value, _WRITTEN, language)
        if not _send(runtime, connection, wanted, now):
            return Unsent.TOO_MANY
        tickets.log(connection, row.office, ticket_id, "code_mailed", now, officer_id)
        tickets.touch(connection, ticket_id, now)
    return None
