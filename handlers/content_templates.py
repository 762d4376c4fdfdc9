"""Which WhatsApp template may be sent now: what the configuration words, and an account has approved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from channels.contract import Template
from handlers.runtime import Runtime
from handlers.settings.templates import Wording
from storage import content_templates
from storage.columns import AnyRow
from storage.content_templates import APPROVED

ANSWER_READY = "jawaban_siap"
"""The key of the template that calls a citizen whose answer waits for their word."""


@dataclass(frozen=True, slots=True)
class Sendable:
    """A template that may leave now, in one of its languages."""

    content_id: str
    key: str
    language: str
    wording: Wording

    def filled(self, about: Mapping[str, str]) -> Template:
        """The template with the values that it mentions, by their names in *about*."""
        values = tuple(about[name] for name in self.wording.variables)
        return Template(self.content_id, self.key, self.language, values)

    def text(self, filled: Template) -> str:
        """How the citizen reads it."""
        return self.wording.filled(filled.values)


def sendable(
    runtime: Runtime, connection: Connection, sender: str, key: str, languages: Sequence[str]
) -> Sendable | None:
    """The template *key* that may leave from our number *sender* now; None when there is none.

    *languages*: the citizen's first, then the office's; the first that is ready counts. A wording that was
    changed since it was approved is not ready.
    """
    template = runtime.settings.channels.whatsapp.templates.get(key)
    account = runtime.keys.account_of(sender)
    if template is None or account is None:
        return None
    known = {row.language: row for row in content_templates.of_account(connection, account, key)}
    for language in dict.fromkeys(languages):
        wording = template.content.get(language)
        if wording and account in runtime.keys.cloud:
            wording = wording.model_copy(update={"content_sid": None})  # which would be Twilio's
        content_id = _approved(wording, known.get(language)) if wording else None
        if wording and content_id:
            return Sendable(content_id, key, language, wording)
    return None


def _approved(wording: Wording, known: AnyRow | None) -> str | None:
    fixed = wording.content_sid
    if known is None or (fixed and known.content_id != fixed):
        # Made by hand: whoever wrote its id down answers for it, until the provider says otherwise.
        return fixed
    fits = known.approval == APPROVED and (fixed or known.wording == wording.mark)
    return str(known.content_id) if fits else None
