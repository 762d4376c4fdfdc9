"""Codes that prove an e-mail address: one is mailed there, and typed back in the chat.

Nothing waits for a code: who leaves it out goes on as before. Six digits prove an address told in this
conversation; eight, always with the word before them, one that a letter came from.
"""

import re
from datetime import datetime, timedelta

from bot import words
from bot.conversation import Conversation, Outcome, Profile, State
from bot.effects import CheckCode, Decision, MailCode, Say
from bot.events import CodeChecked, CodeMailed, CodeResult, Content, MessageReceived
from bot.policy import Desk
from bot.texts import Text
from bot.understanding import words_of

LASTS = timedelta(hours=24)
MOST_WRONG = 5
_DIGITS = re.compile(
    r"(?P<named>(?:kode|code)\W{0,3})?(?P<digits>\d{3}[ .-]?\d{3}|\d{4}[ .-]?\d{4})", re.IGNORECASE
)
_ASKS_ON = {State.REGISTERING, State.DESCRIBING, State.SUGGESTING, State.CONFIRMING}
_TOLD = 6
_WRITTEN = 8
_ENDS = " .,!*_\n\t"


def asked(before: Profile, after: Profile, desk: Desk) -> tuple[MailCode, ...]:
    """A code for an address just told, where the office has a mailbox to send it from."""
    told = after.email if after.email != before.email else ""
    return (MailCode(told),) if told and desk.manners.interactive and desk.office.senders.email else ()


def mailed(conversation: Conversation, event: CodeMailed, now: datetime) -> Decision:
    """The code is on its way, or could not be sent: then nothing is said of it."""
    if not event.sent:
        return Decision(conversation)
    said = Say(Text.CODE_MAILED, {"email": event.email})
    return Decision(conversation.but(proving_until=now + LASTS), (said,))


def typed(conversation: Conversation, event: MessageReceived, now: datetime) -> str | None:
    """The code that is all of the message; None where its digits mean what they mean otherwise."""
    found = _DIGITS.fullmatch(event.text[:64].strip(_ENDS)) if event.content is Content.TEXT else None
    if found is None:
        return None
    digits = re.sub(r"\D", "", found["digits"])
    waits = conversation.proving_until is not None and now < conversation.proving_until
    expected = waits if len(digits) == _TOLD else bool(found["named"])
    return digits if expected else None


def left_out(conversation: Conversation, event: MessageReceived, now: datetime) -> bool:
    """Whether they leave the code out in the word it was offered in, where a form asks on."""
    waits = conversation.proving_until is not None and now < conversation.proving_until
    said = " ".join(word for word in words_of(event.text) if word not in words.ADDRESS)
    return waits and conversation.state in _ASKS_ON and said in words.LEFT_OUT


def leave(conversation: Conversation, pending: tuple[Say, ...]) -> Decision:
    """Wait for no code any more, and go on with the question that is open."""
    return Decision(conversation.but(proving_until=None), pending, Outcome.ANSWERED)


def check(conversation: Conversation, code: str, pending: tuple[Say, ...], now: datetime) -> Decision:
    """Ask whether the code is right, unless too many were wrong within a day."""
    current = conversation.current
    about = current.id if current else None
    if _wrong(conversation, now) >= MOST_WRONG:
        said = (Say(Text.CODE_DEAD), *pending)
        return Decision(conversation.but(proving_until=None), said, Outcome.PROFILE, about)
    return Decision(conversation, (CheckCode(code),), Outcome.PROFILE, about)


def checked(
    conversation: Conversation, event: CodeChecked, pending: tuple[Say, ...], now: datetime
) -> Decision:
    """Say how it ended and go on with the question that is open.

    Wrong digits may have been meant for the officer: then they belong to the ticket like any words.
    """
    if event.result is CodeResult.PROVED:
        proved = conversation.but(proving_until=None, codes_wrong=0, codes_since=None)
        return Decision(proved, (Say(Text.CODE_PROVED, {"email": event.email}), *pending))
    dead = event.result is CodeResult.DEAD
    wrong = _wrong(conversation, now)
    counted = conversation.but(
        proving_until=None if dead else conversation.proving_until,
        codes_wrong=wrong + 1,
        codes_since=conversation.codes_since if wrong else now,
    )
    said = (Say(Text.CODE_DEAD if dead else Text.CODE_WRONG), *pending)
    current = conversation.current
    if current is None:
        return Decision(counted, said)
    return Decision(counted, said, Outcome.TICKET, current.id)


def _wrong(conversation: Conversation, now: datetime) -> int:
    since = conversation.codes_since
    return conversation.codes_wrong if since is not None and now - since < LASTS else 0
