"""The same promises where people write letters, and the manners of mail besides."""

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from bot import letters
from bot.conversation import Conversation, State
from bot.events import Content, Event, MessageReceived
from bot.policy import Desk, Mode
from bot.texts import Text
from bot.understanding import Intent
from tests.bot import phrases
from tests.bot.desk import CONSULTING, DESKS, by_mail
from tests.bot.test_invariants import OWN_DATA, TO_OFFICERS, Histories

# All that a letter may ever say: no menu, and no question with numbers but the rating.
IN_LETTERS = {
    *(Text.SALAM, Text.TICKET_OPENED, Text.ASK_MISSING, Text.REQUEST_COMPLETED, Text.COMPLAINT_RECEIPT),
    *(Text.COMPLAINT_OFFER, Text.COMPLAINT_ASK, Text.COMPLAINT_CLOSED, Text.CANCELLED, Text.REOPENED),
    *(Text.CLOSED_BY_OFFICER, Text.CLOSED_BY_SILENCE, Text.IDLE_WARNING, Text.MARKED_CLEAR, Text.ASK_RATING),
    *(Text.REMIND_RATING, Text.PUBLIC_INFORMATION),
    *(Text.OPTED_OUT, Text.OPTED_OUT_REMINDER, Text.WELCOME_BACK, Text.FORWARDED),
    *(Text.CHANNEL_OFF, Text.CHANNEL_LINK_ONLY, Text.CHANNEL_COMPLAINT_ONLY),
    *(text for text in Text if text.startswith("redirect_")),
    *OWN_DATA,
}
ONCE_A_TICKET = (Text.TICKET_OPENED, Text.ASK_MISSING, Text.REQUEST_COMPLETED)
FILLED = {
    "name": "Nama: Siti Aminah",
    "institution_category": "Instansi/asal: kampus",
    "main_use": "Keperluan: skripsi",
    "what": "Data: ipm",
    "area": "Wilayah: Kotabaru",
    "years": "Tahun: 2020",
    "use": "Keperluan: skripsi",
}


class HistoriesByMail(Histories):
    """One thread of letters, the officers of one office, and time."""

    to_officers = frozenset({*TO_OFFICERS, Text.COMPLAINT_RECEIPT, Text.REQUEST_COMPLETED})

    def __init__(self) -> None:
        super().__init__()
        self.said_once: list[Text] = []

    @initialize(desk=st.sampled_from([*CONSULTING, *CONSULTING, *CONSULTING, *DESKS]))
    def an_office(self, desk: Desk) -> None:
        self.shell.desk = by_mail(desk)

    @precondition(lambda self: self.marks % 4 == 3)
    @rule(desk=st.sampled_from(DESKS))
    def the_office_is_configured_anew(self, desk: Desk) -> None:
        self.shell.desk = by_mail(desk)

    @precondition(lambda self: self.shell.value.ticket and self.shell.value.asking)
    @rule(parts=st.integers(1, 6))
    def fills_in_what_was_asked(self, parts: int) -> None:
        asked = self.shell.value.asking.split()
        self.hears("\n".join(FILLED[part] for part in asked[:parts]))

    @rule(text=st.sampled_from(phrases.REQUESTS), subject=st.sampled_from(["", "Data IPM", "STOP"]))
    def a_letter_must_not_be_answered(self, text: str, subject: str) -> None:
        said = self.marked(text, complaint=False)
        self.take(MessageReceived(said, Content.TEXT, subject=subject, answerable=False))
        assert self.shell.said == []

    def take(self, event: Event) -> None:
        before = self.shell.value
        super().take(event)
        said = self.shell.said
        assert set(said) <= IN_LETTERS
        self.said_once += [text for text in said if text in ONCE_A_TICKET]
        assert all(self.said_once.count(text) <= len(self.consultations()) for text in ONCE_A_TICKET)
        if isinstance(event, MessageReceived):
            self.the_first_letter_opens_a_ticket_or_is_told_the_way(before, event)

    def the_first_letter_opens_a_ticket_or_is_told_the_way(
        self, before: Conversation, event: MessageReceived
    ) -> None:
        if before.state is not State.NEW or before.blocked or self.shell.desk.mode is not Mode.CONSULT:
            return
        typed = event.choice or event.text
        wanted = letters.exact(MessageReceived(typed, subject=event.subject))
        if self.shell.value.turned_away:
            assert not self.shell.opened
            assert Text.REDIRECT_INSIST in self.shell.said
        elif OWN_DATA & set(self.shell.said):
            assert not self.shell.opened
        elif wanted is not Intent.OPT_OUT and not (before.opted_out and wanted is Intent.OPT_IN):
            assert len(self.shell.opened) == 1


TestHistoriesByMail = HistoriesByMail.TestCase
