"""Every signed word: each purpose opens one thing only, and ends, or stands here with the reason why not."""

import re
from datetime import timedelta
from pathlib import Path

from channels.email.tokens import Purpose, Token
from tests.handlers.site import Site

ENDS = {
    Purpose.FORM: ("with the question, or its ticket", "test_a_closed_ticket_needs_no_form"),
    Purpose.RATING: ("72 hours after the closing, 30 days for a survey", "test_a_link_that_is_over_says_so"),
    Purpose.COPY: ("after seven days or five copies", "test_the_link_ends_and_works_a_few_times"),
    Purpose.FILE: ("a day after it was made", "test_twilio_gets_the_file_at_an_address_that_ends"),
    Purpose.DOWNLOAD: (
        "after the days in its row",
        "test_what_whatsapp_does_not_carry_goes_as_a_link_once_the_officer_agrees",
    ),
}
"""When each ends, and the test that shows it."""
NEVER_ENDS = {
    Purpose.THREAD: "says what a mail answers, and opens nothing: the sender is looked at besides",
    Purpose.BOUNCE: "says which message came back, and opens nothing",
    Purpose.OFFICER: "says what an officer's mail answers: it must come from that officer's proved address",
    Purpose.NOTE: "the same as for an answer",
    Purpose.PROBE: "marks the desk's own mail, and opens nothing",
    Purpose.NOTICE: "says which notice a mail answers, and opens nothing",
}
PAGES = {
    "/formulir/{}": Purpose.FORM,
    "/nilai/{}": Purpose.RATING,
    "/nilai/{}/survei": Purpose.RATING,
    "/data-saya/{}": Purpose.COPY,
    "/berkas/{}/a.pdf": Purpose.FILE,
    "/unduh/{}": Purpose.DOWNLOAD,
    "/unduh/{}/berkas": Purpose.DOWNLOAD,
}
DERIVED = {
    "loket.kept-file.": "files of a refused form; hours, one officer and one ticket",
    "loket.device": "a browser that is known at the door; 180 days, and it opens nothing",
    "loket.mail.": "the words above, told apart by their purpose",
    "loket.code.": "the code that proves an address; a day",
    "loket.proof.": "what is kept of that code",
    "loket.mailbox.refresh_token": "sealed, of mailboxes; until it is replaced",
    "loket.officer.second_factor": "sealed, of officers; until it is taken off",
}
"""What the installation's key is used for besides sessions, and how long each lasts."""
IN_MEMORY = {"loket.refused_signatures", "loket.live", "loket.reader", "loket.request"}
"""Names of things in the program, not of keys."""
ROOT = Path(__file__).resolve().parent.parent.parent


def test_every_purpose_ends_or_says_why_not() -> None:
    assert ENDS.keys() | NEVER_ENDS.keys() == set(Purpose)
    assert not ENDS.keys() & NEVER_ENDS.keys()
    assert len({purpose.value for purpose in Purpose}) == len(Purpose)
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert [test for _, test in ENDS.values() if f"def {test}(" not in tests] == []


def test_every_page_behind_a_signed_link_is_known(site: Site) -> None:
    rules = {str(rule) for rule in site.app.url_map.iter_rules() if "token" in rule.arguments}
    known = {page.replace("{}", "<token>").replace("a.pdf", "<name>") for page in PAGES}
    assert rules == known


def test_a_link_opens_no_other_page(site: Site) -> None:
    """Each purpose with numbers that exist, at every page that is for another."""
    site.asks()
    client = site.app.test_client()
    later = int((site.clock() + timedelta(days=1)).timestamp())
    for page, purpose in PAGES.items():
        for other in set(Purpose) - {purpose}:
            word = site.runtime.tokens.sign(Token(other, 1, later))
            assert client.get(page.format(word)).status_code == 404, (page, other)


def test_every_key_that_is_derived_has_a_name_of_its_own() -> None:
    """What is signed or sealed for one thing opens for no other; whoever adds one writes it down here."""
    found = [
        name
        for floor in ("channels", "handlers", "storage")
        for path in (ROOT / floor).rglob("*.py")
        for name in re.findall(r'"(loket\.[a-z_.-]+)', path.read_text("utf-8"))
    ]
    assert sorted(set(found) - IN_MEMORY) == sorted(DERIVED)
    assert [one for one in DERIVED if found.count(one) != 1] == []
