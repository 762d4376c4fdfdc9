"""Thanks as people write them ask for nothing; what is asked beside them does."""

import pytest

from bot.understanding import ENDING, Intent, intent

MERE_COURTESY = (
    *("terimakasi", "trimksh ya kak", "makasihh", "maksih kak", "makaciii", "thankyou", "ty", "okk", "okee"),
    *("hatur nuhun kang", "matur nuwun nggih pak", "tarima kasih banyak pang", "kurru sumange'", "nuhun teh"),
    *("mauliate godang", "bujur melala", "jazakumullah khairan katsiran", "barakallah", "Tuhan memberkati"),
    "Baik Bapak/Ibu, terima kasih atas bantuan dan informasinya",
    "terimakasi banyak atas bantuanya",
    "terimakasih 🙏 mohon maaf merepotkan",
    "makasih ya kak maaf ganggu",
    "maaf ya kalau saya merepotkan terus hehe",
    "Alhamdulillah terima kasih banyak pak semoga jadi amal jariyah",
    "Semoga Allah membalas kebaikan bapak",
    "oke, nanti saya hubungi lagi kalau ada yang kurang",
    "baik, nanti saya kabari dosen saya",
    *("tidak ada, terima kasih", "Sekian terima kasih, salam", "cukup sekian", "sampai jumpa", "salam sehat"),
    *(
        "Terima kasih Bu Rahma",
        "terima kasih mas budi",
        "ok makasih mbak sari",
        "Terima kasih BPS Kolaka Timur",
    ),
    *("Terima kasih atas data yang diberikan", "Sudah kami terima, terima kasih", "sudah kami terima"),
    "Terima kasih banyak bu rahma atas bantuannya",
    "Terima kasih atas informasi dan data yang telah diberikan",
    "Baik pak, data sudah kami terima dengan baik. Terima kasih atas kerja samanya",
    "datanya sudah saya download, makasih",
    *("waalaikumsalam", "selamat istirahat", "ya", "ya pak"),
)
ASKING_ON = (
    "makasih, tapi filenya rusak",
    "terima kasih, datanya tidak ada ya",
    "tidak ada filenya pak",
    "makasih kak, kalau tahun 2022 ada?",
    "mohon bantuannya, terima kasih",
    "terima kasih pak tolong dicek lagi",
    "terima kasih, kurang lengkap",
    "makasih min, linknya ga bisa dibuka",
    "oke nanti saya tanya lagi, tapi datanya kurang",
    "baik, nanti saya coba cek kalau tidak bisa saya hubungi lagi",
    "sekian lama saya tunggu belum juga",
    "semoga datanya segera dikirim",
    "maaf merepotkan, minta data inflasi",
    "Terima kasih Bu Rahma, untuk data 2022 ada?",
    *("terima kasih data penduduk", "makasih data 2023", "terima kasih bps data penduduk"),
    *("makasih pak ditunggu filenya", "terima kasih bu tolong dicek", "makasih mas kapan dikirim"),
    "data sudah kami terima tapi kurang lengkap, terima kasih",
    "terima kasih, datanya belum kami terima",
    "terima kasih atas data yang dikirim, tetapi tahunnya salah",
)


@pytest.mark.parametrize("text", MERE_COURTESY)
def test_thanks_ask_for_nothing(text: str) -> None:
    assert intent(text) in ENDING


@pytest.mark.parametrize("text", ASKING_ON)
def test_what_is_asked_beside_thanks_is_heard(text: str) -> None:
    assert intent(text) not in (*ENDING, Intent.GREET)
