"""What the configuration says once it is read: the sample's five offices, merging, overriding, finding."""

from pathlib import Path
from textwrap import dedent

import pytest

from bot.policy import Field, Mode, Status
from handlers import shipped_files
from handlers.settings import ConfigError, Settings, load

PROFILE = (Field.NAME, Field.INSTITUTION_CATEGORY, Field.MAIN_USE)
WITA, WIB = "Asia/Makassar", "Asia/Jakarta"

# One row per office, straight from the published standards: zone, modes, SLA, closing, registration, search.
ZONES = {"6302": WITA, "6402": WITA, "1905": WIB, "6571": WITA, "7411": WITA}
SHORT_NAMES = {"6302": "KTB", "6402": "KBR", "1905": "BSL", "6571": "TRK", "7411": "KTM"}
MODES = {
    "6302": ("consult", "consult", "off", "link_only", "consult", "off"),
    "6402": ("off", "consult", "consult", "link_only", "consult", "off"),
    "1905": ("complaint_only", "complaint_only", "off", "consult", "consult", "off"),
    "6571": ("consult", "consult", "off", "link_only", "consult", "link_only"),
    "7411": ("consult", "consult", "off", "link_only", "consult", "off"),
}
PROMISES = {
    "6302": (3, "clear_and_complete", True, Status.STATED),
    "6402": (3, "clear_and_complete", True, Status.ASSUMED),
    "1905": (3, "clear_and_complete", True, Status.STATED),
    "6571": (3, "clear_and_complete", True, Status.STATED),
    "7411": (3, "received", False, Status.STATED),
}
CLOSING = {
    "6302": ("none", 0, "officer"),
    "6402": ("none", 0, "officer"),
    "1905": ("calendar_days", 7, "officer"),
    "6571": ("none", 0, "officer"),
    "7411": ("working_days", 3, "system"),
}
REGISTRATION = {
    "6302": ((), "email_or_whatsapp"),
    "6402": ((), "email_or_whatsapp"),
    "1905": (("portal", "whatsapp", "email"), "email_required"),
    "6571": (("portal", "whatsapp", "email"), "email_required"),
    "7411": (("portal",), "email_or_whatsapp"),
}
SEARCH_FIRST = {"6302": False, "6402": False, "1905": True, "6571": True, "7411": True}
SENDERS = {
    "6302": (),
    "6402": (),
    "1905": ("+6281271067114",),
    "6571": ("+6285183106571",),
    "7411": ("+6282188887411",),
}
VISITS = {
    "6302": (10, "electronic", "not_required", ("front_desk", "guest_book", "queue", "consult")),
    "6402": (10, "electronic", "not_required", ("front_desk", "guest_book", "queue", "consult")),
    "1905": (5, "any", "required", ("guest_book", "queue", "consult")),
    "6571": (10, "any", "required", ("queue", "wait", "guest_book", "consult")),
    "7411": (10, "electronic", "not_required", ("queue", "wait", "front_desk", "guest_book", "consult")),
}

SMALL = """
    public_url: https://loket.example.org
    offices:
      "7411": {short_name: KTM, name: {id: Kolaka Timur, en: Kolaka Timur}, timezone: Asia/Makassar}
"""


@pytest.fixture(scope="module")
def sample() -> Settings:
    return load(shipped_files.sample_config(), {})


def write(folder: Path, text: str, name: str = "config.yaml") -> Path:
    path = folder / name
    path.write_text(dedent(text), encoding="utf-8")
    return path


def test_the_sample_has_exactly_the_five_offices(sample: Settings) -> None:
    assert {code: office.short_name for code, office in sample.offices.items()} == SHORT_NAMES
    assert all(office.code == code for code, office in sample.offices.items())


@pytest.mark.parametrize("code", ZONES)
def test_each_office_comes_out_of_configuration_alone(sample: Settings, code: str) -> None:
    office = sample.offices[code]
    channels = ("whatsapp", "email", "webchat", "portal", "visit", "zoom")
    sla, closing, visit = office.sla, office.autoclose, office.visit
    assert office.timezone == ZONES[code]
    assert tuple(office.mode(channel) for channel in channels) == MODES[code]
    assert (sla.days, sla.starts, sla.pause_while_waiting_citizen, sla.status) == PROMISES[code]
    assert (closing.mode, closing.days, closing.by) == CLOSING[code]
    assert (office.registration.required_on, office.contact.rule) == REGISTRATION[code]
    assert office.search_first.enabled is SEARCH_FIRST[code]
    assert office.senders.whatsapp == SENDERS[code]
    assert (visit.wait_minutes, visit.guest_book, visit.id_card, visit.order) == VISITS[code]


def test_what_is_asked_at_registration(sample: Settings) -> None:
    asked = {code: office.fields_to_register("whatsapp") for code, office in sample.offices.items()}
    with_mail = (*PROFILE, Field.EMAIL)
    assert asked == {"6302": (), "6402": (), "1905": with_mail, "6571": with_mail, "7411": ()}


def test_hours_are_assumed_everywhere_and_so_is_kutai_barats_promise(sample: Settings) -> None:
    assert {office.hours.status for office in sample.offices.values()} == {Status.ASSUMED}
    assert [code for code, office in sample.offices.items() if office.sla.status is Status.ASSUMED] == [
        "6402"
    ]
    assert [code for code, office in sample.offices.items() if office.visit.status is Status.ASSUMED] == [
        "6402"
    ]


def test_the_complaint_offer_after_rating(sample: Settings) -> None:
    assert [code for code, office in sample.offices.items() if not office.rating.offer_complaint] == ["1905"]


def test_numbers_come_out_in_one_spelling(sample: Settings) -> None:
    assert sample.offices["6302"].complaints.phone == "+628561116302"
    assert sample.offices["6302"].complaints.whatsapp is None
    assert sample.offices["6571"].phone == "+6255131715"


def test_a_sender_leads_to_its_office(sample: Settings) -> None:
    owner = sample.office_of("whatsapp", "+6282188887411")
    assert owner is sample.offices["7411"]
    assert sample.office_of("email", "BPS6571@bps.go.id") is sample.offices["6571"]
    assert sample.office_of("whatsapp", "+6281200000000") is None
    assert sample.office_of("email", "+6282188887411") is None


def test_defaults_merge_and_lists_replace(tmp_path: Path) -> None:
    text = """
        defaults:
          sla: {days: 5, starts: received}
          products: [data, metadata]
          hours: {mon: ["08:00-12:00", "13:00-15:00"], tue: ["08:00-15:00"]}
        offices:
          "7411":
            short_name: KTM
            name: {id: Kolaka Timur, en: Kolaka Timur}
            timezone: Asia/Makassar
            sla: {days: 2}
            products: [klasifikasi]
            hours: {mon: ["09:00-10:00"]}
    """
    office = load(write(tmp_path, text), {}).offices["7411"]
    assert (office.sla.days, office.sla.starts) == (2, "received")
    assert office.products == ("klasifikasi",)
    assert (office.hours.mon, office.hours.tue, office.hours.wed) == (("09:00-10:00",), ("08:00-15:00",), ())


def test_a_small_file_is_enough_and_every_channel_is_off(tmp_path: Path) -> None:
    settings = load(write(tmp_path, SMALL), {})
    assert settings.channels.whatsapp.api_url == "https://api.twilio.com"
    assert settings.channels.whatsapp.accounts == {}
    assert settings.offices["7411"].mode("whatsapp") is Mode.OFF


def test_local_numbers_are_indonesian_ones(tmp_path: Path) -> None:
    text = SMALL.replace("timezone:", 'senders: {whatsapp: [0821-8888-7411, "+1 415-523-8886"]}, timezone:')
    senders = load(write(tmp_path, text), {}).offices["7411"].senders
    assert senders.whatsapp == ("+6282188887411", "+14155238886")


def test_relative_paths_start_at_the_file(tmp_path: Path) -> None:
    settings = load(write(tmp_path, SMALL), {})
    assert settings.data_dir == tmp_path / "var"
    assert settings.database.url == f"sqlite:///{tmp_path / 'var' / 'loket.db'}"


@pytest.mark.parametrize(
    "url",
    ["sqlite:////srv/loket/loket.db", "postgresql+psycopg://loket:p%40ss@db:5432/loket?sslmode=require"],
)
def test_the_environment_stands_above_the_file(tmp_path: Path, url: str) -> None:
    environ = {
        "LOKET_DATABASE_URL": url,
        "LOKET_PUBLIC_URL": "https://other.example.org/loket",
        "LOKET_WHATSAPP_API_URL": "http://127.0.0.1:9999",
    }
    settings = load(write(tmp_path, SMALL), environ)
    assert settings.database.url == url
    assert settings.public_url == "https://other.example.org/loket"
    assert settings.channels.whatsapp.api_url == "http://127.0.0.1:9999"


def test_how_many_connections_there_may_be_stays(tmp_path: Path) -> None:
    text = f"{SMALL}    database: {{connections: 12}}\n"
    environ = {"LOKET_DATABASE_URL": "postgresql+psycopg://loket@db/loket"}
    assert load(write(tmp_path, text), environ).database.connections == 12
    assert load(write(tmp_path, text), {}).database.connections == 12


def test_an_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    settings = load(write(tmp_path, SMALL), {"LOKET_PUBLIC_URL": "", "LOKET_CONFIG": ""})
    assert settings.public_url == "https://loket.example.org"


def test_a_database_password_is_never_shown(tmp_path: Path) -> None:
    file = write(tmp_path, "postgresql+psycopg://loket:hunter2@db/loket\n", "url")
    settings = load(write(tmp_path, SMALL), {"LOKET_DATABASE_URL_FILE": str(file)})
    assert "hunter2" in settings.database.url
    assert "hunter2" not in repr(settings)


def test_which_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = write(tmp_path, SMALL)
    named = write(tmp_path, SMALL.replace("loket.example", "named.example"), "named.yaml")
    argued = write(tmp_path, SMALL.replace("loket.example", "argued.example"), "argued.yaml")
    monkeypatch.chdir(tmp_path)
    environ = {"LOKET_CONFIG": str(named)}
    assert load(None, {}).public_url == "https://loket.example.org"
    assert load(None, environ).public_url == "https://named.example.org"
    assert load(argued, environ).public_url == "https://argued.example.org"
    here.unlink()
    with pytest.raises(ConfigError) as caught:
        load(None, {})
    assert str(shipped_files.sample_config()) in caught.value.problems[0]


def test_shipped_files_are_there() -> None:
    assert (shipped_files.templates_folder() / "messages" / "id").is_dir()
    assert shipped_files.sample_config().is_file()
    assert {"id", "en"} <= shipped_files.languages()
