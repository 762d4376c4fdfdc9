"""Who quotes an officer's message answers it, whoever has spoken since."""

import pytest

from tests.driver import Desk
from tests.handlers.correspondence import asks, mail_to, wishing

ASKED_BACK, SENT = "Kapan kejadiannya?", "Ini datanya."


def _with_a_complaint_beside(desk: Desk) -> tuple[int, int]:
    """A consultation and the complaint of the same person; the officers of both have written."""
    wishing(desk, "sari")
    consultation = asks(desk)
    desk.replies("Data yang mana?", consultation, by="sari", asks_back=True)
    desk.writes("pengaduan")
    desk.writes("Petugas itu kasar kemarin")
    complaint = desk.tickets()[-1].id
    desk.replies(ASKED_BACK, complaint, asks_back=True)
    desk.replies(SENT, consultation, by="sari")
    desk.settle()
    return consultation, complaint


def _quotes(desk: Desk, quoted: str, text: str) -> int | None:
    """The ticket that a citizen's words go to who quotes that message."""
    sid = next(row.external_id for row in desk.messages("out") if row.body == quoted)
    desk.writes(text, OriginalRepliedMessageSid=sid)
    return desk.messages()[-1].ticket_id  # type: ignore[no-any-return]


@pytest.mark.parametrize("order", [(ASKED_BACK, SENT), (SENT, ASKED_BACK)])
def test_words_go_to_the_ticket_of_the_message_that_they_quote(order: tuple[str, str], desk: Desk) -> None:
    consultation, complaint = _with_a_complaint_beside(desk)
    for quoted in order:
        went = _quotes(desk, quoted, f"Balasan untuk: {quoted}")
        assert went == (complaint if quoted == ASKED_BACK else consultation)


def test_the_officer_of_the_consultation_hears_nothing_of_it(desk: Desk) -> None:
    _with_a_complaint_beside(desk)
    _quotes(desk, ASKED_BACK, "Hari Senin, orangnya seperti zebra")
    assert not any("zebra" in letter.text for letter in mail_to(desk, "sari"))


def test_what_quotes_nothing_or_the_bot_goes_where_an_officer_spoke_last(desk: Desk) -> None:
    consultation, _ = _with_a_complaint_beside(desk)
    desk.writes("Baik, saya tunggu tahun 2024 juga")
    assert desk.messages()[-1].ticket_id == consultation
    receipt = next(row.body for row in desk.messages("out") if "KTM-P-" in row.body)
    assert _quotes(desk, receipt, "Dan tahun 2023") == consultation
