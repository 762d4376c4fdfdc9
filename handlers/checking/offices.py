"""Checks of the offices: open channels without an address, and rules that nobody has confirmed."""

from collections.abc import Iterable, Iterator

from bot.policy import Mode, Office, Status
from handlers import standards
from handlers.checking.findings import Finding, error, fine, warning
from handlers.settings import Settings

_OPEN = {Mode.CONSULT, Mode.COMPLAINT_ONLY}


def whatsapp(settings: Settings) -> Iterator[Finding]:
    """An account to send through, a number for each office that is open on WhatsApp, and templates."""
    opened = _open_on(settings, "whatsapp")
    if not opened:
        return
    if not (settings.channels.whatsapp.accounts or settings.channels.whatsapp.cloud):
        yield error(
            f"WhatsApp dibuka ({_names(opened)}) tetapi channels.whatsapp.accounts kosong.",
            f"WhatsApp is open ({_names(opened)}) but channels.whatsapp.accounts is empty.",
        )
    yield from _numbers(opened)
    if not settings.channels.whatsapp.templates:
        yield warning(
            "Belum ada templat WhatsApp: di luar jendela 24 jam jawaban ditahan sampai warga menulis lagi.",
            "No WhatsApp templates: outside the 24-hour window answers wait until the citizen writes again.",
        )


def _numbers(opened: Iterable[Office]) -> Iterator[Finding]:
    for office in opened:
        if office.senders.whatsapp:
            listed = ", ".join(office.senders.whatsapp)
            yield fine(f"{office.short_name}: WhatsApp {listed}", f"{office.short_name}: WhatsApp {listed}")
        else:
            yield warning(
                f"{office.short_name}: WhatsApp dibuka tetapi nomornya belum ada (senders.whatsapp).",
                f"{office.short_name}: WhatsApp is open but has no number yet (senders.whatsapp).",
            )


def not_served(settings: Settings) -> Iterator[Finding]:
    """Channels an office opened that nothing here serves yet."""
    chat = _open_on(settings, "webchat")
    if chat:
        yield warning(
            f"Webchat dibuka ({_names(chat)}) tetapi belum dilayani oleh Loket.",
            f"Web chat is open ({_names(chat)}) but Loket does not serve it yet.",
        )


def unconfirmed(settings: Settings) -> Iterator[Finding]:
    """What has the status ``assumed``: never promised to a citizen until the office confirms it."""
    for office in settings.offices.values():
        if rules := ", ".join(_assumed(office)):
            yield warning(
                f"{office.short_name}: belum dikonfirmasi: {rules}",
                f"{office.short_name}: not yet confirmed: {rules}",
            )
        for question in standards.open_questions(office):
            yield warning(
                f"{office.short_name}: belum dikonfirmasi: {question.text}",
                f"{office.short_name}: not yet confirmed: {question.en or question.text}",
            )


def _assumed(office: Office) -> Iterator[str]:
    """Rules by their keys, and lists of the standard with how many sentences they hold."""
    yield from standards.assumed_rules(office)
    if office.complaints.deadlines.status is Status.ASSUMED:
        yield "complaints.deadlines"
    for path, count in standards.assumed_lists(office):
        yield f"standard.{path} ({count})"


def _open_on(settings: Settings, channel: str) -> list[Office]:
    return [office for office in settings.offices.values() if office.mode(channel) in _OPEN]


def _names(offices: Iterable[Office]) -> str:
    return ", ".join(office.short_name for office in offices)


def unowned_numbers(settings: Settings) -> Iterator[Finding]:
    """With several Twilio accounts, or none, each number must say whose it is; else nothing can be sent
    from it. A number at Meta does.
    """
    accounts = settings.channels.whatsapp.accounts.values()
    at_meta = {account.number for account in settings.channels.whatsapp.cloud.values()}
    if len(accounts) == 1 or not (accounts or at_meta):
        return
    owned = {sender for account in accounts for sender in account.senders} | at_meta
    for office in _open_on(settings, "whatsapp"):
        for number in office.senders.whatsapp:
            if number not in owned:
                yield error(
                    f"{office.short_name}: nomor {number} tidak tercantum pada akun Twilio mana pun"
                    " (channels.whatsapp.accounts.<nama>.senders).",
                    f"{office.short_name}: no Twilio account names the number {number}"
                    " (channels.whatsapp.accounts.<name>.senders).",
                )
