"""Whatever citizens, officers and clocks do, in any order, these promises hold."""

from dataclasses import dataclass, replace

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot import before_ticket, timers
from bot.calendar import WorkingCalendar
from bot.conversation import Conversation, Outcome, State, TicketKind
from bot.effects import Decision, RelayReply, SettleSearch
from bot.events import (
    CalendarChanged,
    Content,
    Event,
    Found,
    MessageReceived,
    OfficeMessageSent,
    OfficerClosed,
    OfficerForwarded,
    OfficerMarkedClear,
    OfficerReopened,
    OfficerReplied,
    TimerDue,
    TimerKind,
)
from bot.machine import decide
from bot.policy import Desk, Mode
from bot.texts import Text
from bot.understanding import Intent, command
from tests.bot import phrases, promises
from tests.bot.decreed_days import decreed
from tests.bot.desk import CALENDAR, CONSULTING, DESKS, SEARCHING, Filed, Shell

WAITING = {
    *(State.CHOOSING, State.REGISTERING, State.DESCRIBING, State.CONFIRMING),
    *(State.RATING, State.COMPLAINING, State.CORRECTING, State.SUGGESTING),
}
PUBLISHED = (Found("Kabupaten Kotabaru Dalam Angka 2025", "publication", "https://contoh.id/a"),)
DECREED = decreed()
CODES = {Text.CODE_PROVED, Text.CODE_WRONG, Text.CODE_DEAD}
TAPS = "menu.0 menu.1 menu.3 insist.1 main_use.1 found.1 found.2 summary.1 summary.2 complaint.1 rating.4 9"
OWN_DATA = {Text.DATA_COPY, Text.ERASURE_ASK, Text.ERASURE_NOTED, Text.ERASURE_WITHDRAWN}
TO_OFFICERS = {Text.COMPLAINT_OFFER, Text.COMPLAINT_ASK, Text.OPTED_OUT} | CODES | OWN_DATA
ANSWERS = {
    State.CHOOSING: ("1", "data ipm 2023"),
    State.DESCRIBING: ("ipm kotabaru 2023 untuk skripsi", "1. ipm\n2. 2020", "lewati"),
    State.SUGGESTING: ("2", "1", "belum", "sudah ketemu, terima kasih"),
    State.CONFIRMING: ("1", "ya", "2"),
    State.COMPLAINING: ("1", "2", "petugas terlambat"),
    State.RATING: ("4", "1", "lewati"),
}
REGISTRATION = {
    "name": ("Siti Aminah",),
    "institution_category": ("6", "mahasiswa"),
    "main_use": ("1", "untuk skripsi"),
    "email": ("siti@contoh.id",),
}


@dataclass
class Told:
    """Words that must not get lost, and whether they were a complaint."""

    mark: str
    complaint: bool


class Histories(RuleBasedStateMachine):
    """One citizen, the officers of one office, and time."""

    to_officers = frozenset(TO_OFFICERS)

    def __init__(self) -> None:
        super().__init__()
        self.shell = Shell()
        self.told: list[Told] = []
        self.reminded: list[float] = []
        self.marks = 0

    @initialize(
        desk=st.sampled_from([*CONSULTING, *CONSULTING, *CONSULTING, SEARCHING, *DESKS]),
        published=st.sampled_from([PUBLISHED, PUBLISHED, (), None]),
    )
    def an_office(self, desk: Desk, published: tuple[Found, ...] | None) -> None:
        self.shell.desk, self.shell.published = desk, published

    # --- what can happen ---

    @rule(text=st.sampled_from(phrases.SHORT))
    def says_something_short(self, text: str) -> None:
        self.hears(text)

    @rule(
        text=st.sampled_from(phrases.REQUESTS),
        content=st.sampled_from([Content.TEXT, Content.TEXT, Content.IMAGE]),
    )
    def asks_for_data(self, text: str, content: Content) -> None:
        self.hears(self.marked(text, complaint=False), content)

    @rule(text=st.sampled_from(phrases.COMPLAINTS))
    def complains(self, text: str) -> None:
        self.hears(self.marked(text, complaint=True))

    @precondition(lambda self: self.shell.value.state is State.COMPLAINING and not self.shell.value.opted_out)
    @rule(text=st.sampled_from(phrases.COMPLAINT_TEXTS))
    def tells_the_complaint(self, text: str) -> None:
        self.hears(self.marked(text, complaint=True))

    @precondition(lambda self: self.shell.value.state in WAITING and not self.shell.value.opted_out)
    @rule(pick=st.integers(0, 11))
    def answers_what_is_asked(self, pick: int) -> None:
        value = self.shell.value
        asked = value.correcting if value.state is State.CORRECTING else value.asking
        texts = ANSWERS.get(value.state) or (*REGISTRATION[asked], "tetap")
        self.hears(texts[pick % len(texts)])

    @precondition(lambda self: self.shell.value.opted_out)
    @rule()
    def comes_back(self) -> None:
        self.hears("mulai")

    @precondition(lambda self: self.shell.value.state is State.RATING)
    @rule(text=st.sampled_from(phrases.REMARKS))
    def remarks(self, text: str) -> None:
        self.hears(text)

    @rule(text=st.text(max_size=80), content=st.sampled_from(list(Content)))
    def sends_anything(self, text: str, content: Content) -> None:
        self.hears(text, content)

    @rule(content=st.sampled_from(list(Content)))
    def sends_no_words(self, content: Content) -> None:
        self.hears("", content)

    @rule(choice=st.sampled_from([*TAPS.split(), "complaint.2", ""]), current=st.booleans())
    def taps(self, choice: str, *, current: bool) -> None:
        self.take(MessageReceived("Pilih", Content.TEXT, choice, current=current))

    @precondition(lambda self: self.shell.value.state is not State.WITH_OFFICERS)
    @rule(text=st.sampled_from(["p", "1", "2", "tidak", "batal", "data 2023"]), times=st.integers(2, 8))
    def keeps_writing(self, text: str, times: int) -> None:
        for _ in range(times):
            self.hears(text)

    @rule(pick=st.integers(0, 9), asks_back=st.booleans())
    def an_officer_replies(self, pick: int, *, asks_back: bool) -> None:
        self.take(OfficerReplied(self.a_ticket(pick), asks_back))

    @rule(pick=st.integers(0, 9))
    def an_officer_closes(self, pick: int) -> None:
        self.take(OfficerClosed(self.a_ticket(pick)))

    @rule(pick=st.integers(0, 9))
    def an_officer_closes_for_silence(self, pick: int) -> None:
        self.take(OfficerClosed(self.a_ticket(pick), for_silence=True))

    @rule(pick=st.integers(0, 9))
    def an_officer_forwards(self, pick: int) -> None:
        self.take(OfficerForwarded(self.a_ticket(pick), "7411", {"id": "BPS Kabupaten Kolaka Timur"}))

    @rule(calendar=st.sampled_from([CALENDAR, DECREED]))
    def the_calendar_changes(self, calendar: WorkingCalendar) -> None:
        self.shell.desk = replace(self.shell.desk, calendar=calendar)
        self.take(CalendarChanged(dict(self.shell.timers)))

    @rule(pick=st.integers(0, 9))
    def an_officer_marks_clear(self, pick: int) -> None:
        self.take(OfficerMarkedClear(self.a_ticket(pick)))

    @precondition(lambda self: self.shell.tickets)
    @rule(pick=st.integers(0, 5))
    def an_officer_reopens(self, pick: int) -> None:
        kept = self.any_ticket(pick)
        if not kept.open:  # the page offers it for closed tickets only
            clock = kept.ticket.clock
            self.take(OfficerReopened(kept.ticket.id, kept.ticket.kind, clock))

    @precondition(lambda self: self.shell.value.current)
    @rule()
    def an_officer_reopens_an_open_one(self) -> None:
        if current := self.shell.value.current:
            self.take(OfficerReopened(current.id, current.kind))

    @rule(pick=st.integers(0, 9))
    def a_message_leaves(self, pick: int) -> None:
        self.take(OfficeMessageSent(self.a_ticket(pick)))

    @precondition(lambda self: self.shell.timers)
    @rule()
    def the_next_deadline_comes(self) -> None:
        kind, due = min(self.shell.timers.items(), key=lambda item: item[1])
        self.shell.now = max(self.shell.now, due)
        self.fires(kind)

    @rule(kind=st.sampled_from(list(TimerKind)))
    def a_deadline_comes_that_nobody_set(self, kind: TimerKind) -> None:
        if kind not in self.shell.timers:
            self.take(TimerDue(kind))

    @precondition(lambda self: self.shell.timers)
    @rule()
    def a_deadline_comes_early(self) -> None:
        self.fires(min(self.shell.timers))

    @rule(hours=st.sampled_from([0.01, 1, 5, 23, 25, 24 * 4, 24 * 9]))
    def time_goes_by(self, hours: float) -> None:
        self.shell.waits(hours=hours)

    @precondition(lambda self: self.marks % 4 == 3)
    @rule(desk=st.sampled_from(DESKS))
    def the_office_is_configured_anew(self, desk: Desk) -> None:
        self.shell.desk = desk

    @precondition(lambda self: self.marks % 4 == 2 or self.shell.value.blocked)
    @rule()
    def a_contact_is_blocked_or_freed(self) -> None:
        self.shell.value = self.shell.value.but(blocked=not self.shell.value.blocked)

    # --- what must hold in every turn ---

    def hears(self, text: str, content: Content = Content.TEXT) -> None:
        self.take(MessageReceived(text, content))

    def fires(self, kind: TimerKind) -> None:
        self.shell.timers.pop(kind, None)
        self.take(TimerDue(kind))

    def take(self, event: Event) -> None:
        before, held = self.shell.value, self.shell.held
        twice = [decide(before, event, self.shell.desk, self.shell.now) for _ in range(2)]
        assert twice[0] == twice[1]
        window_open = self.shell.window_open
        decision = self.shell.take(event)
        self.every_message_ends_somewhere(before, event, decision)
        self.a_refusal_changes_nothing(before, decision)
        self.silence_is_kept(before, event, decision, window_open=window_open)
        self.answers_are_released(event, decision, held)
        self.words_are_kept(before, event, decision)
        promises.keep_to_the_day(event, decision, self.shell)
        promises.only_silence_closes(before, event, decision)
        promises.only_answers_end_the_clock(before, event, decision, self.shell)
        if before.state is State.COMPLAINING and not isinstance(event, MessageReceived | TimerDue):
            assert self.shell.value.state is State.COMPLAINING

    def every_message_ends_somewhere(self, before: Conversation, event: Event, decision: Decision) -> None:
        assert (decision.outcome is not None) == isinstance(event, MessageReceived)
        if decision.outcome is Outcome.TICKET and not self.shell.opened:
            assert before.current
            assert decision.about == before.current.id

    def a_refusal_changes_nothing(self, before: Conversation, decision: Decision) -> None:
        if decision.refusal:
            assert decision.effects == ()
            assert decision.conversation.but(complaint=before.complaint) == before

    def silence_is_kept(
        self, before: Conversation, event: Event, decision: Decision, *, window_open: bool
    ) -> None:
        said = set(self.shell.said)
        citizen = isinstance(event, MessageReceived)
        if not citizen and said:
            assert window_open
        assert Text.REMIND_RATING not in said or before.state is State.RATING
        if before.opted_out or before.blocked:
            assert not any(isinstance(effect, RelayReply) for effect in decision.effects)
        if before.blocked:
            assert not said
        elif before.opted_out:
            assert said <= {Text.OPTED_OUT_REMINDER} or (citizen and Text.WELCOME_BACK in said)
            self.reminders_are_rare(said)
        elif decision.conversation.opted_out:
            assert self.shell.said == [Text.OPTED_OUT]
        elif citizen and before.ticket and before.state is State.WITH_OFFICERS:
            assert said <= self.to_officers
            assert Text.COMPLAINT_OFFER not in said or before.complaint_offered_for != before.ticket.id

    def reminders_are_rare(self, said: set[Text]) -> None:
        if Text.OPTED_OUT_REMINDER in said:
            now = self.shell.now.timestamp()
            assert all(now - then >= 86_400 for then in self.reminded)
            self.reminded.append(now)
        if Text.WELCOME_BACK in said:
            self.reminded = []

    def answers_are_released(self, event: Event, decision: Decision, held: int) -> None:
        silent = decision.conversation.opted_out or decision.conversation.blocked
        if isinstance(event, MessageReceived) and not silent:
            assert self.shell.held == 0, held

    # --- nothing that was told is lost ---

    def marked(self, text: str, *, complaint: bool) -> str:
        self.marks += 1
        mark = f"{'kasus' if complaint else 'kode'}{self.marks}x"
        if not self.shell.value.blocked and not self.shell.value.opted_out:
            self.told.append(Told(mark, complaint))
        return text.replace("kode{n}", mark).replace("kasus{n}", mark)

    def words_are_kept(self, before: Conversation, event: Event, decision: Decision) -> None:
        self.forgive(before, event, decision)
        kept = self.where_words_are()
        assert [told.mark for told in self.told if told.mark not in kept] == []

    def forgive(self, before: Conversation, event: Event, decision: Decision) -> None:
        """Words may go where the citizen lets them go, or where the desk told them to go elsewhere."""
        after = decision.conversation
        left = (before.complaint_draft and not after.complaint_draft) and not self.shell.opened
        if left and isinstance(event, MessageReceived):
            self.told = [told for told in self.told if told.mark not in before.complaint_draft]
        cancelled = isinstance(event, MessageReceived) and command(event.text) is Intent.CANCEL
        if not after.draft.text and not self.opened_consultation() and (cancelled or before.opted_out):
            self.told = [told for told in self.told if told.mark not in before.draft.text]
        answered = SettleSearch(answered=True) in decision.effects or isinstance(event, TimerDue)
        if before.state is State.SUGGESTING and answered and not after.draft.text:
            self.told = [told for told in self.told if told.mark not in before.draft.text]
        if self.shell.desk.mode is not Mode.CONSULT and isinstance(event, MessageReceived):
            self.told = [told for told in self.told if told.mark not in event.text]

    def opened_consultation(self) -> bool:
        opened = [self.shell.tickets[number].ticket.kind for number in self.shell.opened]
        return TicketKind.CONSULTATION in opened

    def where_words_are(self) -> str:
        value = self.shell.value
        tickets = [part for kept in self.shell.tickets.values() for part in (kept.request.text, *kept.words)]
        comments = [rated.comment for rated in self.shell.ratings]
        return "\n".join([value.draft.text, value.complaint_draft, *tickets, *comments, *self.shell.profiles])

    # --- what must hold between turns ---

    @invariant()
    def at_most_one_consultation_is_open(self) -> None:
        consultations = [kept for kept in self.open_tickets() if kept.ticket.kind is TicketKind.CONSULTATION]
        assert len(consultations) <= 1

    @invariant()
    def who_is_waited_for_has_a_deadline(self) -> None:
        kind = timers.owned_by(self.shell.value.state)
        assert (kind is not None) == (self.shell.value.state in WAITING)
        assert kind is None or kind in self.shell.timers

    @invariant()
    def what_is_promised_is_watched(self) -> None:
        promises.is_watched(self.shell)

    @invariant()
    def only_who_was_told_something_is_silent(self) -> None:
        promises.only_the_told_are_silent(self.shell)
        promises.who_is_silent_is_counted(self.shell)

    @invariant()
    def the_parts_fit_together(self) -> None:
        value = self.shell.value
        before_ticket.question(value)
        if value.ticket:
            assert value.state in (State.WITH_OFFICERS, State.COMPLAINING)
            assert not value.draft.text
        if value.state is State.WITH_OFFICERS:
            assert value.current
        if value.draft.text:
            assert value.state in WAITING - {State.RATING}
        if value.complaint_draft:
            assert value.state is State.COMPLAINING
        if value.state is State.RATING:
            assert value.last_closed

    @invariant()
    def a_complaint_stays_a_complaint(self) -> None:
        texts = [self.shell.value.draft.text]
        texts += [kept.request.text for kept in self.consultations()]
        assert [told.mark for told in self.told if told.complaint and told.mark in "\n".join(texts)] == []

    def open_tickets(self) -> list[Filed]:
        return [kept for kept in self.shell.tickets.values() if kept.open]

    def consultations(self) -> list[Filed]:
        everything = self.shell.tickets.values()
        return [kept for kept in everything if kept.ticket.kind is TicketKind.CONSULTATION]

    def a_ticket(self, pick: int) -> int:
        """Mostly an open one, else any number, also of a ticket that is closed or nobody's."""
        opened = [kept.ticket.id for kept in self.open_tickets()]
        return opened[pick % len(opened)] if opened and pick > 2 else pick

    def any_ticket(self, pick: int) -> Filed:
        return list(self.shell.tickets.values())[pick % len(self.shell.tickets)]

    def teardown(self) -> None:
        """Left alone, every waiting state comes to an end by its deadlines."""
        for _ in range(20):
            if not self.shell.timers:
                break
            self.the_next_deadline_comes()
        assert not self.shell.timers
        assert self.shell.value.state not in WAITING


TestHistories = Histories.TestCase
