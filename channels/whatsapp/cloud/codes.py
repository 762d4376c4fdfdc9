"""Meta's error codes: what each asks for, and how it is told to an officer.

The same remedies, and mostly the same words, as Twilio's codes have in ``channels.whatsapp.errors``, which
knows both: no code means one thing at Twilio and another at Meta.
"""

ONLY_REPORTED = "only_reported"
"""Nobody can ask Meta what became of a message: only a report that comes by itself tells."""

PERHAPS_SENT = "perhaps_sent"

_PERMISSIONS = " ".join(map(str, range(200, 300)))

ROWS: tuple[tuple[str, str, str, str], ...] = (
    (
        ONLY_REPORTED,
        "check",
        "menunggu laporan status dari WhatsApp",
        "waiting for WhatsApp's report",
    ),
    (
        PERHAPS_SENT,
        "check",
        "mungkin sudah terkirim: WhatsApp tidak memberi kabar",
        "perhaps sent: WhatsApp does not tell",
    ),
    (
        f"0 3 10 190 {_PERMISSIONS}",
        "configuration",
        "akun penyedia ditolak",
        "the provider account was refused",
    ),
    ("4 80007 130429 133016", "retry", "penyedia sedang sibuk", "the provider is busy"),
    (
        "131056",
        "retry",
        "batas pengiriman ke warga ini tercapai",
        "the limit for this citizen is reached",
    ),
    (
        "1 2 131000 131016 135000",
        "retry",
        "gangguan sementara di WhatsApp",
        "a passing fault at WhatsApp",
    ),
    (
        "368 130497 131005 131031 131037 131045 131048 131057",
        "configuration",
        "nomor pengirim dibatasi oleh WhatsApp",
        "WhatsApp restricts the sender number",
    ),
    (
        "131042",
        "configuration",
        "pembayaran akun WhatsApp bermasalah",
        "the WhatsApp account has a payment problem",
    ),
    (
        "131030",
        "configuration",
        "nomor warga belum ada di daftar uji",
        "the citizen is not on the test list",
    ),
    ("131064", "configuration", "akun dibatasi karena templat", "the account is limited over its templates"),
    ("100 131008 131009", "content", "isi ditolak WhatsApp", "WhatsApp refused the content"),
    ("131021", "content", "pengirim dan tujuan sama", "sender and recipient are the same"),
    (
        "131026",
        "give_up",
        "nomor tidak terdaftar di WhatsApp",
        "the number is not registered on WhatsApp",
    ),
    ("130472 131049", "give_up", "WhatsApp memilih tidak mengirim", "WhatsApp chose not to deliver"),
    ("131050", "give_up", "warga menolak pesan promosi", "the citizen refuses promotions"),
    ("131062", "give_up", "pesan ini butuh nomor telepon warga", "this message needs a phone number"),
    (
        "131047",
        "window",
        "jendela 24 jam tertutup: menunggu balasan warga",
        "the 24-hour window is closed: waiting for the citizen to write",
    ),
    ("131051", "content", "bentuk pesan tidak didukung", "this form of message is not supported"),
    ("131052 131053", "retry", "lampiran gagal diambil", "the attachment could not be fetched"),
    (
        "132000 132001 132005 132007 132008 132012 132015 132016",
        "configuration",
        "templat belum siap di WhatsApp",
        "the template is not ready at WhatsApp",
    ),
    ("137000", "retry", "identitas warga berubah", "the citizen's identity key has changed"),
)
