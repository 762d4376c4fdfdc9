"""Who plays in the demo: citizens with a phone and a mailbox, and officers. All of them are made up."""

from dataclasses import dataclass

from storage.officers import MailWishes

NOTHING = MailWishes()


@dataclass(frozen=True, slots=True)
class Citizen:
    """A person with a phone. ``address`` is a number, or an id where WhatsApp withholds the number."""

    key: str
    name: str
    address: str
    about: str
    email: str
    request: str = ""
    area: str = ""
    mail_name: str = ""

    @property
    def has_number(self) -> bool:
        """Whether WhatsApp tells this person's number."""
        return self.address.startswith("+")


@dataclass(frozen=True, slots=True)
class DemoOfficer:
    """An officer of the demo, their role at each office, and what they are told by mail."""

    email: str
    name: str
    roles: tuple[tuple[str, str], ...] = ()
    administrator: bool = False
    wishes: MailWishes = NOTHING


@dataclass(frozen=True, slots=True)
class Correspondent:
    """Somebody with a mailbox in the demo. ``signature`` stands below what they write."""

    key: str
    name: str
    address: str
    is_officer: bool = False
    signature: str = ""


SINTA = Citizen(
    "sinta",
    "Sinta Lestari",
    "+6281100010001",
    "Mahasiswi, Kolaka Timur",
    "sinta@warga.example",
    "jumlah penduduk per kecamatan tahun 2020–2024 untuk skripsi",
    "Kabupaten Kolaka Timur",
)
BUDI = Citizen(
    "budi",
    "Budi Hartono",
    "+6281100010002",
    "Pegawai dinas, Tarakan",
    "budi@dinas.example",
    "inflasi Kota Tarakan tahun 2023 dan 2024 untuk perencanaan",
    "Kota Tarakan",
)
NURUL = Citizen(
    "nurul",
    "nurul.data",
    "ID.48151623420910",
    "Tanpa nomor telepon, hanya nama pengguna",
    "nurul@warga.example",
    "PDRB per kapita tahun 2022–2024 untuk penelitian",
    "Provinsi Sulawesi Tenggara",
    "Nurul Hidayah",
)
ANDI = Citizen("andi", "Andi Saputra", "+6281100020001", "Percakapan lama", "andi@warga.example")
WAYAN = Citizen("wayan", "Wayan Sudana", "+6281100020002", "Percakapan lama", "wayan@dinas.example")
AISYAH = Citizen("aisyah", "Nur Aisyah", "+6281100020003", "Percakapan lama", "aisyah@warga.example")
LINA = Citizen("lina", "Lina Marlina", "+6281100020004", "Percakapan lama", "lina@usaha.example")
TONO = Citizen("tono", "Tono Wijaya", "+6281100020005", "Percakapan lama", "tono@warga.example")

DEWI = Citizen("dewi", "Dewi Anggraini", "+6281100020006", "Hanya menulis email", "dewi@kampus.example")

PLAYERS = (SINTA, BUDI, NURUL)
EARLIER = (ANDI, WAYAN, AISYAH, LINA, TONO)
CITIZENS = {citizen.key: citizen for citizen in (*PLAYERS, *EARLIER)}

RAHMA = DemoOfficer(
    "rahma@loket.example",
    "Rahmawati",
    (("7411", "supervisor"), ("6571", "supervisor"), ("1905", "supervisor")),
    wishes=MailWishes(mine=True, new=True, reminders=True),
)
JUFRI = DemoOfficer(
    "jufri@loket.example", "Jufri", (("7411", "officer"),), wishes=MailWishes(mine=True, reminders=True)
)
SARI = DemoOfficer("sari@loket.example", "Sari", (("6571", "officer"),), wishes=MailWishes(mine=True))
ADMIN = DemoOfficer("admin@loket.example", "Admin Demo", administrator=True)
OFFICERS = (RAHMA, JUFRI, SARI, ADMIN)


def _of_citizen(citizen: Citizen) -> Correspondent:
    return Correspondent(citizen.key, citizen.mail_name or citizen.name, citizen.email)


def _of_officer(officer: DemoOfficer) -> Correspondent:
    signature = f"{officer.name}\nPelayanan Statistik Terpadu"
    return Correspondent(officer.email.partition("@")[0], officer.name, officer.email, True, signature)


WRITERS = tuple(map(_of_citizen, (*PLAYERS, DEWI, *EARLIER)))
READERS = tuple(_of_officer(officer) for officer in OFFICERS if officer.roles)
CORRESPONDENTS = {person.key: person for person in (*WRITERS, *READERS)}
