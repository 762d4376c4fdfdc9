"""What people want who do not use the words of the menu: who this is, a person, to complain, silence."""

import pytest

from bot.effects import RequestCopy
from bot.texts import Text
from bot.understanding import Intent, intent
from tests.bot.desk import after, with_officer

MEANT = {
    Intent.SMALL: (
        *(
            "siapa ini?",
            "ini siapa ya",
            "maaf ini dengan siapa?",
            "ini nomor BPS ya?",
            "benar ini bps kotabaru?",
        ),
        *("ini wa bps kotabaru kah", "apa benar ini kantor statistik"),
    ),
    Intent.HUMAN: (
        *("ada orang ga disini", "apakah ada admin", "mau ketemu pak kepala", "maaf saya ga bisa ngetik"),
        *("mau bicara dgn kasi statistik sosial", "tolong sambungkan ke bagian IPDS"),
    ),
    Intent.COMPLAIN: (
        *("dari kemarin WA saya tidak dibalas-balas", "kok ga dibales sih", "halo kok ga ada yang jawab"),
        *("petugas sensus maksa masuk rumah", "petugas bps bentak ibu saya", "saya akan lapor ke ombudsman"),
        *(
            "petugas sensus yang datang ke rumah saya semalam bentak ibu saya",
            "pelayanannya kurang memuaskan",
        ),
        "mohon maaf saya kurang berkenan dengan pelayanan kemarin",
    ),
    Intent.STATUS: ("sudah 3 hari belum ada jawaban",),
    Intent.OPT_OUT: (
        *("stop sms", "stopp", "setop", "brenti", "berhenti langganan", "Stop Promotions"),
        *("sy ga mau di wa lagi", "saya tidak mau menerima pesan lagi", "jangan ganggu saya"),
    ),
    Intent.PRIVACY: ("data saya apa aja yg disimpan", "apakah data saya aman"),
}
ABOUT_DATA = (
    "data saya untuk skripsi ipm 2023",
    "ada petugas kesehatan berapa",
    "wawancara kepala bps soal inflasi",
    "bicara soal kepala daerah",
    "apakah ini data bps kotabaru 2023",
    "berhenti sekolah",
    "kemarin saya minta data tidak lengkap",
    "kok tidak ada data 2023",
    "data tidak bisa baca",
    "penduduk usia 10 tahun tidak dapat membaca dan menulis",
    "dengan siapa saya bisa minta data pdrb",
)


@pytest.mark.parametrize(
    ("wanted", "text"), [(wanted, text) for wanted, texts in MEANT.items() for text in texts]
)
def test_a_plain_wish_is_understood(wanted: Intent, text: str) -> None:
    assert intent(text) is wanted


@pytest.mark.parametrize("text", ABOUT_DATA)
def test_data_with_the_same_words_are_still_asked_for(text: str) -> None:
    assert intent(text) is Intent.CONTENT


def test_who_speaks_is_told_by_the_greeting() -> None:
    assert after("siapa ini?").said == [Text.GREETING, Text.MENU]


@pytest.mark.parametrize("text", ["stop sms", "setop", "berhenti langganan"])
def test_plain_words_for_silence_act_with_an_officer_too(text: str) -> None:
    shell = with_officer()
    shell.hears(text)
    assert shell.value.opted_out


@pytest.mark.parametrize("text", ["data saya pak", "minta data saya dong", "DATA SAYA kak"])
def test_a_copy_is_asked_for_politely_too(text: str) -> None:
    assert RequestCopy() in after("halo").hears(text).effects
