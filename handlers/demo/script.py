"""A few days at the demo's offices, played through webhook and mailbox and by the officers' own acts."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import select

from channels.email.imap import open_mailbox
from handlers import jobs, officer
from handlers.demo import correspondence, media
from handlers.demo.correspondence import Draft
from handlers.demo.desk import DemoRuntime, sender_of
from handlers.demo.people import (
    AISYAH,
    ANDI,
    CORRESPONDENTS,
    DEWI,
    JUFRI,
    LINA,
    RAHMA,
    SARI,
    TONO,
    WAYAN,
    Citizen,
    DemoOfficer,
)
from handlers.demo.webmail import reply_subject, told_by
from handlers.mailroom import fetching
from handlers.mailroom.room import Mailroom
from storage import officers
from storage.columns import table
from storage.tables import Conversation, Ticket

_TICKET, _CONVERSATION = table(Ticket), table(Conversation)
_EVERYTHING = 2**31
_SECONDS_TO_REPORT = 30
KTM, TRK = "7411", "6571"


class Player:
    """Lets citizens write and officers act, each on the newest ticket of a citizen."""

    def __init__(self, runtime: DemoRuntime) -> None:
        self._runtime = runtime
        self._mailroom = Mailroom(runtime)
        with runtime.database.read() as connection:
            self._ids: Mapping[str, int] = {each.email: each.id for each in officers.listed(connection)}

    def writes(self, citizen: Citizen, office: str, text: str, kind: str) -> None:
        """A citizen's message arrives and everything that follows from it happens."""
        media.send(self._runtime, citizen, sender_of(self._runtime, office), kind, text)
        self.settle()

    def mails(self, citizen: Citizen, office: str, subject: str, text: str) -> None:
        """A citizen writes a mail, or answers the last one they got when there is no *subject*."""
        person = CORRESPONDENTS[citizen.key]
        inbox = [] if subject else self._runtime.mail.inbox(person.address)
        address = self._runtime.office(office).senders.email[0]
        draft = Draft(address, subject, text)
        if inbox:
            told = told_by(inbox[-1].raw)
            draft = Draft(told.answers_go_to, reply_subject(told.subject), text, inbox[-1])
        correspondence.send(self._runtime, person, draft)
        self._fetch(address)
        self.settle()

    def replies(self, by: DemoOfficer, citizen: Citizen, text: str, *, asks_back: bool) -> None:
        """An officer takes the ticket and answers."""
        ticket = self._ticket(citizen)
        officer.claim(self._runtime, self._ids[by.email], ticket)
        form = str(uuid4())
        officer.reply(
            self._runtime, self._ids[by.email], ticket, text, form, asks_back=asks_back, seen=_EVERYTHING
        )
        self.settle()

    def notes(self, by: DemoOfficer, citizen: Citizen, text: str) -> None:
        """An officer leaves a note for colleagues."""
        officer.note(self._runtime, self._ids[by.email], self._ticket(citizen), text, str(uuid4()))

    def closes(self, by: DemoOfficer, citizen: Citizen) -> None:
        """An officer closes the ticket."""
        officer.close(self._runtime, self._ids[by.email], self._ticket(citizen))
        self.settle()

    def settle(self) -> None:
        """Let the worker do everything that is due, and every receipt come in."""
        jobs.run_all(self._runtime)
        self._runtime.twilio.wait_until_quiet(_SECONDS_TO_REPORT)

    def close(self) -> None:
        """Nothing more is played."""
        self._mailroom.close()

    def _fetch(self, address: str) -> None:
        """What a mailbox's thread does when the server calls it."""
        found = self._runtime.settings.mailbox_of(address)
        if found is None:
            raise LookupError("the demo has a mailbox for each office")
        with open_mailbox(self._runtime.mailboxes[found[0]]) as opened:
            fetching.fetch(self._runtime, found[0], opened)
        self._mailroom.handle(found[0])

    def _ticket(self, citizen: Citizen) -> int:
        joined = _TICKET.join(_CONVERSATION, _CONVERSATION.c.id == _TICKET.c.conversation_id)
        newest = (
            select(_TICKET.c.id)
            .select_from(joined)
            .where(_CONVERSATION.c.reply_to.in_((citizen.address, citizen.email)))
        )
        with self._runtime.database.read() as connection:
            return int(connection.execute(newest.order_by(_TICKET.c.id.desc()).limit(1)).scalar_one())


@dataclass(frozen=True, slots=True)
class Writes:
    """A citizen writes."""

    hours_ago: float
    citizen: Citizen
    office: str
    text: str
    kind: str = media.TEXT

    def play(self, player: Player) -> None:
        """Let it happen."""
        player.writes(self.citizen, self.office, self.text, self.kind)


@dataclass(frozen=True, slots=True)
class Mails:
    """A citizen writes a mail; without a subject it answers the last one."""

    hours_ago: float
    citizen: Citizen
    office: str
    subject: str
    text: str

    def play(self, player: Player) -> None:
        """Let it happen."""
        player.mails(self.citizen, self.office, self.subject, self.text)


@dataclass(frozen=True, slots=True)
class Replies:
    """An officer answers, or asks back."""

    hours_ago: float
    by: DemoOfficer
    citizen: Citizen
    text: str
    asks_back: bool = False

    def play(self, player: Player) -> None:
        """Let it happen."""
        player.replies(self.by, self.citizen, self.text, asks_back=self.asks_back)


@dataclass(frozen=True, slots=True)
class Notes:
    """An officer leaves a note."""

    hours_ago: float
    by: DemoOfficer
    citizen: Citizen
    text: str

    def play(self, player: Player) -> None:
        """Let it happen."""
        player.notes(self.by, self.citizen, self.text)


@dataclass(frozen=True, slots=True)
class Closes:
    """An officer closes."""

    hours_ago: float
    by: DemoOfficer
    citizen: Citizen

    def play(self, player: Player) -> None:
        """Let it happen."""
        player.closes(self.by, self.citizen)


SCRIPT: tuple[Writes | Mails | Replies | Notes | Closes, ...] = (
    Writes(52, ANDI, KTM, "Saya butuh jumlah penduduk per kecamatan tahun 2020-2024 untuk skripsi"),
    Writes(51.9, ANDI, KTM, "Belum, saya perlu yang menurut jenis kelamin"),
    Writes(51.85, ANDI, KTM, "Kolaka Timur"),
    Writes(51.8, ANDI, KTM, "1"),
    Replies(
        50.2,
        RAHMA,
        ANDI,
        "Kak Andi, jumlah penduduk per kecamatan 2020–2024 ada di publikasi *Kabupaten Kolaka Timur Dalam "
        "Angka*, bab Penduduk. Silakan diunduh di https://koltimkab.bps.go.id",
    ),
    Writes(49.7, ANDI, KTM, "Sudah ketemu, terima kasih banyak Bu 🙏"),
    Closes(49.6, RAHMA, ANDI),
    Writes(49.5, ANDI, KTM, "4"),
    Writes(49.4, ANDI, KTM, "Cepat dan jelas"),
    Writes(30, TONO, KTM, "min ada data ipm terbaru ga"),
    Writes(29.9, TONO, KTM, "sudah ketemu, makasih kak"),
    Writes(
        21, WAYAN, KTM, "Mohon data luas panen padi Kabupaten Kolaka Timur 2021-2025 untuk perencanaan dinas"
    ),
    Writes(20.9, WAYAN, KTM, "1"),
    Replies(20.2, RAHMA, WAYAN, "Baik, Pak Wayan. Dirinci per kecamatan, atau cukup total kabupaten?", True),
    Notes(19.8, JUFRI, WAYAN, "Tabel per kecamatan ada, tetapi tahun 2025 masih angka sementara."),
    Writes(19.5, WAYAN, KTM, "Per kecamatan, Bu. Kalau bisa sebelum rapat hari Jumat."),
    Mails(
        17.5,
        DEWI,
        KTM,
        "Data tenaga kerja untuk tesis",
        "Yth. BPS Kabupaten Kolaka Timur,\n\nSaya mahasiswa pascasarjana dan memerlukan jumlah penduduk "
        "bekerja menurut lapangan usaha di Kabupaten Kolaka Timur tahun 2022–2024 untuk tesis.\n\n"
        "Terima kasih,\nDewi Anggraini",
    ),
    Replies(
        16.8,
        JUFRI,
        DEWI,
        "Selamat siang, Ibu Dewi.\n\nAngka dari Sakernas tersedia untuk 2022–2024. Apakah cukup menurut tiga "
        "kelompok lapangan usaha (pertanian, industri, jasa), atau perlu 17 kategori?",
        asks_back=True,
    ),
    Mails(16.1, DEWI, KTM, "", "Cukup tiga kelompok, Pak. Terima kasih banyak."),
    Writes(5.5, LINA, TRK, "Mau tanya kode KBLI usaha penggilingan padi, edisi 2020, untuk izin usaha"),
    Writes(5.4, LINA, TRK, "Lina Marlina"),
    Writes(5.3, LINA, TRK, "8"),
    Writes(5.2, LINA, TRK, "3"),
    Writes(5.1, LINA, TRK, "lina@usaha.example"),
    Writes(5, LINA, TRK, "Tarakan"),
    Writes(4.9, LINA, TRK, "1"),
    Replies(
        4, SARI, LINA, "Bu Lina, industri penggilingan padi dan penyosohan beras: KBLI 2020 kode *10631*."
    ),
    Writes(3.2, TONO, TRK, "pengaduan"),
    Writes(
        3.1,
        TONO,
        TRK,
        "Saran: tabel di situs web sulit dibaca lewat ponsel, mohon dapat diunduh sebagai Excel.",
    ),
    Writes(1.5, AISYAH, KTM, "", media.VOICE),
    Writes(1.4, AISYAH, KTM, "0"),
    Writes(1.3, AISYAH, KTM, "Angka kemiskinan Kolaka Timur tahun 2024 berapa ya, untuk tugas kuliah"),
)
