"""Whatever a citizen does while a ticket waits for them: afterwards it is the officers', or its silence ends.

Each path begins where an officer has answered and the citizen has not. None may leave a ticket that nobody
owes an answer and nothing closes.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.conversation import CloseReason, State
from bot.effects import CloseTicket
from bot.events import Content, MessageReceived, OfficeMessageSent, OfficerClosed, OfficerReplied, TimerKind
from bot.policy import AutoClose, Desk, Mode
from tests.bot.desk import ABOUT, ASK, CALENDAR, MAIL, WHATSAPP, Shell, office

RULE = AutoClose(mode="calendar_days", days=7, by="system")
IDLE = {TimerKind.IDLE_WARN, TimerKind.IDLE_CLOSE}
WAITED, OFFICERS, RESTS = "waited for, to an end", "with the officers", "rests"
Step = str | Callable[[Shell], object]


def falls_silent(shell: Shell) -> None:
    """In the middle of what they have begun, until its time is over."""
    while TimerKind.ABANDON in shell.timers:
        shell.now = shell.timers[TimerKind.ABANDON]
        shell.fires(TimerKind.ABANDON)


def complaint_is_closed(shell: Shell) -> None:
    assert not shell.take(OfficerClosed(2)).refusal


def officer_answers(shell: Shell) -> None:
    shell.take(OfficerReplied(1))
    shell.take(OfficeMessageSent(1))


def complaint_is_answered(shell: Shell) -> None:
    assert not shell.take(OfficerReplied(2)).refusal
    shell.take(OfficeMessageSent(2))


def voice(shell: Shell) -> None:
    shell.hears("", Content.VOICE)


def sticker(shell: Shell) -> None:
    shell.hears("", Content.STICKER)


def old_button(shell: Shell) -> None:
    shell.take(MessageReceived("Ya", choice="summary.1", current=False))


def letter_without_words(shell: Shell) -> None:
    shell.mails("", content=Content.EMPTY)


def complains_in_a_letter(shell: Shell) -> None:
    shell.mails(f"Pengaduan. {ABOUT}")


def on_chat() -> Shell:
    shell = Shell(Desk(office(autoclose=RULE, languages=("id", "en")), WHATSAPP, CALENDAR))
    for said in (ASK, "1"):
        shell.hears(said)
    officer_answers(shell)
    return shell


def by_mail() -> Shell:
    shell = Shell(Desk(office(autoclose=RULE, modes={"email": Mode.CONSULT}), MAIL, CALENDAR))
    shell.mails(ASK)
    officer_answers(shell)
    return shell


def goes(shell: Shell, *steps: Step) -> None:
    """Hours lie between two steps."""
    chats = shell.desk.manners.interactive
    for step in steps:
        shell.waits(hours=5)
        if callable(step):
            step(shell)
        elif chats:
            shell.hears(step)
        else:
            shell.mails(step)


def stands(shell: Shell) -> str:
    """How it stands about the ticket. A silence that is counted is played to its end."""
    ticket = shell.tickets[1].ticket
    idle = shell.timers.keys() & IDLE
    if not ticket.waiting_for_citizen:
        assert not idle
        return OFFICERS
    assert ticket.silent_since
    assert shell.closable == []
    if not idle:
        return RESTS
    assert shell.timers[TimerKind.IDLE_CLOSE] >= shell.now + timedelta(days=6)
    shell.now = shell.timers[TimerKind.IDLE_CLOSE]
    assert CloseTicket(1, CloseReason.SILENCE) in shell.fires(TimerKind.IDLE_CLOSE).effects
    return WAITED


CHAT: tuple[tuple[str, tuple[Step, ...]], ...] = (
    (WAITED, ()),
    (WAITED, ("data saya",)),
    (WAITED, ("hapus data saya",)),
    (WAITED, ("hapus data saya", "tidak jadi")),
    (OFFICERS, (old_button,)),
    # A complaint that is given up.
    (WAITED, ("pengaduan", "batal")),
    (WAITED, ("pengaduan", "tidak")),
    (WAITED, ("pengaduan", "menu")),
    (WAITED, ("pengaduan", "petugas")),
    (WAITED, ("pengaduan", falls_silent)),
    (WAITED, ("pengaduan", "pengaduan", "batal")),
    (WAITED, ("pengaduan", "status", "batal")),
    (WAITED, ("pengaduan", "status", falls_silent)),
    (WAITED, ("pengaduan", "english", "cancel")),
    (WAITED, ("pengaduan", "info layanan", "batal")),
    (WAITED, ("pengaduan", "data saya", "batal")),
    (WAITED, ("pengaduan", old_button, falls_silent)),
    (WAITED, ("pengaduan", voice, "batal")),
    (WAITED, ("pengaduan", "batal", "pengaduan", falls_silent)),
    # One that is told, or may yet be.
    (RESTS, ("pengaduan",)),
    (RESTS, ("pengaduan", "status")),
    (RESTS, ("pengaduan", officer_answers)),
    (WAITED, ("pengaduan", officer_answers, "batal")),
    (WAITED, ("pengaduan", officer_answers, falls_silent)),
    (RESTS, ("pengaduan", voice, falls_silent)),
    (RESTS, ("pengaduan", ABOUT)),
    (RESTS, ("pengaduan", ABOUT, "data saya")),
    (WAITED, ("pengaduan", ABOUT, complaint_is_closed)),
    (WAITED, ("pengaduan", ABOUT, "data saya", complaint_is_closed)),
    (WAITED, ("pengaduan", voice, falls_silent, complaint_is_closed)),
    (WAITED, ("pengaduan", ABOUT, officer_answers)),
    (WAITED, ("pengaduan", ABOUT, officer_answers, complaint_is_answered)),
    (RESTS, ("pengaduan", ABOUT, complaint_is_answered)),
    (WAITED, ("pengaduan", ABOUT, complaint_is_answered, complaint_is_closed)),
    # What is said to an officer is theirs to answer, also a word that is a command elsewhere.
    (OFFICERS, ("status",)),
    (OFFICERS, ("menu",)),
    (OFFICERS, ("0",)),
    (OFFICERS, ("batal",)),
    (OFFICERS, ("petugas",)),
    (OFFICERS, ("info layanan",)),
    (OFFICERS, ("english",)),
    (OFFICERS, ("bahasa indonesia",)),
    (OFFICERS, ("ubah data",)),
    (OFFICERS, ("cari jumlah penduduk",)),
    (OFFICERS, ("5",)),
    (OFFICERS, ("terima kasih",)),
    (OFFICERS, (voice,)),
    (OFFICERS, (sticker,)),
    (OFFICERS, ("petugasnya tidak sopan, saya kecewa",)),
    (OFFICERS, ("pengaduan", ABOUT, "halo")),
    (OFFICERS, ("pengaduan", "batal", "halo")),
    (OFFICERS, ("STOP",)),
    (OFFICERS, ("STOP", "MULAI")),
    (OFFICERS, ("STOP", "halo", "MULAI")),
    (OFFICERS, ("pengaduan", "STOP")),
    (OFFICERS, ("pengaduan", "STOP", falls_silent, "MULAI")),
)  # fmt: skip
LETTERS: tuple[tuple[str, tuple[Step, ...]], ...] = (
    (WAITED, ()),
    (WAITED, ("data saya",)),
    (WAITED, ("pengaduan", "batal")),
    (WAITED, ("pengaduan", falls_silent)),
    (WAITED, ("pengaduan", letter_without_words, falls_silent)),
    (RESTS, ("pengaduan",)),
    (RESTS, ("pengaduan", ABOUT)),
    (RESTS, (complains_in_a_letter,)),
    (WAITED, ("pengaduan", ABOUT, complaint_is_closed)),
    (WAITED, (complains_in_a_letter, complaint_is_closed)),
    (OFFICERS, ("status",)),
    (OFFICERS, ("terima kasih",)),
    (OFFICERS, (letter_without_words,)),
    (OFFICERS, ("STOP",)),
    (OFFICERS, ("STOP", "MULAI")),
)


def _name(path: object) -> str:
    steps = path if isinstance(path, tuple) else (path,)
    return ", ".join(step if isinstance(step, str) else step.__name__ for step in steps)


@pytest.mark.parametrize(("expected", "path"), CHAT, ids=_name)
def test_on_chat(expected: str, path: tuple[Step, ...]) -> None:
    shell = on_chat()
    goes(shell, *path)
    assert stands(shell) == expected


@pytest.mark.parametrize(("expected", "path"), LETTERS, ids=_name)
def test_by_mail(expected: str, path: tuple[Step, ...]) -> None:
    shell = by_mail()
    goes(shell, *path)
    assert stands(shell) == expected


def test_words_that_never_left_are_not_waited_for_after_a_complaint_either() -> None:
    shell = on_chat()
    shell.take(OfficerReplied(1))
    goes(shell, "pengaduan", "batal")
    assert (shell.timers.keys() & IDLE, shell.tickets[1].ticket.silent_since) == (set(), None)
    shell.take(OfficeMessageSent(1))
    assert stands(shell) == WAITED


def test_an_office_without_the_rule_counts_nothing_anew() -> None:
    shell = on_chat()
    shell.desk = Desk(office(autoclose=AutoClose()), WHATSAPP, CALENDAR)
    goes(shell, "pengaduan", "batal")
    assert (shell.timers.keys() & IDLE, shell.tickets[1].ticket.silent_since) == (set(), None)
    assert shell.value.state is State.WITH_OFFICERS
