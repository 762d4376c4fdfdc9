"""Who writes that they do not want to live any more: they need other help than figures, and at once."""

import re

from bot.intents import Intent
from bot.rules import Rule

# Who asks for figures about it, or jokes about a thesis, a lamp or a motorbike, is not in danger.
_NOT_ABOUT_ONESELF = (
    r"^(?!.*\b(?:data|kasus|angka|jumlah|korban|statistik|tingkat|persen\w*|berita|skripsi|tesis|tugas"
    r"|penelitian|riset|info\w*|tabel|pencegahan|prevention|berapa|menurut|minta"
    r"|lampu|listrik|air|hp|mesin|motor|mobil|laptop|lucu|ketawa|wk\w*)\b)"
)
_SAID = (
    r".*\b(?:mau|akan|niat|coba|pikir|terpikir|kepikiran|rasa|saya) (?:\w+ ){0,2}bunuh diri\b",
    r".*\b(?:mengakhiri|akhiri) hidup(?:ku| saya| ini)?\b",
    r".*\b(?:capek|cape|lelah|bosan) hidup\b",
    r".*\btidak (?:mau|kuat|sanggup) hidup\b",
    r"(?:\w+ ){0,6}(?:mau|lebih baik|mending) (?:saya )?mati(?: (?:saja|rasa|deh|sekarang))*$",
    r".*\b(?:i|i'm going to|i'll) (?:\w+ ){0,3}(?:kill myself|end my life|die)\b",
    r".*\b(?:i am|i'm) suicidal\b",
)
IN_DANGER = (
    Rule(
        "in_danger",
        Intent.DISTRESS,
        re.compile(rf"{_NOT_ABOUT_ONESELF}(?:{'|'.join(_SAID)})"),
        longest=40,
        beside_figures=False,
    ),
)
