"""What the configuration refuses, and the sentence it says: always the path of the key, never a secret."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from handlers.settings import ConfigError, load

OFFICE = {
    "short_name": "KTM",
    "name": {"id": "Kolaka Timur", "en": "Kolaka Timur"},
    "timezone": "Asia/Makassar",
}
ACCOUNT = {"sid": "env:TWILIO_ACCOUNT_SID", "token": "env:TWILIO_AUTH_TOKEN"}


def refused(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> list[str]:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path, environ or {})
    return caught.value.problems


def with_office(**changes: Any) -> str:
    return yaml.safe_dump({"offices": {"7411": {**OFFICE, **changes}}})


def with_top(**changes: Any) -> str:
    return yaml.safe_dump({"offices": {"7411": OFFICE}, **changes})


HEAD = "offices:\n  '7411':\n    short_name: KTM\n    name: {id: a, en: b}\n    timezone: Asia/Makassar\n"

TRAPS = [
    ("", "config.yaml: the file is empty"),
    ("# only a comment\n", "config.yaml: the file is empty"),
    ("- a list\n", "config.yaml: must be a mapping (key: value) at the top"),
    ("offices:\n\t'7411': {}\n", "config.yaml, line 2: there is a tab; YAML indents with spaces only"),
    ("offices: [1\n", "config.yaml, line 2: this is not YAML: expected ',' or ']', but got '<stream end>'"),
    ("a: \x07\n", "config.yaml: this is not YAML (is there an invisible character in it?)"),
    ("a: &x [*x]\n", "config.yaml: an alias stands inside its own anchor, or a number can't be read"),
    (
        "data_dir: !!python/name:os.system\n",
        "data_dir (line 1): a tag (!...) has no meaning here; write plain text, numbers, lists or mappings",
    ),
    (HEAD.replace("'7411'", "7411"), 'offices.7411 (line 2): a key must be text; quote it: "7411"'),
    (
        HEAD + "    texts: {thanks: {no: takk}}\n",
        'offices.7411.texts.thanks.no (line 6): a key must be text; quote it: "no"',
    ),
    (
        HEAD + "    modes: {whatsapp: off}\n",
        (
            "offices.7411.modes.whatsapp (line 6): a bare off is a truth value in YAML; "
            'quote it ("off") or write true or false'
        ),
    ),
    (
        HEAD + "    search_first: {enabled: yes}\n",
        (
            "offices.7411.search_first.enabled (line 6): a bare yes is a truth value in YAML; "
            'quote it ("yes") or write true or false'
        ),
    ),
    (HEAD + "    short_name: KTB\n", "offices.7411.short_name (line 6): stands twice (first in line 3)"),
    (
        HEAD + "    modes: {whatsapp: false}\n",
        """offices.7411.modes.whatsapp: must be 'off', 'complaint_only', \
'consult' or 'link_only'; write "off" with its quotes""",
    ),
    (
        HEAD + "    senders: {whatsapp: [+6282188887411]}\n",
        "offices.7411.senders.whatsapp.0: must be text; quote it",
    ),
    (HEAD + "    decree: 118\n", "offices.7411.decree: must be text; quote it"),
    (HEAD + "    sla: {days: '3'}\n", "offices.7411.sla.days: must be a whole number, without quotes"),
    (HEAD + "    sla: {days: true}\n", "offices.7411.sla.days: must be a whole number, without quotes"),
    (HEAD + "    sla:\n", "offices.7411.sla: must be a mapping (key: value)"),
    (HEAD + "    products: data\n", "offices.7411.products: must be a list"),
]

MODES = "'off', 'complaint_only', 'consult' or 'link_only'"

OFFICES: list[tuple[dict[str, Any], str]] = [
    ({"sla": {"dayz": 3}}, 'offices.7411.sla.dayz: unknown key; did you mean "days"?'),
    ({"autoclos": {}}, 'offices.7411.autoclos: unknown key; did you mean "autoclose"?'),
    ({"xyzzy": 1}, "offices.7411.xyzzy: unknown key"),
    ({"code": "7411"}, "offices.7411.code: unknown key; the key of the block is the code"),
    (
        {"modes": {"whatsap": "consult"}},
        'offices.7411.modes.whatsap: unknown channel; did you mean "whatsapp"?',
    ),
    (
        {"modes": {"whatsapp": "consul"}},
        f'offices.7411.modes.whatsapp: must be {MODES}; did you mean "consult"?',
    ),
    (
        {"sla": {"starts": "recieved"}},
        "offices.7411.sla.starts: must be 'clear_and_complete' or 'received'; did you mean \"received\"?",
    ),
    ({"rating": {"scale": 5}}, "offices.7411.rating.scale: must be 4"),
    (
        {"short_name": "K"},
        "offices.7411.short_name: must be 2 to 6 capital letters; it begins every ticket number",
    ),
    (
        {"short_name": "KTM-P"},
        "offices.7411.short_name: must be 2 to 6 capital letters; it begins every ticket number",
    ),
    (
        {"timezone": "Asia/Makasar"},
        (
            "offices.7411.timezone: is no time zone; Asia/Jakarta, Asia/Makassar and Asia/Jayapura are; "
            'did you mean "Asia/Makassar"?'
        ),
    ),
    ({"languages": []}, "offices.7411.languages: must name at least one language, and each only once"),
    (
        {"languages": ["id", "id"]},
        "offices.7411.languages: must name at least one language, and each only once",
    ),
    (
        {"languages": ["id", "xx"]},
        'offices.7411.languages.1: there are no sentences in "xx"; there are: en, id',
    ),
    (
        {"name": {"id": "a"}},
        "offices.7411.name.en: is missing: the office needs a name in each of its languages",
    ),
    ({"name": None}, "offices.7411.name: must be a mapping (key: value)"),
    (
        {"registration": {"required_on": ["wa"]}},
        (
            'offices.7411.registration.required_on.0: unknown channel "wa"; known are: '
            "email, portal, visit, webchat, whatsapp, zoom"
        ),
    ),
    ({"hours": {"mon": ["8-15"]}}, 'offices.7411.hours.mon: "8-15" is no span; write it like "08:00-15:30"'),
    (
        {"hours": {"mon": ["08:00-24:00"]}},
        'offices.7411.hours.mon: "08:00-24:00" is no span; write it like "08:00-15:30"',
    ),
    ({"hours": {"sat": ["15:00-08:00"]}}, 'offices.7411.hours.sat: "15:00-08:00" ends before it begins'),
    (
        {"hours": {"fri": ["08:00-12:00", "11:00-15:00"]}},
        "offices.7411.hours.fri: the spans overlap, or stand in the wrong order",
    ),
    ({"sla": {"days": 0}}, "offices.7411.sla.days: must be 1 or more"),
    ({"autoclose": {"mode": "calendar_days"}}, "offices.7411.autoclose.days: must be 1 or more"),
    (
        {"autoclose": {"mode": "calendar_days", "days": 2, "warn_days_before": 3}},
        "offices.7411.autoclose.warn_days_before: the warning would come before the silence begins",
    ),
    ({"reopen_days": -1}, "offices.7411.reopen_days: must be 0 or more"),
    ({"abandon_after_days": 0}, "offices.7411.abandon_after_days: must be 1 or more"),
    ({"rating": {"remind_after_hours": -1}}, "offices.7411.rating.remind_after_hours: must be 0 or more"),
    (
        {"complaints": {"deadlines": {"answer": "14 hari"}}},
        (
            'offices.7411.complaints.deadlines.answer: "14 hari" is no term;'
            ' write it like "14 working_day" or "60 calendar"'
        ),
    ),
    (
        {"visit": {"order": ["sofa"]}},
        "offices.7411.visit.order.0: must be 'front_desk', 'guest_book', 'queue', 'wait' or 'consult'",
    ),
    (
        {"senders": {"whatsapp": ["12"]}},
        'offices.7411.senders.whatsapp.0: "12" is not a telephone number; write it like "+62 812-3456-7890"',
    ),
    (
        {"complaints": {"phone": "none"}},
        'offices.7411.complaints.phone: "none" is not a telephone number; write it like "+62 812-3456-7890"',
    ),
    (
        {"senders": {"whatsapp": ["+6282188887411", "0821 8888 7411"]}},
        "offices.7411.senders.whatsapp.1: +6282188887411 already belongs to offices.7411.senders.whatsapp.0",
    ),
    ({"senders": {"email": ["pst"]}}, 'offices.7411.senders.email.0: "pst" is not an e-mail address'),
    (
        {"complaints": {"web": "s.bps.go.id/Adu"}},
        "offices.7411.complaints.web: must be a web address that begins with https:// or http://",
    ),
    (
        {"texts": {"ticket_opened.fax": {"id": "x"}}},
        'offices.7411.texts.ticket_opened.fax: unknown sentence; did you mean "ticket_opened"?',
    ),
    ({"texts": {"thank": {"id": "x"}}}, 'offices.7411.texts.thank: unknown sentence; did you mean "thanks"?'),
    (
        {"texts": {"thanks": {"jv": "x"}}},
        "offices.7411.texts.thanks.jv: is not one of the office's languages",
    ),
    ({"texts": {"thanks": {"id": " "}}}, "offices.7411.texts.thanks.id: is empty"),
]

NO_SECRET = (
    "a secret does not stand in the file: write env:NAME and put it into the environment as NAME or NAME_FILE"
)

TANI = {"name": {"id": "Pertanian", "en": "Agriculture"}, "words": ["padi"]}
HERE = "offices.7411.routing"
A_KEY = "a topic's key is 1 to 32 small letters, digits or _"
ROUTING: list[tuple[dict[str, Any], str]] = [
    ({"cap": -1}, f"{HERE}.cap: must be 0 or more"),
    ({"cap": "banyak"}, f"{HERE}.cap: must be a whole number"),
    ({"escalate_after_hours": -4}, f"{HERE}.escalate_after_hours: must be 0 or more"),
    ({"assign": "giliran"}, f"{HERE}.assign: must be 'none', 'turns' or 'load'"),
    ({"topics": {"tani": {**TANI, "words": []}}}, f"{HERE}.topics.tani.words: must name at least one word"),
    (
        {"topics": {"tani": {**TANI, "words": ["padi", "-"]}}},
        f"{HERE}.topics.tani.words.1: holds no letter or digit",
    ),
    ({"topics": {"tani": {"name": TANI["name"]}}}, f"{HERE}.topics.tani.words: is missing"),
    (
        {"topics": {"tani": {**TANI, "name": {"id": "Pertanian"}}}},
        f"{HERE}.topics.tani.name.en: is missing: a topic needs a name in each of the office's languages",
    ),
    (
        {"topics": {"tani": {**TANI, "name": {"id": "Pertanian", "en": "Agriculture", "jv": "Tetanen"}}}},
        f"{HERE}.topics.tani.name.jv: is not one of the office's languages",
    ),
    ({"topics": {"Tani & kebun": TANI}}, f"{HERE}.topics.Tani & kebun: {A_KEY}"),
    ({"topics": {"t" * 33: TANI}}, f"{HERE}.topics.{'t' * 33}: {A_KEY}"),
]


@pytest.mark.parametrize(("rule", "sentence"), ROUTING, ids=[sentence[:60] for _, sentence in ROUTING])
def test_faults_of_sharing_tickets_out(tmp_path: Path, rule: dict[str, Any], sentence: str) -> None:
    told = refused(tmp_path, with_office(routing=rule))
    assert any(one.startswith(sentence) for one in told), told


def test_sharing_that_fits_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    rule = {"assign": "turns", "cap": 0, "escalate_after_hours": 0, "topics": {"tani": TANI}}
    path.write_text(with_office(routing=rule), "utf-8")
    assert load(path, {}).offices["7411"].routing.topics["tani"].words == ("padi",)


TOPS: list[tuple[dict[str, Any], str]] = [
    ({"default": {}}, 'default: unknown key; did you mean "defaults"?'),
    ({"defaults": []}, "defaults: must be a mapping (key: value)"),
    ({"offices": None}, "offices: must be a mapping (key: value)"),
    ({"offices": {}}, "offices: there must be at least one office"),
    ({"offices": {"KTM": OFFICE}}, "offices.KTM: the key of an office is its BPS code, digits only"),
    ({"offices": {"7411": None}}, "offices.7411: must be a mapping (key: value)"),
    ({"offices": {"7411": {}}}, "offices.7411.short_name: is missing"),
    (
        {"public_url": "loket.example.org"},
        "public_url: must begin with https:// (or http://) and name a host",
    ),
    (
        {"public_url": "ftp://loket.example.org"},
        "public_url: must begin with https:// (or http://) and name a host",
    ),
    ({"public_url": "https://"}, "public_url: must begin with https:// (or http://) and name a host"),
    ({"public_url": "https://x.org/"}, "public_url: must end without a slash, a query or a fragment"),
    ({"public_url": "https://x.org/?a=b"}, "public_url: must end without a slash, a query or a fragment"),
    ({"public_url": "https://u:hunter2@x.org"}, "public_url: must not hold a user name or a password"),
    (
        {"public_url": "https://löket.org"},
        "public_url: must be plain ASCII without blanks or percent escapes",
    ),
    (
        {"public_url": "https://x.org/a%20b"},
        "public_url: must be plain ASCII without blanks or percent escapes",
    ),
    (
        {"public_url": "https://x.org/a b"},
        "public_url: must be plain ASCII without blanks or percent escapes",
    ),
    ({"database": {"url": "sqlite://"}}, "database.url: needs a file: sqlite:///var/loket.db"),
    ({"database": {"url": "sqlite:///:memory:"}}, "database.url: needs a file: sqlite:///var/loket.db"),
    (
        {"database": {"url": "postgresql://db/loket"}},
        "database.url: must begin with sqlite:/// or postgresql+psycopg://",
    ),
    (
        {"database": {"url": "loket.db"}},
        "database.url: is not the address of a database (sqlite:///... or postgresql+psycopg://...)",
    ),
    (
        {"database": {"url": "postgresql+psycopg://loket:hunter2@db/loket"}},
        "database.url: holds a password; keep it out of the file and set LOKET_DATABASE_URL",
    ),
    (
        {"channels": {"whatsapp": {"accounts": {"main": {**ACCOUNT, "token": "hunter2"}}}}},
        f"channels.whatsapp.accounts.main.token: {NO_SECRET}",
    ),
    (
        {"channels": {"whatsapp": {"accounts": {"main": {**ACCOUNT, "previous_token": "env:"}}}}},
        f"channels.whatsapp.accounts.main.previous_token: {NO_SECRET}",
    ),
    (
        {"channels": {"whatsapp": {"accounts": {"main": {**ACCOUNT, "sid": "hunter2"}}}}},
        (
            "channels.whatsapp.accounts.main.sid: must be env:NAME, or an account SID "
            "(AC and 32 letters and digits)"
        ),
    ),
    (
        {"channels": {"email": {"mailboxes": {"pst": {"imap": {"password": "hunter2"}}}}}},
        f"channels.email.mailboxes.pst.imap.password: {NO_SECRET}",
    ),
    (
        {"channels": {"email": {"mailboxes": []}}},
        "channels.email.mailboxes: must be a mapping (key: value)",
    ),
    (
        {"channels": {"whatsapp": {"provider": "twillio"}}},
        "channels.whatsapp.provider: must be 'twilio'; did you mean \"twilio\"?",
    ),
    ({"channels": {"whatsapp": {"api": ""}}}, 'channels.whatsapp.api: unknown key; did you mean "api_url"?'),
]


@pytest.mark.parametrize(("text", "sentence"), TRAPS, ids=[sentence[:60] for _, sentence in TRAPS])
def test_traps_of_yaml(tmp_path: Path, text: str, sentence: str) -> None:
    assert sentence in refused(tmp_path, text)


@pytest.mark.parametrize(("changes", "sentence"), OFFICES, ids=[sentence[:60] for _, sentence in OFFICES])
def test_faults_of_an_office(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    assert refused(tmp_path, with_office(**changes)) == [sentence]


@pytest.mark.parametrize(("changes", "sentence"), TOPS, ids=[sentence[:60] for _, sentence in TOPS])
def test_faults_of_the_installation(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    problems = refused(tmp_path, with_top(**changes))
    assert sentence in problems
    assert "hunter2" not in " ".join(problems)


def test_a_fault_of_the_defaults_is_told_once_and_where_it_stands(tmp_path: Path) -> None:
    offices = {"7411": OFFICE, "6302": {**OFFICE, "short_name": "KTB"}}
    text = yaml.safe_dump({"defaults": {"sla": {"dayz": 3}, "phone": "?"}, "offices": offices})
    assert refused(tmp_path, text) == [
        'defaults.phone: "?" is not a telephone number; write it like "+62 812-3456-7890"',
        'defaults.sla.dayz: unknown key; did you mean "days"?',
    ]


def test_a_sender_and_a_short_name_belong_to_one_office(tmp_path: Path) -> None:
    first = {**OFFICE, "senders": {"whatsapp": ["+6282188887411"], "email": ["pst@bps.go.id"]}}
    second = {**OFFICE, "senders": {"whatsapp": ["0821-8888-7411"], "email": ["PST@bps.go.id"]}}
    problems = refused(tmp_path, yaml.safe_dump({"offices": {"6302": first, "7411": second}}))
    assert problems == [
        "offices.7411.short_name: KTM already belongs to offices.6302.short_name",
        "offices.7411.senders.whatsapp.0: +6282188887411 already belongs to offices.6302.senders.whatsapp.0",
        "offices.7411.senders.email.0: pst@bps.go.id already belongs to offices.6302.senders.email.0",
    ]


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = with_top(public_url="x", data_dir=3, offices={"7411": {**OFFICE, "decree": 1, "reopen": 2}})
    assert len(refused(tmp_path, text)) == 4


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("LOKET_PUBLIC_URL", "x", "LOKET_PUBLIC_URL: must begin with https:// (or http://) and name a host"),
        ("LOKET_WHATSAPP_API_URL", "http://x:99999", "LOKET_WHATSAPP_API_URL: Port out of range 0-65535"),
        (
            "LOKET_DATABASE_URL",
            "postgres://u:hunter2@h/d",
            "LOKET_DATABASE_URL: must begin with sqlite:/// or postgresql+psycopg://",
        ),
        (
            "LOKET_DATABASE_URL_FILE",
            "/nowhere",
            "LOKET_DATABASE_URL_FILE names /nowhere, which can't be read: No such file or directory",
        ),
    ],
)
def test_a_fault_of_the_environment_names_the_variable(
    tmp_path: Path, name: str, value: str, sentence: str
) -> None:
    assert refused(tmp_path, with_office(), {name: value}) == [sentence]


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"a: \xff")
    with pytest.raises(ConfigError, match="is not UTF-8 text"):
        load(path, {})


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(with_office(), encoding="utf-8-sig")
    assert load(path, {}).offices.keys() == {"7411"}
