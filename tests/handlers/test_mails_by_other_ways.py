"""Citizens' mails that come by way of a group, of a rule in another mailbox, or of a form on a website."""

import re

import pytest

from tests.driver import WRITER, Desk

QUESTION = "Mohon data luas panen padi 2021-2024 kabupaten Kolaka Timur untuk skripsi. Terima kasih."
GROUP = "layanan7411@bps.go.id"
FORM, VISITOR = "noreply@koltimkab.bps.go.id", "budi@gmail.com"


def also_reads(desk: Desk, alias: str) -> None:
    boxes = desk.runtime.settings.channels.email.mailboxes
    boxes["bps7411"] = boxes["bps7411"].model_copy(update={"aliases": (alias,)})


def test_what_a_rule_of_exchange_hands_on_is_a_citizens(desk: Desk) -> None:
    row = desk.mails(QUESTION, to=GROUP, X_MS_Exchange_Inbox_Rules_Loop=GROUP)
    assert (row.intake, row.kind) == ("handled", "personal")
    assert len(desk.letters()) == 1


@pytest.mark.parametrize(
    "machine",
    [{"X_Auto_Response_Suppress": "All"}, {"Return_Path": "<>"}, {"X_MS_Exchange_Inbox_Rules_Loop": WRITER}],
)
def test_what_a_rule_of_exchange_answers_is_a_machines(desk: Desk, machine: dict[str, str]) -> None:
    headers = {"X_MS_Exchange_Inbox_Rules_Loop": GROUP, **machine}
    row = desk.mails(QUESTION, to=GROUP, answers=None, **headers)
    assert (row.intake, row.kind) == ("filed", "automatic")


@pytest.mark.parametrize(
    "headers",
    [
        {"List_ID": "<layanan7411.bps.go.id>", "Precedence": "list"},
        {"Mailing_List": f"list {GROUP}; contact layanan7411+owners@bps.go.id", "List_ID": "<x.bps.go.id>"},
        {"List_Post": f"<https://groups.example.org/g/x>, <mailto:{GROUP.upper()}>"},
    ],
)
def test_a_group_of_our_own_is_no_list(desk: Desk, headers: dict[str, str]) -> None:
    assert desk.mails(QUESTION, to=GROUP, answers=None, **headers).kind == "list"
    also_reads(desk, GROUP)
    row = desk.mails(QUESTION, to=GROUP, answers=None, **headers)
    assert (row.intake, row.kind) == ("handled", "personal")
    assert len(desk.letters()) == 1


def test_a_newsletter_to_the_group_stays_a_list(desk: Desk) -> None:
    also_reads(desk, GROUP)
    row = desk.mails(
        QUESTION, to=GROUP, List_ID="<kabar.layanan7411.bps.go.id.contoh.net>", Precedence="bulk"
    )
    assert (row.intake, row.kind) == ("filed", "list")


def test_whom_a_group_may_not_name_is_in_reply_to(desk: Desk) -> None:
    """Groups write their own address into *From* where the writer's domain would have it refused (DMARC)."""
    also_reads(desk, GROUP)
    headers = {"List_ID": "<layanan7411.bps.go.id>", "Reply_To": f"Budi <{VISITOR}>"}
    row = desk.mails(QUESTION, to=GROUP, address=GROUP, answers=None, **headers)
    assert (row.intake, row.author) == ("handled", VISITOR)
    assert len(desk.letters(VISITOR)) == 1


def test_a_forms_visitor_gets_the_answer(desk: Desk) -> None:
    row = desk.mails(QUESTION, address=FORM, Reply_To=f"Budi <{VISITOR}>")
    assert row.author == VISITOR
    assert desk.letters(VISITOR) == []  # a program wrote: nothing is said to it by itself
    desk.replies("Berikut datanya")
    (letter,) = desk.letters(VISITOR)
    assert desk.letters(FORM) == []
    row = desk.mails("Terima kasih", address=VISITOR, answers=letter)
    assert row.ticket_id == desk.tickets()[-1].id


@pytest.mark.parametrize(
    "reply_to",
    [
        "bps7411@bps.go.id",
        "bps7411+x@bps.go.id",
        "no-reply@contoh.net",
        f"{VISITOR}, siti@contoh.id",
        "kosong",
    ],
)
def test_who_can_not_be_told_apart_stays_the_form(desk: Desk, reply_to: str) -> None:
    assert desk.mails(QUESTION, address=FORM, Reply_To=reply_to).author == FORM


def test_a_person_is_answered_where_they_write_from(desk: Desk) -> None:
    """*Reply-To* could lead what is said to one person to another."""
    row = desk.mails(QUESTION, address="siti@contoh.id", Reply_To=f"Budi <{VISITOR}>")
    assert row.author == "siti@contoh.id"
    assert desk.letters(VISITOR) == []


def test_people_of_another_office_may_write_from_its_address(desk: Desk) -> None:
    row = desk.mails(QUESTION, office="6571", address="bps7411@bps.go.id")
    assert (row.intake, row.kind) == ("handled", "personal")
    (letter,) = desk.letters("bps7411@bps.go.id")
    back = desk.mail_arrives(letter.raw)  # what this desk writes bears its mark
    assert (back.intake, back.kind) == ("filed", "own")
    unmarked = re.sub(rb"(?im)^X-Loket-Mark:.*\r\n", b"", letter.raw.replace(b"bps6571@", b"bps7411@"))
    back = desk.mail_arrives(unmarked, "6571")
    assert (back.intake, back.kind) == ("filed", "own")
    assert desk.mails(QUESTION, office="7411", address="BPS7411+x@bps.go.id").kind == "own"


def test_an_answer_through_a_sales_program_is_a_persons(desk: Desk) -> None:
    """Its relay writes List-Unsubscribe into every mail, into answers too."""
    desk.mails("Mohon data luas panen padi 2021-2024 untuk skripsi")
    desk.replies("Untuk kecamatan mana?", asks_back=True)
    row = desk.mails(
        "Semua kecamatan.", answers=desk.letters()[-1], List_Unsubscribe="<mailto:x@crm.example>"
    )
    assert (row.intake, row.kind) == ("handled", "personal")
    assert desk.messages("in")[-1].body == "Semua kecamatan."
    assert desk.mails("Promo", List_Unsubscribe="<mailto:x@crm.example>").kind == "list"
