"""What is said without wanting anything: advertisements, small talk, whether this is the office at all."""

import re

ADVERT = re.compile(
    r"\b(?:promo|diskon|slot|gacor|pinjaman online|pinjol|cashback|jackpot|judi|togel|voucher|giveaway)\b"
    r"|\b(?:memenangkan|menangkan|pemenang) (?:\w+ )?(?:hadiah|undian|uang)\b"
)
CHATTER = re.compile(
    r"\b(?:lucu|kocak|lelucon|melucu|i love you|sudah makan|siapa presiden|cuaca hari ini"
    r"|kamu (?:robot|bot|siapa|manusia)|siapa (?:kamu|namamu|ini)|ini siapa|dengan siapa|lagi apa|ini bot"
    r"|(?:bot|admin) (?:\w+ )?(?:pinter|pintar|ganteng|cantik))\b"
)
# Whether they are right here: the greeting tells.
RIGHT_HERE = re.compile(
    r"(?:\w+ ){0,2}(?:benar|betul|ini)"
    r"(?: (?:ini|benar|nomor|wa|kontak|kantor|dengan|resmi|layanan|admin)){0,3}"
    r" (?:bps|statistik|badan pusat statistik)(?: (?!kerja)\w+){0,2}"
)
