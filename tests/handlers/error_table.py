"""The provider's error table as data: what each code asks for, row by row as the fact sheet has it."""

# R: again later. F: again once mended, and people are told. G and C: given up. T: held for the window.
# CHECK: asked for before anything else. STOP: given up, and the citizen wants silence.
# ONCE: fetched, never sent again.
TABLE = """
20003 20005             F    akun penyedia ditolak
20404                   F    akun penyedia tidak ditemukan
20429                   R    penyedia sedang sibuk
20500 20503             CHECK  gangguan di penyedia WhatsApp
21211 21614             G    alamat tujuan tidak sah
21408                   F    negara tujuan belum diaktifkan
21602 21619             C    pesan kosong
21620 21623             C    lampiran tidak dapat dikirim
21603 21606 21212       F    nomor pengirim salah
21609                   F    alamat laporan status salah
21610                   STOP warga berhenti berlangganan
21611                   R    antrean nomor pengirim penuh
21617 21658 14103       C    pesan terlalu panjang
21654 21656             C    isian templat tidak sah
21655 92005             F    templat tidak ditemukan
30001                   R    penyedia sedang sibuk
30008 63010 63011 63012 63023  R  gangguan sementara di WhatsApp
63001                   F    akun penyedia ditolak
63003                   G    nomor tidak terdaftar di WhatsApp
63005 63006             C    isi ditolak WhatsApp
63007 63002 63008       F    nomor pengirim belum tersambung ke WhatsApp
63009                   R    gangguan sementara di WhatsApp
63013                   C    isi melanggar aturan WhatsApp
63014                   G    warga memblokir nomor ini atau tidak dapat dijangkau
63015                   F    warga belum masuk sandbox
63016                   T    jendela 24 jam tertutup: menunggu balasan warga
63017                   R    penyedia sedang sibuk
63018                   R    batas pengiriman WhatsApp tercapai
63019                   R    lampiran gagal diambil
63020 63022             F    nomor pengirim dibatasi oleh WhatsApp
63021 63034 63037 11751 C    isi ditolak WhatsApp
63024                   G    nomor tidak terdaftar di WhatsApp
63025                   ONCE lampiran sudah ada di WhatsApp
63026                   F    nomor pengirim dibatasi oleh WhatsApp
63027 63028 63029 63040 63041 63042  F  templat belum siap di WhatsApp
63030 63036             C    bentuk pesan tidak didukung
63031                   C    pengirim dan tujuan sama
63032                   G    WhatsApp memilih tidak mengirim
63033                   G    warga memblokir nomor ini atau tidak dapat dijangkau
63038                   R    batas harian akun tercapai
63049                   G    WhatsApp memilih tidak mengirim
63051                   F    nomor pengirim dibatasi oleh WhatsApp
63119                   R    penyedia sedang sibuk
57012                   F    tanda tangan tidak cocok
11200 11205 11210 11215 11220 11235 11237 12100 12300  F  alamat webhook Loket tidak dapat dihubungi penyedia
99999                   NEW  ditolak penyedia (kode 99999)
"""


def rows() -> list[tuple[str, str, str]]:
    """Each code with what it asks for and its words."""
    found = []
    for line in TABLE.strip().splitlines():
        words = line.split()
        act = next(place for place, word in enumerate(words) if word.isalpha())
        found += [(code, words[act], " ".join(words[act + 1 :])) for code in words[:act]]
    return found


STATUS = {"20003": 401, "20005": 403, "20404": 404, "20429": 429, "20500": 500, "20503": 503}

# How long each waits after its first refusal, in seconds; (from, to) where that is not one number.
WAITS: dict[str, tuple[float, float]] = {
    "20429": (0.5, 0.75),
    "30001": (2, 2),
    "63009": (2, 2),
    "63017": (1, 1),
    "21611": (120, 120),
    **dict.fromkeys(("30008", "63010", "63011", "63012", "63023"), (90, 90)),
    "63018": (6, 6),
    "63019": (60, 60),
    "63119": (300, 300),
    "63038": (23 * 3600, 24 * 3600),
}
PAUSING = {"21611", "63017", "63038", "20003", "20005", "20404", "63001", "63002", "63007", "63008"}
PAUSING |= {"63020", "63022", "63026", "63051"}
ALARMING_TOO = {"63038": "whatsapp_daily", "99999": "whatsapp_unknown_code"}
