"""Whether a text answers the question that was put."""

import pytest

from bot import answers, words
from bot.answers import Reply


@pytest.mark.parametrize(
    ("text", "scored"),
    [
        ("4", (4, "")),
        ("*4*", (4, "")),
        ("4️⃣", (4, "")),
        ("nilai 3", (3, "")),
        ("bintang 4", (4, "")),
        ("empat", (4, "")),
        ("4 pak", (4, "")),
        ("4 petugasnya ramah", (4, "petugasnya ramah")),
        ("4 petugasnya mau membantu", (4, "petugasnya mau membantu")),
        ("2, jawaban lama", (2, "jawaban lama")),
        ("1\nlambat", (1, "lambat")),
        ("sangat baik", (4, "")),
        ("Baik, terima kasih pak", (3, "")),
        ("kurang puas", (2, "")),
        ("tidak baik", (1, "")),
        ("bagus, 4 ya", (4, "bagus")),
        ("nilainya 4 kak", (4, "")),
        ("saya kasih 3 aja", (3, "")),
        ("kurang puas, 2", (2, "kurang puas")),
        ("sangat baik 4", (4, "sangat baik")),
        ("sip, 4 bintang", (4, "")),
        ("4 bintang", (4, "")),
        ("4 bintang, petugasnya ramah", (4, "petugasnya ramah")),
        ("pelayanannya sangat baik", (4, "")),
        ("puas banget kak", (4, "")),
        ("layanannya kurang baik", (2, "")),
        ("5 bintang", None),
        ("sip 4 data", None),
        ("bagus 4, data 2023 ada?", None),
        ("data ipm 4 kota bagus", None),
        ("bagus 4 atau 5", None),
        ("bagus, 4 kecamatan", None),
        ("4 kecamatan data penduduk brp?", None),
        ("3 kabupaten di kalsel", None),
        ("2 tahun terakhir saja", None),
        ("saya mau tanya data penduduk", None),
        ("4 tolong hubungkan ke petugas", None),
        ("5", None),
        ("0", None),
        ("10", None),
        ("4,5", None),
        ("4/5", None),
        ("2023", None),
        ("", None),
        ("baik sekali data ini lengkap ada yang 2023?", None),
    ],
)
def test_a_rating_is_not_confused_with_a_question(text: str, scored: tuple[int, str] | None) -> None:
    assert answers.rating(text) == scored


@pytest.mark.parametrize(
    ("text", "opines"),
    [
        ("5 bintang", True),
        ("10/10", True),
        ("petugasnya ramah dan cepat", True),
        ("biasa saja", True),
        ("responnya kurang cepat", True),
        ("saya kurang paham penjelasannya", False),
        ("hotel bintang 5", False),
        ("pelayanan", False),
        ("2023", False),
        ("", False),
    ],
)
def test_an_opinion_says_nothing_else(text: str, opines: bool) -> None:
    assert answers.opines(text) is opines


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Siti Aminah", "Siti Aminah"),
        ("Siti Aminah.", "Siti Aminah"),
        ("nama saya Siti Aminah", "Siti Aminah"),
        ("Halo, nama saya Siti Aminah dari Unlam", "Siti Aminah"),
        ("saya Budi", "Budi"),
        ("my name is John O'Brien", "John O'Brien"),
        ("Ni'mah", "Ni'mah"),
        ("Ma’ruf Amin", "Ma’ruf Amin"),
        ("dr. Siti Aminah, S.E.", "dr. Siti Aminah, S.E."),
        ("Prof. Dr. Ir. H. Budi Santoso, M.Sc.", "Prof. Dr. Ir. H. Budi Santoso, M.Sc."),
        ("I Wayan Sudarma", "I Wayan Sudarma"),
        ("I Wayan", "I Wayan"),
        ("Ni Luh Putu", "Ni Luh Putu"),
        ("Suharto", "Suharto"),
        ("*Budi*", "Budi"),
        ("Indah Pagi", "Indah Pagi"),
        ("Kasih Permata", "Kasih Permata"),
        ("nama saya Kasih", "Kasih"),
        ("nama saya Budi Data", "Budi Data"),
        ("nama saya Budi, mau tanya data penduduk", "Budi"),
        ("Selamat Riyadi", "Selamat Riyadi"),
        # Words of ours that nobody introduced as a name are asked about once more.
        ("Budi Data", None),
        ("Kasih", None),
        ("data penduduk", None),
        ("berapa ipm kotabaru?", None),
        ("saya mau tanya", None),
        ("saya mahasiswa", None),
        ("tidak mau", None),
        ("p", None),
        ("halo", None),
        ("1", None),
        ("Budi 2", None),
        ("budi@contoh.id", None),
        ("batal", None),
        ("ya", None),
        ("x" * 81, None),
        ("", None),
        ("🙂", None),
    ],
)
def test_a_name_is_taken_as_typed(text: str, name: str | None) -> None:
    assert answers.name(text) == name


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("budi@contoh.id", "budi@contoh.id"),
        ("Budi.S+data@Contoh.CO.ID", "budi.s+data@contoh.co.id"),
        ("email saya budi@contoh.id ya pak.", "budi@contoh.id"),
        ("kirim ke: <budi@contoh.id>, terima kasih", "budi@contoh.id"),
        ("'budi@contoh.id'", "budi@contoh.id"),
        ("mailto:budi@contoh.id", "budi@contoh.id"),
        ("budi@contoh.id.", "budi@contoh.id"),
        ("tidak punya email", None),
        ("budi@contoh", None),
        ("budi @contoh.id", None),
        ("@contoh.id", None),
        ("budi@.id", None),
        ("budi..s@contoh.id", None),
        ("budi.@contoh.id", None),
        ("budi@-contoh.id", None),
        ("x" * 65 + "@contoh.id", None),
        ("", None),
    ],
)
def test_an_address_is_found_in_a_sentence(text: str, address: str | None) -> None:
    assert answers.email(text) == address


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("6", "pendidikan"),
        ("6.", "pendidikan"),
        ("no 6", "pendidikan"),
        ("enam", "pendidikan"),
        ("lima", "internasional"),
        ("mahasiswa", "pendidikan"),
        ("Saya mahasiswa Unlam", "pendidikan"),
        ("Dinas Pendidikan Kotabaru", "pemda"),
        ("6 mahasiswa", "pendidikan"),
        ("pemerintah daerah", "pemda"),
        ("ibu rumah tangga", "lainnya"),
        ("10", None),
        ("0", None),
        ("99999999999999999999", None),
        ("tidak tahu", None),
        ("data perusahaan swasta tahun 2023 ada?", None),
        ("", None),
    ],
)
def test_a_choice_is_made_by_number_or_word(text: str, option: str | None) -> None:
    assert answers.choice(text, words.INSTITUTIONS, words.INSTITUTION_WORDS) == option


@pytest.mark.parametrize(
    ("text", "option"),
    [("1", "tugas"), ("untuk skripsi", "tugas"), ("untuk data skripsi", "tugas"), ("riset", "penelitian")],
)
def test_a_main_use_is_chosen(text: str, option: str) -> None:
    assert answers.choice(text, words.MAIN_USES, words.MAIN_USE_WORDS) == option


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("ya", Reply.YES),
        ("Y", Reply.YES),
        ("1", Reply.YES),
        ("iya betul pak", Reply.YES),
        ("ok terima kasih", Reply.YES),
        ("sudah sesuai", Reply.YES),
        ("yes please", Reply.YES),
        ("👍", Reply.YES),
        ("2", Reply.REWRITE),
        ("ubah dong", Reply.REWRITE),
        ("tidak", Reply.NO),
        ("belum benar", Reply.NO),
        ("bukan pak", Reply.NO),
        ("no", Reply.NO),
        ("tidak, tahunnya 2022", None),
        ("ya data penduduk 2023", None),
        ("3", None),
        ("terima kasih", None),
        ("🙏", None),
        ("", None),
    ],
)
def test_a_confirmation_is_one_of_three(text: str, reply: Reply | None) -> None:
    assert answers.confirmation(text) is reply


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("nomor 2", 2),
        ("pilih dua", 2),
        ("3 pak", 3),
        ("2023", 2023),
        ("1 2", None),
        ("12345", None),
    ],
)
def test_a_number_is_all_of_a_message(text: str, number: int | None) -> None:
    assert answers.number(text) == number


@pytest.mark.parametrize("text", ["data penduduk", "2023", "kemiskinan", "kecamatan pulau laut"])
def test_content_tells(text: str) -> None:
    assert answers.tells(text)


@pytest.mark.parametrize(
    "text", ["p", "ok", "ya", "tidak", "3", "menu", "terima kasih", "mulai", "", "👍", "99"]
)
def test_courtesy_and_commands_tell_nothing(text: str) -> None:
    assert not answers.tells(text)


def test_leaving_out_is_understood() -> None:
    assert answers.skips("LEWATI")
    assert answers.skips("tidak tahu")
    assert not answers.skips("lewati saja yang itu")
