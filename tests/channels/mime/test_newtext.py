"""What is new, and what must never be lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.mime.newtext import Mark, new_text

ANNOUNCED = "Pada 3 Jun 2024 10.15, BPS <a@b.example> menulis:"


FIGURES = "Jumlah penduduk:\n0-14 tahun: 30.100\n> 60 tahun: 9.100\n> 65 tahun: 5.400\nSalam"


@pytest.mark.parametrize(
    "own",
    [
        FIGURES,
        FIGURES.replace("> ", ">"),
        FIGURES.replace("\n>", "\n\n>", 1),
        "Umur\n> 60: 9.100\n> 65: 5.400\nBekerja\n> 15: 30.100\n> 18: 28.000",
        "Selamat pagi, berikut datanya.\n--\nInflasi 2024: 2,1 persen\nInflasi 2025: 2,4 persen",
        "Berikut datanya.\n\n--\n" + "\n".join(f"Inflasi {year}: 2,1 persen" for year in range(2018, 2026)),
        "Selamat pagi.\nPada tanggal 3 Juli 2026 pukul 10.00 saya menulis:\nmohon data padi, belum dijawab.",
    ],
)
def test_no_word_of_the_writer_is_lost(own: str) -> None:
    assert new_text(own).text == own
    assert new_text(f"{own}\n\n{ANNOUNCED}\n> Mohon data\n> 2024").text == own


@pytest.mark.parametrize(
    "last",
    [
        "Kalau data 2024 apakah sudah ada?",
        "Tanggal rilis data 2025 kapan?",
        "Inflasi 2024: 2,1 persen\nInflasi 2025: 2,4 persen",
        "Dari: Bappeda Kolaka Timur\nTerima kasih",
    ],
)
@pytest.mark.parametrize(
    "repeated",
    [
        "Pada 6 Jul 2026 08.00 +0700, BPS <a@b.example>, menulis:\n> x",
        "Pada Sen, 6 Jul 2026 pukul 08.00 BPS Kabupaten Kolaka Timur\n<a@b.example> menulis:\n> x",
        "On 6 Jul 2026 at 8.00 AM +0700, BPS <a@b.example>, wrote:\n> x",
        "Am 06.07.2026 um 10:15 schrieb BPS <a@b.example>:\n> x",
        "BPS <a@b.example> menulis:\n> x",
        "Dari: BPS <a@b.example>\nDikirim: Senin, 06 Juli 2026 08:00\nKepada: B\nSubjek: x\n\nx",
    ],
)
def test_the_line_right_above_what_is_repeated_stays(last: str, repeated: str) -> None:
    own = f"Terima kasih Bu.\n{last}"
    assert new_text(f"{own}\n{repeated}").text == own


@pytest.mark.parametrize(
    ("full", "new"),
    [
        ("Halo", "Halo"),
        ("", ""),
        ("\n\n  Halo\n\n", "  Halo"),
        (f"Ya\n{ANNOUNCED}\n> x", "Ya"),
        (f"{ANNOUNCED}\n> x\n\nYa", "Ya"),
        (f"{ANNOUNCED}\n> x", f"{ANNOUNCED}\n> x"),
        (f"Ya\n{ANNOUNCED}\nlama tanpa tanda", "Ya"),
        (f"{ANNOUNCED}\nlama tanpa tanda\n\nYa", f"{ANNOUNCED}\nlama tanpa tanda\n\nYa"),
        ("Ya\n2014-04-03 11:03 GMT+07:00 BPS <a@b.example>:\n> x", "Ya"),
        ("Ya\nAm 03.06.2024 um 10:15 schrieb BPS <a@b.example>:\n> x", "Ya"),
        ("Ya\n\nPada 3 Jun 2024 10.15, BPS Kabupaten Contoh\n<a@b.example>\nmenulis:\n> x", "Ya"),
        ("Ya\n> bukan lama, hanya tanda\ntidak", "Ya\n> bukan lama, hanya tanda\ntidak"),
        ("Ya\n-- \nBudi\n", "Ya"),
        ("Ya\n\n--\nBudi\nSeksi Statistik", "Ya"),
        ("Ya\nBudi menulis:\n> x\n> y", "Ya\nBudi menulis:"),
        ("Ya\n\n> 1. Mohon data\n> terima kasih", "Ya"),
        ("-- \nBudi", "-- \nBudi"),
        ("Ya\n--\n" + "baris\n" * 30 + "akhir", "Ya\n--\n" + "baris\n" * 30 + "akhir"),
        ("Ya\nSent from my iPhone\nNomor saya 1", "Ya\nSent from my iPhone\nNomor saya 1"),
        ("Data dikirim dari BPS pusat", "Data dikirim dari BPS pusat"),
        ("Dikirim dari iPhone saya", "Dikirim dari iPhone saya"),
        ("Ya\n> -----Pesan Asli-----\n> x", "Ya"),
        ("> Balas di atas baris ini\n> x\nYa", "Ya"),
    ],
)
def test_new_text(full: str, new: str) -> None:
    assert new_text(full).text == new


def test_a_forward_keeps_what_it_hands_on_and_a_reply_does_not() -> None:
    block = "Dari: A <a@b.example>\nDikirim: Senin 10:15\nKepada: B\nSubjek: x\n\nIsi."
    assert new_text(f"Mohon dibantu\n\n{block}", "FW: x").text == f"Mohon dibantu\n\n{block}"
    assert new_text(f"Terima kasih\n\n{block}", "Re: Fwd: x").text == "Terima kasih"
    assert new_text(block, "x").text == block


def test_answers_between_quotes_keep_the_last_lines_they_answer() -> None:
    full = "\n".join([*(f"> {number}" for number in range(9)), "satu", "> akhir", "dua", "> sisa"])
    assert new_text(full).text == "> 4\n> 5\n> 6\n> 7\n> 8\nsatu\n> akhir\ndua"


def test_what_was_cut_is_named_with_its_place() -> None:
    full = f"Ya\n\n{ANNOUNCED}\n> x\n> y\n\nsudah\n-- \nBudi"
    found = new_text(full)
    assert [(full[cut.start : cut.end], cut.why) for cut in found.cuts] == [
        (f"{ANNOUNCED}\n", Mark.ANNOUNCED),
        ("> x\n> y\n", Mark.QUOTED),
        ("-- \nBudi", Mark.SIGNATURE),
    ]


LINES = st.lists(
    st.sampled_from(
        [
            *(
                "Halo",
                "",
                "> x",
                ">> y",
                ANNOUNCED,
                "-----Pesan Asli-----",
                "Dari: A <a@b.example>",
                "-- ",
                "  ",
            ),
            *("Dikirim: Senin 10:15", "Kepada: B", "menulis:", "Pada 3 Jun 2024", "Dikirim dari iPhone saya"),
            *("---------- Pesan terusan ---------", "________", "## Balas di atas baris ini ##", "dua"),
        ]
    ),
    max_size=25,
)


@settings(max_examples=500, deadline=None)
@given(LINES, st.sampled_from(["Re: x", "Fwd: x"]))
def test_the_full_text_without_its_cuts_is_the_new_text(lines: list[str], subject: str) -> None:
    full = "\n".join(lines)
    found = new_text(full, subject)
    rest, at = [], 0
    for cut in found.cuts:
        assert at <= cut.start < cut.end <= len(full)
        rest.append(full[at : cut.start])
        at = cut.end
    rest.append(full[at:])
    assert "".join(rest).strip("\n").rstrip() == found.text.rstrip()
    assert bool(found.text.strip()) or not any(letter.isalnum() for letter in full)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300))
def test_a_text_without_layouts_stays_whole(text: str) -> None:
    """No library's words in it, no ``>`` and no dashes: nothing may go."""
    plain = text.replace(">", "").replace("-", "").replace(":", "").replace("\r", "")
    assert new_text(plain).text == plain.strip("\n").rstrip()
