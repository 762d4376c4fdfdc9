"""The shipped standards say what their documents say, and the page says nothing that is only assumed."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.policy import AutoClose, Item, Office, Standard, Status
from handlers import shipped_files, standards
from handlers.settings import ConfigError, load

DOCUMENTS = Path(__file__).resolve().parents[1] / "sources"
OFFICES = load(shipped_files.sample_config(), {}).offices
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
STEPS = {"6302": (8, 6), "6402": (8, 6), "1905": (9, 9), "6571": (8, 9), "7411": (5, 7)}
RESTORED = {
    "6302": {"title", "procedure.in_person.0"},
    "6402": {"procedure.in_person.6"},
    "1905": set(),
    "6571": {"procedure.online.6", "procedure.online.7", "procedure.online.8"},
    "7411": {"title"},
}


def document(code: str) -> str:
    """The published text on one line, links by their words."""
    return " ".join(_LINK.sub(r"\1", (DOCUMENTS / f"{code}.txt").read_text("utf-8")).split())


def items(office: Office) -> Iterator[tuple[str, Item]]:
    """Every sentence of the standard that the document could hold, by its path."""
    yield "title", office.standard.title
    for part in ("requirements", "procedure"):
        for way in ("in_person", "online"):
            listed = getattr(getattr(office.standard, part), way)
            yield from ((f"{part}.{way}.{index}", item) for index, item in enumerate(listed))


@pytest.mark.parametrize("code", OFFICES)
def test_what_is_stated_stands_in_the_document_word_for_word(code: str) -> None:
    published = document(code)
    stated = [item.text for _, item in items(OFFICES[code]) if item.status is Status.STATED]
    assert len(stated) > 10
    assert [text for text in stated if text not in published] == []
    assert (OFFICES[code].standard.issuer or "?") in published


@pytest.mark.parametrize("code", OFFICES)
def test_what_was_mended_is_marked_and_told(code: str) -> None:
    mended = {path: item for path, item in items(OFFICES[code]) if item.status is Status.RESTORED}
    assert mended.keys() == RESTORED[code]
    assert all(item.note for item in mended.values())


@pytest.mark.parametrize("code", OFFICES)
def test_no_step_of_the_document_is_left_out(code: str) -> None:
    procedure = OFFICES[code].standard.procedure
    assert (len(procedure.in_person), len(procedure.online)) == STEPS[code]


@pytest.mark.parametrize("code", OFFICES)
def test_every_sentence_is_translated(code: str) -> None:
    assert [path for path, item in items(OFFICES[code]) if not item.en] == []


def test_the_second_list_goes_on_with_the_numbers_where_the_document_does() -> None:
    def numbers(code: str) -> list[int | None]:
        online = next(it for it in standards.sections(OFFICES[code], "id") if it.key == "procedure").groups[1]
        return [line.number for line in online.lines]

    assert numbers("6302") == [9, 10, 11, 12, 13, 14]
    assert numbers("6402") == [1, 2, 3, 4, 5, 6]


def _said(office: Office, language: str = "id") -> str:
    lines = [
        line
        for section in standards.sections(office, language)
        for group in section.groups
        for line in group.lines
    ]
    assert all(line.status is not Status.ASSUMED for line in lines)
    return "\n".join(line.text for line in lines)


def test_an_assumed_draft_is_named_but_never_shown() -> None:
    office = OFFICES["6402"]
    said = _said(office)
    assert "webchat atau email." in said  # its own step, which is stated
    drafts = {item.text for item in office.standard.requirements.in_person}
    assert drafts.isdisjoint(said.splitlines())
    assert "hari kerja" not in said
    assert "menit" not in said
    named = standards.unconfirmed(office, "id")
    assert "Persyaratan: Kunjungan langsung" in named
    assert "Jangka waktu pelayanan online" in named
    assert not any(re.search(r"\d", each) for each in named)


def test_confirming_the_draft_publishes_it() -> None:
    office = OFFICES["6402"]
    agreed = tuple(replace(item, status=Status.CONFIRMED) for item in office.standard.requirements.in_person)
    both = replace(office.standard.requirements, in_person=agreed)
    confirmed = replace(office, standard=replace(office.standard, requirements=both))
    assert agreed[0].text in _said(confirmed)
    assert "Persyaratan: Kunjungan langsung" not in standards.unconfirmed(confirmed, "id")
    assert "Persyaratan: Online" in standards.unconfirmed(confirmed, "id")


def test_an_assumed_rule_of_closing_is_not_said() -> None:
    rule = AutoClose("working_days", 3, "system", status=Status.ASSUMED)
    office = replace(OFFICES["7411"], autoclose=rule)
    assert standards.closing(office, "id") is None
    assert "Penutupan percakapan online" in standards.unconfirmed(office, "id")


def test_a_sentence_left_out_keeps_the_numbers_of_the_others() -> None:
    steps = (Item("satu"), Item("dua", status=Status.ASSUMED), Item("tiga"))
    office = replace(OFFICES["6302"], standard=Standard())
    both = replace(office.standard.procedure, in_person=steps)
    office = replace(office, standard=replace(office.standard, procedure=both))
    group = next(it for it in standards.sections(office, "id") if it.key == "procedure").groups[0]
    assert [(line.number, line.text) for line in group.lines] == [(1, "satu"), (3, "tiga")]


def test_all_fourteen_components_have_room() -> None:
    further = {part: (Item(f"isi {part}"),) for part in standards.FURTHER}
    office = OFFICES["6302"]
    full = replace(office, standard=replace(office.standard, **further))  # type: ignore[arg-type]  # lists only
    assert [section.number for section in standards.sections(full, "id")] == [*range(1, 15)]
    assert standards.not_published(full, "id") == ()
    assert len(standards.not_published(office, "id")) == 8


OFFICE = """
offices:
  "7499":
    short_name: XYZ
    name: {id: BPS Contoh, en: BPS Example}
    timezone: Asia/Jakarta
    standard: """


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("gone.yaml", "gone.yaml: can't be read: No such file or directory"),
        ("{titel: x}", 'offices.7499.standard.titel: unknown key; did you mean "title"?'),
        ("{procedure: {online: [{txt: x}]}}", "offices.7499.standard.procedure.online.0.txt: unknown key"),
        (
            "{procedure: {online: [{text: x, status: sure}]}}",
            "offices.7499.standard.procedure.online.0.status: must be",
        ),
        ('{staff: [" "]}', "offices.7499.standard.staff.0.text: is empty"),
        ("{procedure: {online: x}}", "offices.7499.standard.procedure.online: must be a list"),
        ("{procedure: [x]}", "offices.7499.standard.procedure: must be a mapping"),
        ("[x]", "offices.7499.standard: must be a mapping"),
        ("broken.yaml", "offices.7499.standard: broken.yaml, line 2: this is not YAML"),
        ("trap.yaml", "headline (line 1): a bare off is a truth value"),
    ],
)
def test_a_standard_that_can_not_be_read_is_refused_by_its_path(
    tmp_path: Path, written: str, told: str
) -> None:
    (tmp_path / "config.yaml").write_text(OFFICE + written, "utf-8")
    (tmp_path / "broken.yaml").write_text("title: [\n", "utf-8")
    (tmp_path / "trap.yaml").write_text("headline: off\n", "utf-8")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "config.yaml", {})
    assert told in "\n".join(caught.value.problems)


def test_a_standard_may_stand_in_the_block_or_beside_it(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(OFFICE + "own.yaml", "utf-8")
    (tmp_path / "own.yaml").write_text("procedure: {online: [Menulis, {text: Menunggu, en: Wait}]}", "utf-8")
    beside = load(tmp_path / "config.yaml", {}).offices["7499"].standard
    (tmp_path / "config.yaml").write_text(
        OFFICE + "{procedure: {online: [Menulis, {text: Menunggu, en: Wait}]}}", "utf-8"
    )
    assert load(tmp_path / "config.yaml", {}).offices["7499"].standard == beside
    assert beside.procedure.online == (Item("Menulis"), Item("Menunggu", "Wait"))
