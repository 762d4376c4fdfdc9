"""The mails in ``mails/`` and what ``expected.yaml`` says of each, beside what the reader says."""

from pathlib import Path
from typing import Any

import yaml

from channels.mime.bounces import bounce
from channels.mime.kinds import Kind, Ours, Verdict, verdict
from channels.mime.mail import Mail, Unread
from channels.mime.newtext import new_text
from channels.mime.reading import read

HERE = Path(__file__).parent
OURS = Ours(marks={"loket.bps.example"}, addresses={"bps6302@bps.example"})

EXPECTED: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "expected.yaml").read_text(encoding="utf-8"))
NAMES = sorted(path.stem for path in (HERE / "mails").glob("*.eml"))


def raw(name: str) -> bytes:
    """The bytes of one mail."""
    return (HERE / "mails" / f"{name}.eml").read_bytes()


def seen(name: str) -> dict[str, Any]:
    """What the reader says of one mail, in the words of ``expected.yaml``."""
    found = read(raw(name))
    author = found.envelope.author
    said = {
        "sender": author.address if author else None,
        "subject": found.envelope.subject,
        "message_id": found.envelope.message_id,
    }
    return said | ({"unread": found.why.value} if isinstance(found, Unread) else _said(found))


def _said(mail: Mail) -> dict[str, Any]:
    judged = verdict(mail, OURS)
    return {
        "new": new_text(mail.text, mail.envelope.subject).text,
        "attachments": [f"{each.name} {each.content_type} {each.role}" for each in mail.attachments],
        "invitations": [
            f"{each.method}|{each.summary}|{each.starts}|{each.location}|{each.organizer}"
            for each in mail.invitations
        ],
        "attached": [each.message_id for each in mail.attached],
        "encrypted": mail.encrypted,
        "kind": judged.kind.value,
        "answerable": judged.answerable,
    } | _bounced(mail, judged)


def _bounced(mail: Mail, judged: Verdict) -> dict[str, Any]:
    if judged.kind is not Kind.BOUNCE:
        return {}
    found = bounce(mail)
    first = found.failures[0]
    words = (first.address, first.outcome.value, "gone" if first.address_gone else "", *found.message_ids[:1])
    return {"bounce": " ".join(word or "-" for word in (*words, *[""] * (4 - len(words))))}
