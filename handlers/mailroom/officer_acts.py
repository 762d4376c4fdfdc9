"""What an officer's mail orders is carried out, in an order in which a second attempt changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from bot.conversation import Refusal
from channels.email.tokens import Purpose
from channels.mime import quotes
from channels.mime.mail import Attachment, Mail, Role
from handlers import officer
from handlers.mailroom import orders
from handlers.mailroom.hearing import kept_files
from handlers.mailroom.matching import answered, found_in
from handlers.mailroom.notice_facts import citizen_of, is_held
from handlers.mailroom.notices import Cause
from handlers.mailroom.orders import Order, Ordered
from handlers.mailroom.reading import Read
from handlers.media.sending import fitted
from handlers.officer import MOST_WORDS
from handlers.routes import Choice
from handlers.runtime import Runtime
from storage import complaints, notices, officers
from storage.inbox import View
from storage.officers import Account, Colleague
from storage.ticket_page import Shown

_DAY = timedelta(days=1)
_FILES_TRAVEL_BY = ("email", "whatsapp")
# A smaller picture within the text is a logo.
_PICTURE = 20_000


@dataclass(frozen=True, slots=True)
class Admitted:
    """An officer's mail about a ticket that they may see.

    ``way``: how an answer leaves now; ``inside``: the mail answers a note.
    """

    mail: Mail
    account: Account
    view: View
    ticket: Shown
    conversation_id: int
    way: Choice
    inside: bool


@dataclass(frozen=True, slots=True)
class Done:
    """What to tell the officer, and the rule by which the mail ended."""

    cause: Cause
    rule: str
    about: dict[str, Any]


@dataclass(slots=True)
class _Work:
    """A mail while it is carried out: its words, where they go, and what was done so far."""

    runtime: Runtime
    case: Admitted
    ordered: Ordered
    form_id: str
    inside: bool
    colleague: Colleague | None = None
    done: list[str] = field(default_factory=list)
    media: tuple[Mapping[str, str], ...] = ()


class _Refused(Exception):
    """Nothing (more) is done; *why* names the sentence."""

    def __init__(self, why: str, **about: Any) -> None:
        super().__init__(why)
        self.why = why
        self.about = about


def refusal(why: str, **about: Any) -> dict[str, Any]:
    """The values of the sentences that say why nothing was done."""
    nothing = {
        "reference": "",
        "link": "",
        "answer": "",
        "text": "",
        "line": "",
        "colleagues": [],
        "done": [],
    }
    return {**nothing, "why": why, **about}


def carry_out(runtime: Runtime, case: Admitted, read: Read) -> Done:
    """Do what the mail says, as far as it may be done."""
    text = _own_words(runtime, read)
    ordered = orders.read(text or "")
    inside = case.inside or bool(ordered.orders & {Order.NOTE, Order.ASSIGN})
    work = _Work(runtime, case, ordered, _form_id(case.mail), inside)
    held, newer = is_held(runtime, case.way), _newer_words(runtime, case)
    try:
        _look_first(work, text)
        _act(work)
    except _Refused as refused:
        return _refused(work, refused, text or "")
    return Done(Cause.CONFIRMED, _rule(work), _confirmation(work, held=held, newer=newer))


def _own_words(runtime: Runtime, read: Read) -> str | None:
    """What the officer wrote; empty for nothing, None when it can't be told apart from what we had sent."""
    if read.new and read.new.repeats:  # a notice's lines between theirs: some of them are for officers only
        return None
    text = officer.clean(read.new.text) if read.new else ""
    lines = [quotes.tidy(line) for line in text.split("\n")]
    if any(quotes.is_our_line(line) for line in lines):
        # With nothing above the quote, the whole mail is returned as if it were new.
        return None if read.new and read.new.cuts else ""
    ours = next(iter(runtime.tokens.find(text)), None) or f"{runtime.settings.public_url}/inbox/" in text
    return None if ours else text


def _form_id(mail: Mail) -> str:
    """The same for a mail that is handled again, or comes through another mailbox."""
    return str(uuid5(NAMESPACE_OID, f"loket officer {mail.envelope.message_id} {mail.fingerprint}"))


def _newer_words(runtime: Runtime, case: Admitted) -> list[int]:
    """The citizen's messages that the officer had not been told of in the mail they answer."""
    named = found_in(runtime.tokens, answered(case.mail.envelope))
    ids = [each.about for each in named if each.purpose is Purpose.NOTICE and each.by == case.account.id]
    with runtime.database.read() as connection:
        return notices.newer_words(connection, case.ticket.id, case.account.id, ids[:1])


def _look_first(work: _Work, text: str | None) -> None:
    """Refuse what can't be carried out, before anything is."""
    ordered, words = work.ordered, work.ordered.text
    if text is None:
        raise _Refused("quoted")
    if ordered.misread is not None:
        raise _Refused(ordered.misread.value, line=ordered.line)
    if work.case.inside and ordered.orders & {Order.CLOSE, Order.ASK}:
        raise _Refused("not_on_a_note")
    if not words and (not ordered.orders or ordered.orders & {Order.ASK, Order.NOTE}):
        raise _Refused("empty")
    if len(words) >= MOST_WORDS:
        raise _Refused("too_long")
    if Order.ASSIGN in ordered.orders:
        work.colleague = _colleague(work)
    if words and not work.inside and _said_before(work):
        raise _Refused("same")


def _said_before(work: _Work) -> bool:
    """Whether the same words went out a short while ago: a machine that hides answers every mail alike."""
    since = work.runtime.clock() - _DAY
    with work.runtime.database.read() as connection:
        return notices.said_before(
            *(connection, work.case.ticket.id, work.case.account.id),
            *(work.ordered.text, since, work.form_id),
        )


def _colleague(work: _Work) -> Colleague:
    """The one colleague whom the words behind the order mean."""
    with work.runtime.database.read() as connection:
        members = officers.colleagues(connection, work.case.view.office)
        accused = complaints.accused(connection, work.case.ticket.id)
    may = [
        each
        for each in members
        if each.id not in {work.case.account.id, *accused}
        and (each.role == "supervisor" or not work.case.ticket.complaint)
    ]
    named = matching(work.ordered.colleague, may)
    if len(named) != 1:
        raise _Refused("no_colleague", line=work.ordered.colleague[:80], colleagues=[one.name for one in may])
    return named[0]


def matching(wanted: str, members: list[Colleague]) -> list[Colleague]:
    """Who is meant by *wanted*: the whole name, else the beginnings of its words, in any order."""
    words = wanted.casefold().split()
    exact = [each for each in members if each.name.casefold().split() == words]
    return exact or [each for each in members if _begins(words, each.name.casefold().split())]


def _begins(wanted: list[str], name: list[str]) -> bool:
    return bool(wanted) and all(any(part.startswith(word) for part in name) for word in wanted)


def _act(work: _Work) -> None:
    ordered, case = work.ordered, work.case
    if Order.TAKE in ordered.orders:
        _take(work)
    if ordered.text and not work.inside:
        _reply(work)
    if work.colleague is not None:
        _hand_over(work, work.colleague)
    if ordered.text and work.inside:
        officer.note(work.runtime, case.account.id, case.ticket.id, ordered.text, work.form_id)
    if Order.CLOSE in ordered.orders:
        refused = officer.close(work.runtime, case.account.id, case.ticket.id)
        work.done.append("closed" if refused is None else "closed_before")


def _take(work: _Work) -> None:
    """Take the ticket, unless it is theirs: a mail handled anew may find what it has closed."""
    ticket, mine = work.case.ticket, work.case.account.id
    if ticket.claimed_by != mine and officer.claim(work.runtime, mine, ticket.id) is not None:
        raise _Refused("taken" if ticket.open else Refusal.CLOSED.value)
    work.done.append("taken")


def _reply(work: _Work) -> None:
    asks_back = Order.ASK in work.ordered.orders
    kept = kept_files(work.runtime, replace(work.case.mail, attachments=_travelling(work)))
    # Nobody can be asked: what WhatsApp does not carry goes as a link.
    work.media = fitted(work.case.way.route.channel, kept)
    refused = officer.reply(
        *(work.runtime, work.case.account.id, work.case.ticket.id, work.ordered.text, work.form_id),
        asks_back=asks_back,
        seen=10**9,
        media=work.media,
        route=work.case.way.key,
    )
    if isinstance(refused, Refusal):
        raise _Refused(refused.value)
    if asks_back:
        work.done.append("asked")


def _hand_over(work: _Work, colleague: Colleague) -> None:
    """To the colleague, unless they have it already: this mail may be handled anew."""
    case = work.case
    if case.ticket.claimed_by != colleague.id:
        refused = officer.transfer(work.runtime, case.account.id, case.ticket.id, colleague.id)
        if refused is not None:
            raise _Refused(refused.value)
    work.done.append("assigned")


def _travelling(work: _Work) -> tuple[Attachment, ...]:
    """The files that go to the citizen."""
    if work.inside or not work.ordered.text or work.case.way.route.channel not in _FILES_TRAVEL_BY:
        return ()
    return tuple(file for file in work.case.mail.attachments if file.role is Role.ATTACHED)


def _left_out(work: _Work) -> tuple[list[str], str]:
    """The names of what did not go along, and why: not allowed here, or within the text."""
    files = work.case.mail.attachments
    attached = [file.name for file in files if file.role is Role.ATTACHED and not _travelling(work)]
    if attached:
        return attached, "inside" if work.inside or not work.ordered.text else "channel"
    return [
        file.name for file in files if file.role is Role.INLINE and len(file.content) > _PICTURE
    ], "inline"


def _about_ticket(work: _Work) -> dict[str, Any]:
    case = work.case
    return {
        "reference": case.ticket.reference,
        "link": f"{work.runtime.settings.public_url}/inbox/{case.view.office}/tickets/{case.ticket.id}",
        "answer": "inside" if case.inside else "outside",
        "done": work.done,
    }


def _refused(work: _Work, refused: _Refused, text: str) -> Done:
    about = refusal(refused.why, **{**_about_ticket(work), "text": text, **refused.about})
    return Done(Cause.REFUSED, refused.why, about)


def _rule(work: _Work) -> str:
    if work.ordered.text:
        return "note" if work.inside else "answer"
    return "orders"


def _confirmation(work: _Work, *, held: bool, newer: list[int]) -> dict[str, Any]:
    left_out, why = _left_out(work)
    said = work.ordered.text
    return {
        **_about_ticket(work),
        # Whoever answers the mail that shows their note adds to it; the citizen must not get that.
        "answer": "inside" if work.inside else "outside",
        "citizen": citizen_of(work.case.ticket),
        "channel": work.case.way.route.channel,
        "held": held,
        "text": "" if work.inside else said,
        "note": said if work.inside else "",
        "colleague": work.colleague.name if work.colleague else "",
        "files": [file["name"] for file in work.media],
        "left_out": left_out,
        "why_left_out": why,
        "newer": newer if said and not work.inside else [],
    }
