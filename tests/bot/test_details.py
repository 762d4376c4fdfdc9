"""What a request already tells, and how answers complete it."""

import pytest

from bot import details
from bot.conversation import Request

HERE = "Kotabaru"


@pytest.mark.parametrize(
    ("office", "place"),
    [
        ("BPS Kabupaten Kolaka Timur", "Kolaka Timur"),
        ("BPS Kota Tarakan", "Tarakan"),
        ("Badan Pusat Statistik Kab. Kotabaru", "Kotabaru"),
        ("BPS Provinsi Kalimantan Utara", "Kalimantan Utara"),
    ],
)
def test_an_office_is_named_after_its_place(office: str, place: str) -> None:
    assert details.place_of(office) == place


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("ipm 2024", "2024"),
        ("pdrb 2019-2023", "2019-2023"),
        ("pdrb 2019 – 2023", "2019 – 2023"),
        ("padi tahun 2022 s.d. 2024", "2022 s.d. 2024"),
        ("padi 2022 s/d 2024", "2022 s/d 2024"),
        ("padi 2022 sampai dengan tahun 2024", "2022 sampai dengan tahun 2024"),
        ("padi 2022 sd 2024", "2022 sd 2024"),
        ("padi 2020, 2021 dan 2022", "2020, 2021 dan 2022"),
        ("padi 2020 2021 2022", "2020 2021 2022"),
        ("padi 2020/2021", "2020/2021"),
        ("padi\n2020  -\n 2022", "2020 - 2022"),
        ("ntp 5 thn terakhir", "5 thn terakhir"),
        ("ntp lima tahun terakhir", "lima tahun terakhir"),
        ("ipm terbaru ada?", "terbaru"),
        ("inflasi tahun lalu", "tahun lalu"),
        ("population 2019 to 2022", "2019 to 2022"),
        ("latest figures", "latest"),
        ("untuk RPJMD tahun 2025–2029: padi 2018 s.d. 2023", "2018 s.d. 2023"),
        ("data untuk renstra 2025-2029", "2025-2029"),
        ("jml sekolah sd di pulau laut", ""),
        ("kode pos 72113", ""),
        ("min suhu harian", ""),
    ],
)
def test_years_come_in_many_shapes(text: str, years: str) -> None:
    assert details.read(text, HERE).years == years


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("pdrb kab brp thn 2023", "Kotabaru"),
        ("jmlh pddk kotabaru 2024", "Kotabaru"),
        ("jumlah kk kab kotabaru", "Kotabaru"),
        ("penduduk Kecamatan Pulau Laut Utara", "Kecamatan Pulau Laut Utara"),
        ("penduduk kec. kelumpang hulu 2020", "kec. kelumpang hulu"),
        ("desa mana saja yang miskin di kab", "Kotabaru"),
        ("kecamatan apa yang terluas", ""),
        ("kota banjarmasin 2023", "kota banjarmasin"),
        ("ipm se-indonesia", "Indonesia"),
        ("data kecamatan dan desa", ""),
        ("pdrb 2023", ""),
    ],
)
def test_an_area_is_not_guessed_from_any_word(text: str, area: str) -> None:
    assert details.read(text, HERE).area == area


@pytest.mark.parametrize(
    ("text", "use"),
    [
        ("data padi untuk skripsi saya, terima kasih", "skripsi saya"),
        ("data padi buat tugas kuliah", "tugas kuliah"),
        ("data padi untuk tahun 2023", ""),
        ("data padi untuk kotabaru", ""),
        ("data padi untuk kotabaru. untuk perencanaan dinas", "perencanaan dinas"),
        ("pdrb menurut lapangan usaha", ""),
        ("skripsi saya butuh data padi", "skripsi"),
        ("poverty figures for my thesis", "my thesis"),
    ],
)
def test_a_use_is_told_or_not(text: str, use: str) -> None:
    assert details.read(text, HERE).use == use


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("saya mau tanya data", False),
        ("data tahun 2023", False),
        ("min ada data ga", False),
        ("data kotabaru 2023", False),
        ("halo, nama saya Rina", False),
        ("maaf mau tanya", False),
        ("saya mahasiswa UHO mau minta data", False),
        ("kami dari dinas perikanan, stunting 2023", True),
        ("ipm 2023", True),
        ("harga beras", True),
    ],
)
def test_which_data_is_told_or_not(text: str, tells: bool) -> None:
    assert bool(details.read(text, HERE).what) is tells


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            "Selamat sore Bapak/Ibu 🙏😊\n\nPerkenalkan, saya Andi dari Dinas PU 🌾.\n\nMohon data padi",
            "Mohon data padi",
        ),
        ("assalamualaikum wr. wb. pak, mohon data ipm", "mohon data ipm"),
        ("halo min, data padi", "data padi"),
        ("Halo, do you have GDP data?", "do you have GDP data?"),
        ("selamat pagi padi", "padi"),
        ("Demikian data padi", "Demikian data padi"),
        ("data padi. nama saya Andi.", "data padi. nama saya Andi."),
        (
            "Selamat pagi pak, perkenalkan saya Rina dari UHO, izin meminta data padi 2020. Terima kasih.",
            "izin meminta data padi 2020. Terima kasih.",
        ),
        ("nama saya Rina mahasiswa UHO butuh data padi. Terima kasih", "butuh data padi. Terima kasih"),
        ("maaf mengganggu waktunya pak, ada data padi?", "ada data padi?"),
        ("izin bertanya kak, apakah ada data padi?", "apakah ada data padi?"),
        ("my name is John from Kendari, I need rice data.", "need rice data."),
        # Nobody knows whether what stands behind the name is wanted: it stays.
        (
            "nama saya Rina, stunting di sini. Terima kasih.",
            "nama saya Rina, stunting di sini. Terima kasih.",
        ),
    ],
)
def test_the_data_is_told_without_the_opening(text: str, what: str) -> None:
    assert details.read(text, HERE).what == what


def asked(**told: str) -> Request:
    return Request(text="data penduduk", **{"what": "data penduduk", **told})


@pytest.mark.parametrize(
    ("request_before", "text", "parts"),
    [
        # Labelled lines, in any order; a label corrects what was told before.
        (asked(), "Wilayah: Pulau Laut\nTahun: 2020", ("data penduduk", "Pulau Laut", "2020", "")),
        (
            asked(),
            "data: kelahiran\nkeperluan = skripsi\nperiode: 2019",
            ("kelahiran", "", "2019", "skripsi"),
        ),
        # Numbered lines in the order asked, on lines or on one.
        (asked(), "1. Kotabaru\n2. 2020\n3. tugas", ("data penduduk", "Kotabaru", "2020", "tugas")),
        (asked(), "1) Kotabaru 2) 2020 3) tugas", ("data penduduk", "Kotabaru", "2020", "tugas")),
        # One part for each missing thing; a year finds its place.
        (asked(), "Pulau Sebuku, 2020, skripsi", ("data penduduk", "Pulau Sebuku", "2020", "skripsi")),
        (asked(), "2020, Pulau Sebuku, skripsi", ("data penduduk", "Pulau Sebuku", "2020", "skripsi")),
        (Request(), "penduduk\nkotabaru\n2020\ntugas", ("penduduk", "kotabaru", "2020", "tugas")),
        # Free text; what is not in it stays open.
        (asked(), "kotabaru tahun 2020 ya", ("data penduduk", "Kotabaru", "2020", "")),
        (asked(), "untuk skripsi", ("data penduduk", "", "", "skripsi")),
        (
            asked(area="Kotabaru", use="skripsi"),
            "2020 aja pak",
            ("data penduduk", "Kotabaru", "2020", "skripsi"),
        ),
        (
            asked(area="Kotabaru", years="2020"),
            "mau lihat perkembangan",
            ("data penduduk", "Kotabaru", "2020", "mau lihat perkembangan"),
        ),
        # Numbers in a sentence are no numbering.
        (asked(), "2.5 persen sampel kotabaru", ("data penduduk", "Kotabaru", "", "")),
    ],
)
def test_an_answer_completes_the_request(
    request_before: Request, text: str, parts: tuple[str, str, str, str]
) -> None:
    after = details.answer(request_before, text, HERE)
    assert (after.what, after.area, after.years, after.use) == parts


def test_partial_answers_and_all_words_are_kept() -> None:
    first = details.add(Request(), "data penduduk", HERE)
    second = details.answer(first, "kotabaru", HERE)
    third = details.answer(second, "2020\nskripsi", HERE)
    assert third == Request(
        "data penduduk\nkotabaru\n2020\nskripsi", "data penduduk", "Kotabaru", "2020", "skripsi"
    )
    assert third.missing == ()


@pytest.mark.parametrize(
    ("before", "text", "what"),
    [
        ("nama saya Rina, UHO Kendari", "data padi 2020", "data padi 2020"),
        ("nama saya Rina, stunting", "di pulau laut, untuk skripsi", "nama saya Rina, stunting"),
        ("mau lihat perkembangan di sini", "jumlah penduduk 2020", "jumlah penduduk 2020"),
        ("stunting", "2020, data skripsi", "stunting"),
        ("data stunting", "jumlah penduduk", "data stunting"),
    ],
)
def test_words_that_name_no_data_give_way_to_those_that_do(before: str, text: str, what: str) -> None:
    first = details.add(Request(), before, HERE)
    told = (
        details.answer(first, text, HERE),
        details.add(first, text, HERE),
        details.correct(first, text, HERE, anew=False),
    )
    assert {each.what for each in told} == {what}
    assert {each.text for each in told} == {f"{before}\n{text}"}


def test_words_that_say_it_twice_stand_once() -> None:
    once = details.add(Request(), "data penduduk", HERE)
    assert details.keep(once, " data penduduk ") == once


@pytest.mark.parametrize(
    ("text", "anew", "what", "years"),
    [
        ("tidak, tahunnya 2022", False, "data penduduk", "2022"),
        ("tambah jenis kelamin", False, "data penduduk", "2020"),
        ("tahunnya 2022 saja", True, "data penduduk", "2022"),
        ("data kemiskinan 2021", True, "data kemiskinan 2021", "2021"),
        ("harga beras", True, "harga beras", "2020"),
        ("data: harga beras", False, "harga beras", "2020"),
    ],
)
def test_a_correction_keeps_what_it_does_not_name(text: str, anew: bool, what: str, years: str) -> None:
    after = details.correct(asked(years="2020"), text, HERE, anew=anew)
    assert (after.what, after.years) == (what, years)
    assert after.text == f"data penduduk\n{text}"
