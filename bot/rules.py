"""The rules by which a sentence is understood, in the order in which they are tried. Data: each has a name.

The patterns are for words in usual spelling (``bot.spelling``) with single blanks between them, and every
repetition in them is bounded, so that none takes longer than the text is long.
"""

import re
from dataclasses import dataclass

from bot import words
from bot.intents import Intent


@dataclass(frozen=True, slots=True)
class Rule:
    """*pattern* in a message of at most *longest* words means *intent*.

    ``beside_figures``: it does so even where the message names what statistics are about.
    """

    name: str
    intent: Intent
    pattern: re.Pattern[str]
    longest: int = 12
    beside_figures: bool = True


def _rule(name: str, intent: Intent, *patterns: str, longest: int = 12, beside_figures: bool = True) -> Rule:
    return Rule(name, intent, re.compile("|".join(patterns)), longest, beside_figures)


_STAFF = r"(?:petugas|admin|operator|cs|pegawai|staf|officer|agent)"
# Words between a verb and a person that make the person something counted: "tanya data pegawai".
_OF_NO_DATA = r"(?:(?!(?:data|jumlah|daftar|tentang|soal|mengenai|pembangunan|daya|perdagangan|indeks) )\w+ )"
_NOT_COUNTED = r"(?! (?:sensus|survei|miskin|kesehatan|tua|negeri|bekerja|medis|kebersihan|asing|dewasa))"
_PERSON = r"(?:petugas|admin|operator|cs|pegawai|staf|orang|manusia|person|officer|human|agent)"
_OUR_STAFF = (
    r"(?:petugas|pegawai|admin|operator|staf|pelayanan|layanan|loket|satpam|respon"
    r"|customer service)"
)
_RUDE = (
    r"(?:jutek|kasar|judes|cuek|sombong|galak|marah|ketus|payah|buruk|jelek|lelet|lambat|lemot|mengecewakan"
    r"|tidak (?:sopan|ramah|jelas|profesional|becus|dilayani)|kurang (?:sopan|ramah|ajar|baik)"
    r"|main hp|tidur|merokok|minta (?:uang|imbalan|duit|bayaran|rokok)|pemalas|maksa|memaksa|bentak|membentak"
    r"|mengancam|menghina|menipu)"
)
_MY_REQUEST = r"(?:permintaan|permohonan|tiket|pengajuan|pesanan|nomor layanan|request|ticket)"
_SEVERAL = r"(?:\w+ ){0,3}"

# "Jangan kirim pesan dulu, saya lagi rapat" and "jangan ke nomor ini, ke email saja" ask for no silence.
_NOT_JUST_NOW = r"^(?!.*\b(?:dulu|email|surel|saja|rapat|sekarang|sebelum)\b)"

SILENCE = (
    _rule(
        "no_surveys",
        Intent.HOLD,
        rf"\b(?:stop|berhenti|hentikan|jangan|setop) {_SEVERAL}(?:survei|kuesioner|angket|penilaian"
        rf"|rating)\b",
    ),
    _rule(
        "no_messages",
        Intent.OPT_OUT,
        rf"{_NOT_JUST_NOW}.*\bjangan (?:\w+ )?(?:kirim|wa|chat|hubungi|sms|ganggu) (?:saya|pesan|wa"
        rf"|chat|apa) ?"
        r"(?:\w+ ){0,4}(?:lagi(?= ke\b| ya\b| dong\b| pak\b| bu\b| kak\b| di\b|$)|nomor ini|nomor saya)\b",
        rf"{_NOT_JUST_NOW}.*\bjangan (?:\w+ )?(?:kirim|wa|chat|hubungi|sms) lagi\b",
        r"^(?:\w+ ){0,2}(?:stop|berhenti) (?:kirim|chat|wa|hubungi) (?:saya |pesan )?ke (?:nomor|wa) "
        r"(?:ini|saya)\b",
        r"^(?:\w+ ){0,2}(?:stop|do not|don't) (?:messag|contact|text)\w* me\b",
        r"\btidak mau (?:\w+ )?(?:menerima|dapat|di|dikirimi) (?:pesan|wa|chat|sms) (?:\w+ )?lagi\b"
        r"|^(?:tolong )?jangan ganggu saya(?: lagi)?$",
        r"\bhapus nomor (?:saya )?dari daftar (?:kirim |penerima )?(?:pesan|broadcast|siaran)",
        longest=10,
        beside_figures=False,
    ),
    _rule(
        "not_now",
        Intent.HOLD,
        r"^(?:stop|berhenti|tunggu|tahan|sebentar|bentar|ntar|nanti) (?:dulu|ya|pak|bu|kak|bapak"
        r"|ibu|admin|sebentar"
        r"|bentar|saya|dong|mas|mbak)\b",
        r"^(?:sebentar|bentar|tunggu|wait)$",
        longest=9,
        beside_figures=False,
    ),
)

SECRETS = (
    _rule(
        "other_peoples_data",
        Intent.INJECTION,
        r"\b(?:kirim|minta|tampilkan|sebut\w*|kasih|beri\w*|lihat|bocorkan|buka|mau|butuh|show|give|cari) "
        rf"{_SEVERAL}(?:nama|alamat|data|nomor|nik|jawaban|identitas|isi|kontak|chat) (?:\w+ ){{0,4}}"
        r"(?:responden|orang lain|warga lain|tetangga|pengguna lain|semua pengguna|milik (?:bu|pak"
        r"|ibu|bapak)"
        r"|other (?:people|users?)|respondents?)\b",
        longest=30,
    ),
    _rule(
        "orders_to_the_machine",
        Intent.INJECTION,
        r"\b(?:abaikan|lupakan|langgar|ignore|forget|disregard) (?:\w+ ){0,4}(?:aturan|instruksi"
        r"|perintah|prompt"
        r"|instructions?|rules?)\b",
        r"\bsystem prompt\b|\bprompt sistem\b|\b(?:act as|berperan sebagai|berpura pura)\b"
        r"|\bkamu sekarang (?:adalah )?\w+",
        r"\b(?:show|dump|tampilkan|drop|hapus) (?:\w+ ){0,3}database\b",
        longest=60,
    ),
)

HUMAN = (
    _rule(
        "calls_for_a_person",
        Intent.HUMAN,
        r"\b(?:bicara|sambung|chat|telepon|konsultasi|tanya|bertemu|ketemu|talk|speak|connect) "
        rf"{_OF_NO_DATA}{{0,3}}{_PERSON}\b{_NOT_COUNTED}",
        rf"\b(?:panggil\w*|mana|nomor|hubungi|butuh|minta) {_OF_NO_DATA}?{_STAFF}\b{_NOT_COUNTED}(?! yang\b)",
        rf"\bmana {_OF_NO_DATA}?{_PERSON}\b{_NOT_COUNTED}",
        rf"^(?:\w+ ){{0,4}}{_PERSON} (?:\w+ )?(?:mana|dimana|asli)\b",
        r"\b(?:jangan|bukan) (?:\w+ )?(?:bot|robot|mesin)\b|\breal (?:person|human)\b",
        r"\bada (?:petugas|admin|orang) (?:yang )?(?:bisa|dapat|standby|online)\b",
        r"^(?:petugas|admin) tolong$|^tolong (?:petugas|admin)$",
        r"^(?:(?:ke|dengan|tanya|mau|langsung|lewat|biar) ){0,3}(?:petugas|admin|operator|cs|orang) saja$",
        r"\blangsung (?:dengan|ke) (?:petugas|admin|pegawai|orang)\b",
        r"^(?!.*\bdata\b).*\btidak (?:bisa|dapat|pandai) (?:ketik|ngetik|mengetik|nulis|menulis|baca)\b",
        r"^(?:\w+ ){0,2}ada (?:petugas|admin|orang|operator)"
        r"(?: (?:tidak|disini|sini|di|sekarang|ya|pak|bu|kak))*$",
        rf"\b(?:bicara|bertemu|ketemu|menghadap|sambung|wawancara) {_OF_NO_DATA}{{0,2}}"
        r"(?:kepala|kasi|kasubag|kasubbag|pimpinan|seksi|bagian|ipds|humas)\b",
        beside_figures=False,
    ),
    _rule(
        "tired_of_the_bot",
        Intent.HUMAN,
        r"\b(?:bot|robot|mesin) (?:\w+ ){0,4}(?:orang|manusia|petugas)\b",
        beside_figures=False,
    ),
)

COMPLAINTS = (
    _rule(
        "says_so",
        Intent.COMPLAIN,
        r"^(?:(?:admin|min|pak|bu|kak|saya|halo|mau|tolong|maaf|selamat|pagi|siang|sore|malam) ){0,4}"
        r"(?:lapor|laporkan)\b(?! (?:pajak|spt|diri))",
        r"\b(?:mau|ingin|bagaimana|cara) (?:\w+ )?(?:mengadu|protes)\b",
        r"\b(?:tidak|kurang) (?:puas|berkenan|memuaskan)\b|\bnot satisfied\b"
        r"|\b(?:kritik|keluhan|pengaduan|aduan) (?:saya|dan saran|tentang|soal)\b",
        r"\b(?:buat|ajukan|mengajukan|menyampaikan|sampaikan|file) (?:\w+ )?(?:pengaduan|aduan"
        r"|keluhan|protes)\b",
        r"\b(?:mau|padahal gratis|katanya gratis) lapor$",
        r"\b(?:lapor|laporkan|adukan) (?:\w+ )?(?:ke|kepada) (?:\w+ )?"
        r"(?:ombudsman|polisi|kepala|pusat|atasan)\b"
        r"|\bviralkan\b",
        longest=40,
        beside_figures=False,
    ),
    _rule(
        "how_one_was_treated",
        Intent.COMPLAIN,
        rf"\b{_OUR_STAFF} (?:\w+ ){{0,7}}{_RUDE}\b",
        r"\b(?:ada|kena|dimintai|diminta) (?:pungli|pungutan|uang|suap)\b|\bdipungut (?:biaya"
        r"|bayaran|uang)\b|\bpungli\b",
        longest=40,
        beside_figures=False,
    ),
    _rule(
        "nobody_answered",
        Intent.COMPLAIN,
        r"\b(?:minggu|hari|bulan|jam|lama|kemarin|tadi|kok|masa) (?:\w+ ){0,4}(?:tidak|tanpa) (?:\w+ )?"
        r"(?:dibalas|dijawab|balasan|jawaban"
        r"|kabar|respon|direspon|ditanggapi)\b",
        r"\blama (?:sekali|banget|amat) (?:\w+ ){0,2}(?:balas|jawab|dibalas|dijawab|respon|proses)\w*",
        r"\bkok (?:\w+ ){0,2}tidak ada (?:yang )?(?:jawab|balas|respon)\b",
        r"\b(?:nunggu|menunggu|tunggu) (?:\w+ )?(?:\d+|ber|seharian|se)\w* ?(?:jam|hari|minggu)\b",
        longest=40,
        beside_figures=False,
    ),
    _rule(
        "suggestion",
        Intent.COMPLAIN,
        r"^(?:saran|kritik|usul|masukan)\b(?! (?:data|judul|topik|publikasi|buku))",
        r"\b(?:kasih|beri|punya) (?:saran|masukan|usul)\b(?! (?:data|judul|topik|publikasi|buku))",
        r"\b(?:web|aplikasi|portal|server|sistem) (?:\w+ ){0,3}(?:lemot|error|lambat|lelet|down|rusak"
        r"|tidak bisa (?:dibuka|diakses))\b",
        longest=30,
        beside_figures=False,
    ),
)

_OWN = (
    r"(?:(?:data|chat|percakapan|nomor|akun|riwayat|profil|informasi) (?:\w+ )?(?:saya|pribadi|diri)\b"
    r"|(?:my|all my) (?:personal )?(?:data|chats?|number|account|messages)\b|personal data\b|data pribadi\b)"
)

PRIVACY = (
    _rule(
        "erase_own_data",
        Intent.PRIVACY,
        rf"\b(?:hapus|menghapus|hapuskan|penghapusan|delete|erase|remove) (?:\w+ ){{0,2}}{_OWN}",
        rf"\b{_OWN} (?:\w+ ){{0,3}}(?:dihapus|dihapuskan|hapus|deleted)\b",
        longest=20,
    ),
    _rule(
        "copy_of_own_data",
        Intent.PRIVACY,
        rf"\b(?:salinan|copy|riwayat|unduh|rekap) (?:\w+ ){{0,3}}{_OWN}",
        r"\b(?:minta|lihat|kirim|kirimkan|unduh) (?:\w+ ){0,2}data (?:pribadi|diri) saya\b",
        longest=20,
    ),
    _rule(
        "own_data",
        Intent.PRIVACY,
        rf"\b{_OWN} (?:\w+ ){{0,3}}(?:bocor|tersebar)\b",
        r"\bdata (?:pribadi|saya) (?:\w+ ){0,4}(?:disimpan|bocor|dilihat|dipakai|digunakan|aman|dihapus)\b",
        r"\b(?:siapa|apa|bagaimana|lihat|lihatkan) (?:\w+ ){0,4}data pribadi\b",
        r"\b(?:cabut|mencabut|tarik|menarik|withdraw) (?:\w+ ){0,2}(?:persetujuan|consent|izin)\b",
        longest=20,
    ),
)

_ASKED_BY_LAW = (
    r"(?:permohonan|permintaan|memohon|mohon|minta|meminta|pengajuan|mengajukan|ajukan|keberatan|sengketa)"
    r" (?:\w+ ){0,3}informasi publik"
)
# "Jumlah permohonan informasi publik" is a figure like any other.
_UNCOUNTED = (
    r"(?!.*\b(?:jumlah|berapa|statistik|indeks|persentase|rekap|tren)"
    r" (?:\w+ ){0,4}(?:informasi publik|ppid)\b)"
)

# UU 14/2008: a door of its own, with deadlines of its own.
PUBLIC_INFORMATION = (
    _rule(
        "public_information",
        Intent.PUBLIC_INFORMATION,
        rf"^{_UNCOUNTED}.*\b{_ASKED_BY_LAW}\b",
        r"\b(?:uu|undang undang) (?:kip\b|keterbukaan informasi\b|(?:nomor )?14 (?:tahun )?2008\b)",
        r"\bfreedom of information\b|\bpublic information (?:act|law|request)\b"
        r"|\brequest (?:for|of) public information\b",
        longest=60,
    ),
    _rule("names_ppid", Intent.PUBLIC_INFORMATION, rf"^{_UNCOUNTED}.*\bppid\b", longest=20),
)

STATUS = (
    _rule(
        "own_request",
        Intent.STATUS,
        rf"\b{_MY_REQUEST}\b (?:\w+ ){{0,4}}(?:sudah|belum(?! lengkap)|bagaimana|sampai mana|sampai dimana"
        rf"|kapan|diproses|selesai"
        r"|status|progres|kabar|done|ready)\b",
        rf"\b(?:status|progres|progress|kelanjutan|kabar|follow up|tindak lanjut|update|cek"
        rf"|bagaimana|sudah|kapan"
        rf"|belum|any update) (?:\w+ ){{0,4}}{_MY_REQUEST}\b(?! data apa)",
        r"\bdata (?:yang )?(?:saya|kami) (?:\w+ ){0,3}(?:sudah|belum|kapan) (?:\w+ )?(?:jadi|siap"
        r"|selesai|dikirim|ada)\b",
        r"\byang (?:saya|kami) (?:minta|ajukan|pesan) (?:\w+ ){0,3}(?:sudah|belum|kapan|bagaimana)\b",
    ),
    _rule(
        "is_it_done",
        Intent.STATUS,
        r"^(?!.*\b(?:sensus|survei|publikasi)\b).*\b(?:sudah|belum|masih) (?:\w+ )?(?:diproses"
        r"|diterima|dibalas|dijawab"
        r"|ditindaklanjuti|dikirim)\b",
        r"\bkapan (?:dijawab|dibalas|dikirim|diproses)\b|\bkelanjutan\b",
        r"\bbelum ada (?:jawaban|balasan|respon|tanggapan|kabar)\b",
        beside_figures=False,
    ),
)

_NOT_A_CORRECTION = r"^(?!.*(?:\d|\bmaksud|\bharus|\bseharus|\byang benar))"

CANCEL = (
    _rule(
        "takes_it_back",
        Intent.CANCEL,
        rf"{_NOT_A_CORRECTION}(?:maaf )?(?:\w+ )?salah (?:ketik|kirim|pencet|tulis|chat|tekan|orang)\b",
        rf"{_NOT_A_CORRECTION}(?:maaf )?(?:\w+ )?tidak jadi\b(?! (?:masalah|soal|apa))",
        rf"{_NOT_A_CORRECTION}(?:saya )?(?:batalkan|membatalkan|cancel)\b",
        rf"{_NOT_A_CORRECTION}(?:saya )?batal(?=$| (?:saja|deh|ya|pak|bu|kak|dulu|dong|min|permintaan)\b)",
        rf"{_NOT_A_CORRECTION}.*\babaikan (?:pesan|chat|saja|yang)\b|^tidak usah (?:deh|saja|jadi)\b"
        r"|^lupakan (?:saja)?$",
        longest=6,
        beside_figures=False,
    ),
)

SERVICE = (
    _rule(
        "place_and_hours",
        Intent.SERVICE,
        r"\b(?:alamat|lokasi|sharelok|shareloc|letak) (?:\w+ ){0,2}(?:kantor|bps|pst|dimana)\b",
        r"\bkantor (?:\w+ ){0,3}(?:dimana|di mana|buka|tutup|libur)\b|\bbps (?:\w+ )?(?:dimana|buka"
        r"|tutup|libur)\b",
        r"\bjam (?:berapa )?(?:buka|tutup|layanan|pelayanan|kerja|operasional|kantor)\b"
        r"|\bjadwal (?:layanan|pelayanan)\b",
        r"\b(?:sabtu|minggu|besok|hari ini|senin|jumat|lebaran) (?:\w+ ){0,2}(?:buka|tutup|libur"
        r"|pelayanan)\b",
        r"\b(?:nomor|no) (?:telepon|hp|wa|kontak) (?:\w+ )?(?:kantor|bps)\b",
        r"\b(?:email|web|instagram|ig) (?:resmi |bps )(?:\w+ )?(?:apa|bps)?",
        r"\b(?:opening|office|service) hours?\b|\bwhere is (?:your|the) office\b|\boffice address\b",
        beside_figures=False,
    ),
    _rule(
        "how_it_is_served",
        Intent.SERVICE,
        r"\b(?:syarat|persyaratan|prosedur|alur|ketentuan) (?:\w+ ){0,4}(?:konsultasi|data"
        r"|permintaan|layanan|rekomendasi)\b",
        r"\bcara (?:minta|meminta|mendapatkan|beli|membeli|konsultasi|pesan) ?(?:data|publikasi|peta)?",
        r"\b(?:zoom|online|daring|video call|gmeet)\b(?:.{0,40})\bkonsultasi"
        r"|\bkonsultasi\b(?:.{0,40})\b(?:zoom|online|daring"
        r"|video call|gmeet)\b",
        r"\b(?:datang|langsung ke) (?:\w+ ){0,3}(?:bawa|harus|kantor)\b|\blayanan apa\b|\bada layanan\b",
        r"\bberapa (?:lama|hari) (?:\w+ ){0,2}(?:proses|jadi|selesai|nunggu)\b"
        r"|\brekomendasi statistik\b|\bromantik\b",
        beside_figures=False,
    ),
    _rule(
        "what_is_sold",
        Intent.SERVICE,
        r"\b(?:beli|membeli|pesan) (?:\w+ ){0,2}(?:peta|publikasi|buku|data mikro|data)\b"
        r"|\bharga (?:peta|publikasi|data mikro|buku (?:publikasi|statistik|dda|bps))\b",
        r"\b(?:free of charge|for free)\b",
        longest=20,
    ),
    _rule(
        "whether_an_officer_is_real",
        Intent.SERVICE,
        r"\b(?:petugas|orang|survei)\b (?:\w+ ){0,7}(?:benar|asli|resmi|beneran|betul|palsu|penipu\w*"
        r"|mencurigakan)\b",
        r"\b(?:benar|betul|asli|resmi)\b (?:\w+ ){0,3}(?:petugas|orang) (?:bps|sensus|survei)\b",
        r"\bbps (?:\w+ ){0,2}(?:ada|sedang|lagi) (?:\w+ )?(?:survei|sensus|pendataan)\b",
        longest=20,
        beside_figures=False,
    ),
)

CONCEPT = re.compile(
    r"\b(?:apa itu|arti|artinya|maksud|maksudnya|definisi|beda|bedanya|perbedaan|konsep|metode"
    r"|metodologi|rumus"
    r"|cara (?:\w+ )?(?:hitung|menghitung|ngitung|baca|membaca|penghitungan)|(?:peng|per)hitungan"
    r"|kbli|kbji|kbki"
    r"|klasifikasi|kenapa|metadata|kriteria|termasuk|difference|mean|meaning|definition|sumber data"
    r"|penjelasan"
    r"|jelaskan|tahun dasar|how is)\b"
)
CLOSED = re.compile(
    r"\bsudah (?:cukup|dapat|ketemu|jelas|selesai|terjawab|beres|(?:saya|kami) terima)\b|\bcukup\b"
    r"|\bitu saja\b|\btidak ada (?:lagi|pertanyaan)\b|\btidak ada lagi\b|\bthat's all\b|\bthat is all\b"
    r"|\bselesai$|\bsekian\b|^tidak ada(?= (?:terima|makasih|pak|bu|kak)|$)"
)
# Who says that they will be heard of later asks for nothing now.
LATER = re.compile(
    r"(?:(?:oke?|baik|siap|sip|iya|ya|pak|bu|kak|bapak|ibu|mas|mbak|terima|kasih|terimakasih|makasih) ){1,6}"
    r"(?:saya )?nanti (?:saya |kami )?(?:kabari|kabarkan|hubungi|infokan|konfirmasi|pelajari|baca|coba|cek)\b"
    r"(?: (?:lagi|kembali|dulu|ya|pak|bu|kak|bapak|ibu|kalau|ada|yang|kurang|perlu|dosen|teman|saya)){0,7}"
)
INTRODUCES = re.compile(
    r"(?P<opening>(?:\w+ ){0,4}?)"
    r"(?:(?:nama (?:lengkap )?saya|perkenalkan(?: nama)?(?: saya)?)(?: adalah)?|my name is)"
    r" (?P<name>[^\W\d]+(?: [^\W\d]+){0,3})"
)
# For words as they came.
WISHES = re.compile(
    r"\b(?:selamat|slmt|met|happy|merry) (?:hari|hr|tahun|idul|idulfitri|iduladha|ied|eid|natal|lebaran|nyepi"
    r"|waisak|galungan|paskah|imlek|puasa|berpuasa|berbuka|berlibur|libur|bertugas|bekerja|beraktivitas"
    r"|merayakan|menyambut|menjalankan|menunaikan|akhir|beristirahat|istirahat|new|christmas|holidays)\b"
    r"|\bmaaf lahir\b|\bminal aid|\b(?:a+mii*n|ameen)\b|\bsama sama\b|\bsama2\b|\bsamasama\b|\bsemoga\b"
    r"|\b(?:sukses|sehat) (?:selalu|terus)\b|\bwelcome\b|\bwassalam|\beid mubarak\b|\bsampai jumpa\b"
    r"|\bw?a?alaikum\w*salam\b|\bsalam (?:sehat|hormat|sukses)\b"
    r"|\b(?:tuhan|allah) (?:memberkati|membalas)\b|\bgbu\b|\bgod bless\b|\bbarakallah"
)
APOLOGY = re.compile(
    r"\b(?:merepotkan|merepoti|ngerepotin|menyusahkan)\b"
    r"|\bmaaf(?: \w+){0,2} baru (?:balas|buka|lihat|sempat)\b"
)
# To and from whom the wishes are: a place behind BPS, a name at the end.
WELL_WISHERS = re.compile(
    r"\bbps(?: (?:kabupaten|kab|kota|provinsi|prov))?(?: \w+){0,2}|\bdari(?: \w+){1,4}$"
)
PRAISE = re.compile(rf"\b(?:{'|'.join(sorted(words.GOOD))})\b")
_FORM = r"(?:survei|kuesioner|angket|penilaian|formulir|link|tautan|survey)"
_FILLED = r"(?:diisi|isi|mengisi|filled|completed)"
FILLED = re.compile(
    rf"\b{_FORM}(?:nya)?\b.{{0,40}}\b(?:{_FILLED}|selesai|done)\b|\b{_FILLED}\b.{{0,40}}\b{_FORM}"
)
LAUGHTER = re.compile(r"(?:(?:wk|kw|ha|he|hi|hm|xi|ah|eh)+[whkma]?|hm+|wk|lol|haduh|heh)")
