"""Word tables of short, abbreviated Indonesian (and some English): plain data, no rules."""


def _listed(entries: str) -> frozenset[str]:
    """The words or phrases of *entries*, which commas separate."""
    return frozenset(entry.strip() for entry in entries.split(","))


def _meanings(entries: dict[str, str]) -> dict[str, str]:
    """Each word or phrase with the key it stands for, from lists by key."""
    return {word: key for key, listed in entries.items() for word in _listed(listed)}


OPT_OUT = _listed(
    "stop, berhenti, unsubscribe, unsub, berhenti semua, stop semua, stop all, stopall, stopp, setop, brenti,"
    "stop pesan, stop wa, stop chat, stop sms, stop promo, stop promosi, stop promotions, stop langganan,"
    "berhenti langganan, berhenti berlangganan, berhenti mengirim pesan, berhenti kirim pesan,"
    "stop kirim pesan"
)
OPT_OUT_SENTENCES = _listed(
    "jangan kirim pesan lagi, jangan kirim pesan ke nomor ini, jangan kirimi saya pesan,"
    "jangan kirim wa lagi, jangan hubungi saya lagi, jangan chat saya lagi, do not message me again,"
    "stop messaging me"
)
OPT_IN = _listed("mulai, start, mulai lagi, unstop")

HUMAN_EXACT = _listed(
    "0, petugas, admin, operator, manusia, cs, officer, human, agent, tanya petugas, bicara dengan petugas,"
    "chat petugas, hubungi petugas, talk to an officer, talk to a human"
)
HUMAN_NOUNS = _listed("petugas, admin, operator, manusia, officer, staf, agent")
BEFORE_MANKIND = _listed("pembangunan, daya, perdagangan, hak")
ANY_PERSON = _listed("orang, org, human, person")
HUMAN_VERBS = _listed(
    "bicara, ngomong, berbicara, ngobrol, hubungkan, sambungkan, disambungkan, dihubungkan, speak, talk,"
    "connect"
)
HUMAN_WEAK_VERBS = _listed("minta, mau, mana, tanya, chat, bukan, want, need, ask")
NOT_A_MACHINE = _listed("bot, mesin, robot, mana, asli, real")

COMPLAINT_EXACT = _listed(
    "pengaduan, complaint, aduan, adukan, komplain, complain, lapor, saran, keluhan, mau komplain,"
    "mau lapor, mau mengadu, buat pengaduan"
)
COMPLAINT_FIRST = _listed("pengaduan, complaint, aduan, komplain, keluhan")
COMPLAINT_STRONG = _listed(
    "komplain, complain, complaint, mengadu, mengadukan, ngadu, melaporkan, kecewa, disappointed"
)
COMPLAINT_PHRASES = _listed(
    "tidak sopan, kurang sopan, ga sopan, gak sopan, tidak ramah, pelayanan buruk, pelayanannya buruk,"
    "pelayanan jelek, pelayanannya jelek, layanan buruk, layanannya buruk, lama sekali, lama banget,"
    "lelet, bad service, very slow"
)
COMPLAINT_WEAK = _listed("pungli, pungutan, lemot, pengaduan, aduan, keluhan, keluhkan, saran")

STATUS_EXACT = _listed("status, cek status, cek tiket, status tiket, check status, my tickets, tiket saya")
STATUS_PHRASES = _listed(
    "permintaan saya kemarin, permintaan sy kemarin, kelanjutan permintaan, status permintaan, tiket saya,"
    "status of my request"
)
STATUS_HINTS = _listed(
    "sudah diproses, sdh diproses, udah diproses, kelanjutannya, sampai mana, sampe mana, any update"
)

CANCEL_EXACT = _listed(
    "batal, cancel, dibatalkan, batalkan, batalkan saja, batal dulu, batal aja, batal saja, ga jadi,"
    "gak jadi, nggak jadi, tidak jadi, tdk jadi, salah ketik, salah ketik abaikan, abaikan, never mind,"
    "nevermind, batal semua"
)
MENU_EXACT = _listed("menu, kembali, 99, bantuan, help, menu utama, main menu, back")
SERVICE_EXACT = _listed("info, info layanan, layanan, service info, jam layanan, jam buka")
PROFILE_EXACT = _listed(
    "ubah data, ganti data, ubah profil, ganti profil, ubah data saya, ganti data saya, ubah data diri,"
    "ganti data diri, perbarui data saya, profil saya, change my data, change my details,"
    "change data, edit profile, change profile, change my profile, my profile"
)
COPY_EXACT = _listed(
    "data saya, minta data saya, salinan data saya, minta salinan data saya, unduh data saya,"
    "lihat data saya, minta data pribadi saya, data pribadi saya, my data, copy of my data, download my data,"
    "my personal data"
)
ERASURE_EXACT = _listed(
    "hapus data, hapus data saya, hapus semua data saya, hapus data pribadi saya, hapus akun saya,"
    "hapus akun, delete my data, erase my data, delete my personal data, delete my account"
)
ERASURE_CONFIRMED = _listed(
    "ya hapus, iya hapus, ya hapus saja, iya hapus saja, ya hapus data saya, iya hapus data saya, yes delete,"
    "yes erase"
)
BARE_YES = _listed(
    "ya, iya, y, yes, ok, oke, setuju, boleh, lanjut, lanjutkan, ya lanjut, iya lanjut, ya setuju"
)
ERASURE_KEPT = _listed(
    "batal hapus, batal hapus data, batalkan penghapusan, jangan hapus data saya, cancel deletion,"
    "keep my data, do not delete my data"
)
KEEP = _listed(
    "tetap, sama, tetap sama, tidak berubah, tdk berubah, lewati, lewat, skip, lanjut, sudah benar, benar,"
    "keep, keep it, same, unchanged, no change, correct"
)
SERVICE_PHRASES = _listed(
    "alamat kantor, alamat bps, jam buka, jam layanan, jam pelayanan, syarat konsultasi, bayar ga,"
    "bayar gak, berbayar, biaya konsultasi, gratis, opening hours, office address"
)
ENGLISH_EXACT = _listed("english, in english, english please, inggris, bahasa inggris")
# Not a bare "Indonesia": that is an area somebody may want figures for.
INDONESIAN_EXACT = _listed("bahasa indonesia, indonesian, bahasa")

PUBLIC_INFORMATION = _listed("ppid, publik, uu, undang, public, freedom")

SALAM = _listed(
    "assalamualaikum, assalamu'alaikum, asslmkm, ass, aslm, asalamualaikum, assalamualaykum, assalamu,"
    "alaikum, wr, wb, warahmatullahi, wabarakatuh"
)
GREETING = SALAM | _listed(
    "p, pp, ping, halo, hallo, hai, hi, hello, hey, hei, helo, test, tes, selamat, slmt, met, pagi, siang,"
    "sore, malam, permisi, punten, mulai, start, good, morning, afternoon, evening, pgi, mlm, sahabat,"
    "om, swastiastu, shalom, syalom, tabe, tabik, pung, pong, misi, hola, horas, sampurasun, kulonuwun"
)
ANNOUNCING = _listed(
    "mau, tanya, izin, ijin, boleh, numpang, bisa, saya, sebentar, sesuatu, ada, pertanyaan, question, a, i,"
    "have, ask, can, mohon, maaf, mengganggu, ganggu, waktu, waktunya, sebelumnya, minta, bantuan, bantu,"
    "dibantu, tolong, sorry, excuse, me, you, bother, to"
)
ADDRESS = _listed(
    "pak, bpk, bapak, bu, ibu, kak, kk, kakak, min, admin, mas, mbak, bang, sir, madam, bps, gan, y, ya,"
    "nih, dong, deh, dan, sekalian"
)
THANKS = _listed(
    "terima, kasih, terimakasih, trimakasih, makasih, mksh, mkasih, makasi, tq, thx, trims, trmksh, thanks,"
    "thank, you, matur, suwun, nuwun, mauliate, tarimo, hatur, tengkyu, tks, thanx,"
    "sanget, njih, nggih, inggih, nuhun, pisan, syukron, kurru, sumange, sumange', amanai, jazakallah,"
    "khairan, gaseh, teurimong, bujur, melala, godang, thankyou, thankss, thnx, thnks, thks, ty, tengkiu,"
    "tenkyu, jazakumullah, jazakallahu, jazakumullahu, khair, katsiran, kathiran"
)
ACKNOWLEDGE = _listed(
    "ok, oke, okay, okey, baik, siap, sip, noted, sudah, sdh, udah, cukup, jelas, membantu, sangat, banyak,"
    "infonya, info, informasinya, bantuannya, atas, datanya, dapat, dpt, jawabannya, responnya, responsnya,"
    "very, much, so, for, the, your, help, assistance, received, with, done, great, mantap, iya, yes, semoga,"
    "sukses, saya, sy, isi, terbantu, sekali, tunggu, ditunggu, kabar, kabarnya, gapapa, papa, bye, dadah,"
    "jumpa"
)
# What is said, beside thanks, by who needs nothing more.
DONE = _listed(
    "itu, saja, tidak, ada, lagi, pertanyaan, selesai, beres, terjawab, ketemu, terima, semua, that's,"
    "that, is, all, alhamdulillah, saya, kami, data, file, jawaban, cukup, sementara, sekarang, hari, ini,"
    "sekian"
)
# Feast days, and what people wish one another on them and otherwise.
WISHES = _listed(
    "sama, sama2, samasama, aamiin, amin, ameen, semoga, sukses, sehat, selalu, terus, senantiasa, lancar,"
    "berkah, diberkahi, bahagia, damai, sejahtera, kesehatan, kebahagiaan, rezeki, rejeki, lindungan,"
    "allah, tuhan, swt, ya, rabbal, alamin, hari, raya, idul, fitri, idulfitri, adha, iduladha, ied, eid,"
    "mubarak, lebaran, natal, nyepi, waisak, galungan, kuningan, paskah, imlek, ramadhan, ramadan, puasa,"
    "ibadah, berpuasa, berbuka, suci, tahun, baru, hijriah, masehi, kemerdekaan, statistik, nasional,"
    "libur, berlibur, akhir, pekan, mohon, maaf, lahir, batin, minal, aidin, aidzin, wal, faizin, faidzin,"
    "taqabbalallahu, taqobbalallahu, minna, waminkum, segala, kesalahan, khilaf, salah, dosa, atas, untuk,"
    "kepada, bagi, buat, dari, dan, beserta, di, ke, bulan, yang, merayakan, menjalankan, menunaikan,"
    "menyambut, seluruh, semua, semuanya, segenap, keluarga, sekeluarga, besar, kita, kami, saya, pegawai,"
    "petugas, staf, jajaran, tim, rekan, kantor, bekerja, bertugas, beraktivitas, kembali, h, m, wassalam,"
    "wassalamualaikum, welcome, are, and, happy, new, year, merry, christmas, holidays, nice, day, salam,"
    "hormat, waalaikumsalam, waalaikumussalam, walaikumsalam, alaikumsalam, istirahat, beristirahat, sampai,"
    "jumpa, memberkati, membalas, dibalas, kebaikan, amal, jariyah, jariah, pahala, berlipat, ganda, ilmu,"
    "bermanfaat, dimudahkan, dilancarkan, dipermudah, diberi, diberikan, urusan, menjadi, jadi, gbu, god,"
    "bless, you, barakallah, barakallahu, fiik, fiikum, barokah, lebih, maju, jaya, panjang, umur, berkat,"
    "alhamdulillah"
)
# What the service is praised with, and what stands beside that.
GOOD = _listed(
    "puas, memuaskan, bagus, baik, ramah, cepat, sopan, mantap, mantul, membantu, keren, hebat,"
    "profesional, responsif, informatif, terbaik, top, jempol, oke, satisfied, good, great, excellent,"
    "helpful, friendly, nice, bintang"
)
BESIDE_PRAISE = _listed(
    "pelayanan, layanan, petugas, admin, respon, respons, jawaban, banget, sekali, sangat, sungguh, amat,"
    "memang, semua, dan, juga, serta, yang, atas, saya, aku, kami, merasa, dengan, sudah, telah, dilayani,"
    "terlayani, terbantu, kerja, kinerja, lah, sih, tim, staf, pegawai, luar, biasa, pertahankan,"
    "dipertahankan, terus, lanjutkan, selalu, pokoknya, very, so, really, service, your, was, is, are,"
    "staff, am, with, and, we, were"
)
# What says that the questionnaire was filled in.
FILLED = _listed(
    "survei, kuesioner, angket, penilaian, formulir, link, tautan, kepuasan, masyarakat, sudah, telah,"
    "selesai, diisi, isi, mengisi, saya, kami, tadi, barusan, yang, itu, filled, in, survey, i, have,"
    "completed, done"
)
THANKFUL_SIGNS = frozenset("🙏👍👌✅❤♥💯🙌👏😊🤝")
LAUGHING_SIGNS = frozenset("😂🤣😹😆")
AGREEING_SIGNS = frozenset("👍👌✅")

ASKING = _listed(
    "berapa, brp, brapa, tanya, nanya, bertanya, bagaimana, gmn, gimana, apakah, kenapa, knp, mengapa,"
    "kapan, dimana, dmn, mana, konsultasi, konsul, how, what, where, when, why"
)
WISHING = _listed("minta, mohon, butuh, perlu, cari, mencari, mau, ingin, kirim, need, request, want, please")
TOPICS = _listed(
    "data, datanya, jumlah, jml, jmlh, tabel, publikasi, statistik, angka, pdrb, ipm, inflasi, penduduk,"
    "pddk, kemiskinan, ntp, tpt, tpak, kbli, gini, produksi, luas, panen, ekspor, impor, metadata,"
    "klasifikasi, lampiran, ihk, umk, pengangguran, sensus, statistics, population, gdp, inflation,"
    "poverty, unemployment, number, figures, table, harga, upah, pertumbuhan, indeks, persentase, laju,"
    "rasio, kelahiran, kematian, wisatawan, apbd"
)
# These are also said of what somebody does with figures: "untuk data skripsi".
LOOSE_TOPICS = _listed("data, datanya, statistik, publikasi, statistics")
# Counting words that name no statistics by themselves: "4 indeks apa".
PLAIN_COUNTING = _listed("angka, number, sensus, umk, tabel, table, lampiran, jumlah, harga, pendataan")
REQUEST = ASKING | WISHING | TOPICS
# What shows that somebody has not got what they need.
UNFINISHED = _listed(
    "belum, mau, minta, butuh, perlu, tolong, mohon, berapa, kapan, tanya, tapi, kalau, kurang, apakah, cari,"
    "kenapa, bagaimana, bisa"
)
COST = _listed("bayar, berbayar, gratis, biaya, tarif, dibayar, membayar, fee, free")
ABOUT_COST = COST | _listed(
    "ini, itu, kah, apa, apakah, ada, berapa, tidak, konsultasi, layanan, data, minta, permintaan,"
    "permohonan, kalau, untuk, di, sini, bps, kena, dikenakan, harus, perlu, pakai, saya, mau, atau, is,"
    "this, the, of, charge, service, do, i, have, to, pay, kan, bisa, dapat, ambil, pelayanan"
)

SEND_IT = _listed("kirim, kirimkan, jawaban, jawabannya, siap, disini, sini, di, send, it, the, answer, here")
YES = _listed(
    "1, ya, y, iya, yes, ok, oke, okay, benar, betul, setuju, lanjut, lanjutkan, kirim, sip, siap, baik,"
    "boleh, send, correct, yup, yap, yep, yoi, sudah, sdh, sesuai, please, it, is, satu, njih, nggih, inggih,"
    "tepat, muhun"
)
PLAIN_YES = ADDRESS | _listed("iya, yes, yup, boleh")
REWRITE = _listed("2, ubah, change, edit, ganti, perbaiki, koreksi, dua")
NO = _listed("tidak, tdk, ga, gak, nggak, ngga, enggak, bukan, salah, belum, no, blm, nope")
CHANGE = REWRITE | NO
# What stands behind a no, in usual spelling, of somebody who wants no complaint filed.
NO_COMPLAINT = THANKS | _listed(
    "usah, perlu, jadi, mau, ingin, deh, kok, lah, sih, saja, dulu, cuma, hanya, sekadar, sekedar, curhat,"
    "curcol, bercanda, becanda, cerita, bilang, apa, sampai, disampaikan, sampaikan, dilaporkan, laporkan,"
    "lapor, diadukan, adukan, mengadu, pengaduan, aduan, komplain, sebagai, dijadikan, jadikan, maksud, saya,"
    "kami, begitu, itu, ini, maaf, sudah, need, no, just, venting, kidding, a, complaint, not"
)
LEFT_OUT = _listed(
    "lewati, lewat, skip, lewati saja, lewati aja, lewat saja, skip saja, skip aja, lewati dulu, skip dulu,"
    "leave it out"
)
SKIP = LEFT_OUT | _listed(
    "nanti, tidak, tdk, ga, gak, nggak, tidak ada, ga ada, gak ada, no, tidak tahu,"
    "tdk tahu, ga tau, gak tau, tidak usah, ga usah, don't know, none"
)

_FIRST_NUMBERS = (
    "satu dua tiga empat lima enam tujuh delapan sembilan",
    "one two three four five six seven eight nine",
)
NUMBERS = {word: place for row in _FIRST_NUMBERS for place, word in enumerate(row.split(), start=1)}
CALLED_A_NUMBER = _listed("nomor, nomer, no, angka, pilih, pilihan, opsi, nilai, skor, rating, bintang")
COUNTED = _listed(
    "tahun, thn, th, bulan, bln, kecamatan, kec, kabupaten, kab, kota, desa, kelurahan, provinsi, year,years"
)
RATINGS = {
    **dict.fromkeys(_listed("sangat baik, sangat puas, puas sekali, bagus sekali, sangat memuaskan"), 4),
    **dict.fromkeys(_listed("puas banget, bagus banget, baik sekali, baik banget, memuaskan sekali"), 4),
    **dict.fromkeys(_listed("very good, excellent, mantap, sangat bagus, sangat membantu"), 4),
    **dict.fromkeys(_listed("baik, puas, bagus, good, cukup baik, memuaskan, lumayan, lumayan baik"), 3),
    **dict.fromkeys(_listed("kurang baik, kurang, kurang puas, kurang memuaskan, kurang bagus, fair"), 2),
    **dict.fromkeys(_listed("tidak baik, buruk, tidak puas, jelek, bad, poor, sangat buruk"), 1),
}
# What an opinion of the service is made of, beside what praises it.
OPINION = GOOD | _listed("lambat, lama, jelek, buruk, biasa, lumayan, bad, poor, slow")
# What a mark in words may be of.
RATED = _listed(
    "pelayanan, pelayanannya, layanan, layanannya, petugas, petugasnya, respon, responnya, jawabannya,"
    "saya, sy, kami, merasa, the, service, was, is"
)
# What may stand beside a mark and an opinion without asking for anything.
AROUND_A_RATING = _listed(
    "ya, y, yaa, iya, sih, deh, kok, lah, aja, saja, nilai, nilainya, skor, skornya, rating, ratingnya,"
    "bintang, kasih, beri, dikasih, saya, sy, aku, kami, dari, buat, untuk, layanannya, pelayanannya,"
    "petugasnya"
)

FILLER = (
    GREETING
    | ADDRESS
    | THANKS
    | _listed(
        "saya, sy, aku, kami, mau, ingin, pengen, tanya, nanya, bertanya, minta, mohon, tolong, tlg, bisa,"
        "boleh, butuh, perlu, cari, mencari, data, datanya, ada, apa, yang, yg, di, dari, ke, untuk, utk,"
        "tentang, mengenai, soal, berapa, brp, ga, gak, nggak, tidak, kah, apakah, konsultasi, konsul,"
        "tahun, thn, th, tahunnya, kab, kabupaten, kota, kec, kecamatan, prov, provinsi, i, want, to, ask,"
        "about, need, please, the, a, for, do, have, of, is, there, can, get, some, would, like, me, my,"
        "informasi, info, statistik, dengan, dgn, sama, nya, dalam, pada, itu, ini, lagi, question, help"
    )
)
NOT_A_PLACE = FILLER | REQUEST | _listed("mana, saja, aja, lain, lainnya, kami, seluruh, semua, setiap, tiap")
NOT_IN_A_NAME = _listed(
    "tidak, tdk, ga, gak, nggak, mau, ingin, apa, nama, bisa, ada, untuk, utk, siapa, rahasia, anonim,"
    "tolong, mahasiswa, mahasiswi, pelajar, dosen, peneliti, not, why, who"
)

ENGLISH_HINTS = _listed(
    "the, of, and, do, you, have, is, are, i, need, please, would, like, hello, what, how, many, can, for,"
    "in, about, my, to, good, thanks, morning, afternoon, figures, population"
)
INDONESIAN_HINTS = _listed(
    "saya, sy, data, mau, yang, yg, di, dan, untuk, utk, berapa, brp, ada, tahun, thn, pak, bu, min, kak,"
    "minta, mohon, tanya, apa, bisa, halo, selamat, jumlah, terima, kasih, tidak, ga, assalamualaikum"
)

INSTITUTIONS = (
    *("lembaga_negara", "kementerian", "tni_polri", "pemda", "internasional", "pendidikan", "bumn"),
    *("swasta", "lainnya"),
)
INSTITUTION_WORDS = _meanings(
    {
        "lembaga_negara": "lembaga negara, dpr, mpr, dpd, bpk ri, komisi yudisial, state institution",
        "kementerian": "kementerian, lembaga pemerintah, bps, ministry",
        "tni_polri": "tni, polri, polisi, kejaksaan, polres, polda, kodim, military",
        "pemda": "pemda, pemerintah daerah, pemkab, pemkot, pemprov, dinas, bappeda, dprd,"
        "regional government",
        "internasional": "internasional, international",
        "pendidikan": "mahasiswa, mahasiswi, pelajar, siswa, universitas, kampus, dosen, guru, student,"
        "peneliti, university, pendidikan, riset, perguruan tinggi, sekolah",
        "bumn": "bumn, bumd, state owned enterprise",
        "swasta": "swasta, perusahaan, company, cv, pt, media, wartawan",
        "lainnya": "lainnya, lain, other, umum, pribadi, perorangan, wiraswasta, rumah tangga, masyarakat",
    }
)
MAIN_USES = ("tugas", "pemerintahan", "komersial", "penelitian", "lainnya")
MAIN_USE_WORDS = _meanings(
    {
        "tugas": "tugas, sekolah, kuliah, skripsi, tesis, assignment, thesis",
        "pemerintahan": "pemerintahan, perencanaan, pemerintah, government, evaluasi, rpjmd",
        "komersial": "komersial, bisnis, usaha, business, commercial",
        "penelitian": "penelitian, riset, research, disertasi",
        "lainnya": "lainnya, lain, other, pribadi, personal",
    }
)

# How a message without words stands in a request or a complaint, for the officer who reads it.
MEDIA_MARKS = {
    "voice": "[pesan suara]",
    "image": "[gambar]",
    "video": "[video]",
    "document": "[dokumen]",
}

# Whether what a search found is an answer.
NOT_YET = _listed(
    "belum, blm, bukan, tidak, tdk, gak, ga, nggak, ngga, enggak, salah, kurang, not, no, nope, lewati,"
    "lewat, skip"
)
WITH_A_BUT = NOT_YET | _listed("tapi, tp, tetapi, cuma, hanya, but, only")
ANSWERED = _listed("sudah, sdh, udah, udh, iya, ya, y, yes, ketemu, dapat, dpt, found")
# What may stand beside a yes that still is one: all else is something more that is wanted, or a trouble told.
BESIDE_ANSWERED = (ANSWERED | ADDRESS | THANKS | ACKNOWLEDGE | DONE) | _listed(
    "yang, nomor, nomer, no, pertama, kedua, ketiga, 1, 2, 3, cocok, sesuai, benar, betul, tepat, pas,"
    "menjawab, kok, lah, sih, semuanya, bisa, dibuka, ketemunya, it, this, that, found, answers"
)
# In a search: what only ranks, and what says nothing at all.
HELPFUL = _listed(
    "jumlah, banyaknya, banyak, tabel, publikasi, statistik, persentase, persen, tingkat, angka, jumlahnya,"
    "kabupaten, kota, kecamatan, provinsi, desa, kelurahan, rasio, laju, nilai, rata, total, wilayah, daerah,"
    "kelompok, tahunan, bulanan, minimum"
)
SAYS_NOTHING = (
    FILLER
    | ASKING
    | WISHING
    | SKIP
    | _listed(
        "data, laporan, menurut, per, tiap, setiap, dan, atau, terbaru, terkini, terakhir, terbit, sudah,"
        "belum, sampai, hingga, dengan, oleh, skripsi, tesis, disertasi, tugas, kuliah, makalah, penelitian,"
        "riset, proposal, keperluan, kebutuhan, mahasiswa, mahasiswi, saja, aja, juga, dong, nih, sih, kok,"
        "lalu, kemarin, berdasarkan, bulan, tanggal, selama, antara, pada, atas, rincian, lengkap, mas, mbak,"
        "tersebut, bagaimana, terhadap, serta, jadi, file, excel, pdf, unduh, download, halaman, link, km,"
        "ha, ton, unit, akhir, tahun, rilis, bps"
    )
) - HELPFUL

# What stands on a button, where those words alone would be understood otherwise: what they mean, by question.
TITLES: dict[str, dict[str, str]] = {
    "menu": {
        "konsultasi minta data": "1",
        "consultation or data": "1",
        "consultation request data": "1",
        "about this service": "4",
    },
    "insist": {"tetap minta data": "1", "still need data": "1"},
    "found": {"belum tanya petugas": "2", "no ask an officer": "2"},
    "summary": {"this is right": "1", "tulis ulang": "2", "write it again": "2"},
    "complaint": {"sampaikan": "1", "submit it": "1", "tulis ulang": "2", "write it again": "2"},
}
