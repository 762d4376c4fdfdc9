"""The window of a chat in officers' words: how long it is open, and what becomes of what it stops."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.prospects import Outlook, Prospect, Step
from handlers.routes import Choice
from handlers.runtime import Runtime
from handlers.web import moments, words
from handlers.web.current import office as current_office
from handlers.web.language import gettext, ngettext

SOON = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Countdown:
    """How long free text may leave still, in words. ``state``: open, soon or shut."""

    text: str
    state: str


def countdown(
    runtime: Runtime, channel: str, last_inbound_at: datetime | None, now: datetime
) -> Countdown | None:
    """What an inbox says of a conversation's window; None where there is none."""
    manners = runtime.channels[channel].manners
    if manners.window is None:
        return None
    shuts_at = manners.shuts_at(last_inbound_at)
    if shuts_at is None or shuts_at <= now:
        return Countdown(gettext("jendela tertutup"), "shut")
    left = moments.span(shuts_at - now, exact=False)
    return Countdown(gettext("jendela %(left)s lagi", left=left), "soon" if shuts_at - now < SOON else "open")


def shut_before(runtime: Runtime, now: datetime) -> dict[str, datetime]:
    """For every channel with a window: whose last word is not later than that, their window is shut."""
    manners = {name: channel.manners for name, channel in runtime.channels.items()}
    return {name: now - one.open_for for name, one in manners.items() if one.open_for is not None}


def button(ahead: Outlook) -> str:
    """What the main button says of an answer that the window stops."""
    if ahead.step is Step.MAIL:
        return gettext("Kirim lewat email")
    return gettext("Simpan, dikirim setelah warga membalas")


def line(ahead: Outlook, channel: str, now: datetime) -> str:
    """What becomes of such an answer, before it is sent."""
    shut = gettext("Jendela %(channel)s tertutup.", channel=words.by_channel(channel))
    return f"{shut} {_next(ahead, now)}"


def _next(ahead: Outlook, now: datetime) -> str:
    match ahead.step:
        case Step.CALL:
            called = gettext("Warga dipanggil dengan templat; jawaban dikirim setelah ia membalas.")
            return f"{called} {_otherwise(ahead, now)}"
        case Step.WAIT:
            return f"{_called(ahead, now)} {_otherwise(ahead, now)}"
        case Step.MAIL:
            return _by_mail(ahead.mail, called=ahead.called_at is not None)
        case Step.STUCK:
            kept = gettext("Jawaban disimpan sampai ia menulis: hubungi lewat telepon.")
            return f"{_unreached(called=ahead.called_at is not None)} {kept}"


def _unreached(*, called: bool) -> str:
    if called:
        return gettext("Warga tidak membalas panggilan dan tidak punya alamat email terbukti.")
    return gettext("Templat WhatsApp tidak dapat dikirim, dan warga tidak punya alamat email terbukti.")


def _called(ahead: Outlook, now: datetime) -> str:
    moment = moments.short(ahead.called_at or now, now, current_office())
    return gettext("Warga sudah dipanggil (%(moment)s); jawaban dikirim setelah ia membalas.", moment=moment)


def _otherwise(ahead: Outlook, now: datetime) -> str:
    if ahead.mail is None or ahead.until is None:
        return gettext("Ia tidak punya alamat email terbukti: bila tidak membalas, hubungi lewat telepon.")
    return gettext(
        "Bila belum membalas sampai %(moment)s, jawaban dikirim lewat email ke %(address)s.",
        moment=moments.coming(ahead.until, now, current_office()),
        address=ahead.mail.route.address,
    )


def _by_mail(mail: Choice | None, *, called: bool) -> str:
    address = mail.route.address if mail else ""
    if called:
        return gettext(
            "Warga tidak membalas panggilan: jawaban dikirim lewat email ke %(address)s.", address=address
        )
    return gettext(
        "Warga tidak dapat dipanggil di sana: jawaban dikirim lewat email ke %(address)s.", address=address
    )


@dataclass(frozen=True, slots=True)
class Notice:
    """What the ticket's page says of the answers that wait. ``stuck``: only an officer can do something."""

    text: str
    stuck: bool


def notices(prospects: Sequence[Prospect], address: str, now: datetime) -> list[Notice]:
    """What the ticket's page says of answers that are held, for each conversation where some are."""
    return [_notice(each, address, now) for each in prospects]


def _notice(prospect: Prospect, address: str, now: datetime) -> Notice:
    count = ngettext("%(num)s jawaban tertahan.", "%(num)s jawaban tertahan.", prospect.count)
    if prospect.silenced:
        why = gettext("Tidak dikirim: warga meminta BERHENTI atau diblokir.")
        return Notice(f"{count} {why}", stuck=False)
    if prospect.ahead.step is not Step.STUCK:
        return Notice(f"{count} {_next(prospect.ahead, now)}", stuck=False)
    return Notice(f"{count} {_why_stuck(prospect)} {_phone(address)}", stuck=True)


def _why_stuck(prospect: Prospect) -> str:
    if prospect.came_back:
        return gettext("Email untuk jawaban ini kembali.")
    return _unreached(called=prospect.ahead.called_at is not None)


def _phone(address: str) -> str:
    if not address.startswith("+"):
        return gettext("Jawaban dikirim sendiri begitu warga menulis.")
    return gettext(
        "Hubungi lewat telepon: %(phone)s. Jawaban dikirim sendiri begitu warga menulis.",
        phone=words.address(address),
    )
