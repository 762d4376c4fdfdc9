"""Who has said who they are is not asked again, and what is asked for meanwhile is not lost."""

import pytest

from bot.texts import Text
from tests.bot.desk import PLAIN, REGISTERING, after

FILLED = (
    "Nama: Rina Wati\nInstansi: Dinas Kesehatan\nEmail: rina@dinkes.go.id\nKeperluan: perencanaan\n"
    "Data: jumlah puskesmas per kelurahan 2020-2024"
)


def test_lines_that_were_filled_in_are_believed() -> None:
    shell = after(FILLED, desk=REGISTERING)
    profile, draft = shell.value.profile, shell.value.draft
    assert (profile.name, profile.email) == ("Rina Wati", "rina@dinkes.go.id")
    assert (profile.institution_category, profile.main_use) == ("pemda", "pemerintahan")
    assert (draft.what, draft.years, draft.use) == (
        "jumlah puskesmas per kelurahan 2020-2024", "2020-2024", "perencanaan",
    )  # fmt: skip
    assert draft.text == FILLED


def test_a_name_that_was_told_is_not_asked_for() -> None:
    shell = after("perkenalkan nama saya Siti Nurhaliza, mau minta data ipm 2023", desk=REGISTERING)
    assert shell.value.profile.name == "Siti Nurhaliza"
    assert Text.ASK_NAME not in shell.said


def test_where_nobody_registers_nothing_is_kept_of_it() -> None:
    assert after(FILLED, desk=PLAIN).value.profile.name == ""


@pytest.mark.parametrize(
    "said", ["data sekolah", "data perusahaan", "data rumah tangga", "data siswa dan guru"]
)
def test_data_named_instead_of_a_name_are_kept(said: str) -> None:
    shell = after("halo", "mau minta data", said, desk=REGISTERING)
    assert shell.said == [Text.NAME_UNCLEAR, Text.ASK_NAME]
    assert said in shell.value.draft.text


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        *(("petani", "lainnya"), ("LSM", "lainnya"), ("pensiunan", "lainnya"), ("umkm", "lainnya")),
        *(("bank bri", "bumn"), ("konsultan", "swasta"), ("kelurahan", "pemda"), ("puskesmas", "pemda")),
        *(("smk", "pendidikan"), ("kpu", "lembaga_negara"), ("kantor pajak", "kementerian")),
    ],
)
def test_where_somebody_is_from_in_their_own_words(said: str, kind: str) -> None:
    shell = after("ipm tarakan 2023 tugas", "Sari", said, desk=REGISTERING)
    assert shell.value.profile.institution_category == kind


def test_data_are_no_answer_to_where_somebody_is_from() -> None:
    shell = after("ipm tarakan 2023 tugas", "Sari", "data perusahaan industri", desk=REGISTERING)
    assert shell.said[0] is Text.CHOICE_UNCLEAR
    assert "data perusahaan industri" in shell.value.draft.text


def test_a_thumb_at_the_menu_asks_for_nothing() -> None:
    assert after("halo", "👍", desk=REGISTERING).said == [Text.THANKS]
