"""Which template may be sent now, for a sender, a key and the languages that a citizen reads."""

from dataclasses import replace

from channels.contract import Template
from handlers.content_templates import ANSWER_READY, Sendable, sendable
from handlers.settings.templates import Template as Configured
from storage import content_templates
from storage.content_templates import Known
from tests.driver import SID, Desk

ABOUT = {"office": "BPS Kolaka\nTimur", "reference": "KTM-2026-00012", "name": ""}
SENDER = "+6282188887411"


def found(desk: Desk, *languages: str, sender: str = SENDER, key: str = ANSWER_READY) -> Sendable | None:
    with desk.runtime.database.read() as connection:
        return sendable(desk.runtime, connection, sender, key, languages or ("id",))


def known(desk: Desk, **changes: str) -> None:
    wording = desk.runtime.settings.channels.whatsapp.templates[ANSWER_READY].content["id"]
    row = Known(SID, ANSWER_READY, "id", "HX" + "1" * 32, wording.mark, approval="approved")
    with desk.runtime.database.write() as connection:
        content_templates.keep(connection, replace(row, **changes), desk.clock())


def test_one_that_is_not_pushed_approved_or_configured_is_not_sent(desk: Desk) -> None:
    assert found(desk) is None
    for changes in ({"approval": "pending"}, {"wording": "older"}, {"account": "AC1"}, {"language": "en"}):
        known(desk, **changes)
        assert found(desk) is None
    known(desk)
    assert found(desk, key="other") is None
    template = found(desk)
    assert template is not None
    assert (template.content_id, template.language) == ("HX" + "1" * 32, "id")
    known(desk, approval="paused", reason="x" * 300)
    assert found(desk) is None


def test_the_first_language_that_is_ready_counts(desk: Desk) -> None:
    ids = desk.approves()
    chosen = [found(desk, *languages) for languages in (("en", "id"), ("fr", "id"), ("fr",))]
    assert [each and each.content_id for each in chosen] == [ids["en"], ids["id"], None]


def test_it_reads_as_configured_with_clean_values(desk: Desk) -> None:
    desk.approves()
    template = found(desk)
    assert template is not None
    filled = template.filled(ABOUT)
    assert filled.values == ("BPS Kolaka Timur", "KTM-2026-00012")
    assert "jawaban BPS Kolaka Timur untuk tiket KTM-2026-00012 sudah siap" in template.text(filled)


def test_a_value_is_one_line_never_empty_and_never_long() -> None:
    values = Template("HX", "k", "id", ("a\r\n b     c\t", " \n ", "é" * 300)).values
    assert values == ("a b c", "-", "é" * 250)


def test_an_id_fixed_in_the_configuration_needs_no_push_but_minds_a_refusal(desk: Desk) -> None:
    fixed = "HX" + "2" * 32
    templates = desk.runtime.settings.channels.whatsapp.templates
    wording = templates[ANSWER_READY].content["id"].model_copy(update={"content_sid": fixed})
    templates[ANSWER_READY] = Configured(content={"id": wording})
    template = found(desk)
    assert template is not None
    assert template.content_id == fixed
    known(desk, approval="rejected")
    assert found(desk) is not None
    known(desk, approval="rejected", content_id=fixed)
    assert found(desk) is None
