"""What the kinds of rows in the audit log are called, in the groups that the page can be narrowed to."""

from collections.abc import Mapping

from handlers.web.language import gettext


def groups() -> Mapping[str, tuple[str, Mapping[str, str]]]:
    """Each group by its key: its name, and its kinds with their names."""
    return {
        "entering": (gettext("Masuk dan keluar"), _entering()),
        "accounts": (gettext("Akun petugas"), _accounts()),
        "reading": (gettext("Melihat data"), _reading()),
        "taking": (gettext("Mengambil data keluar"), _taking()),
        "people": (gettext("Data pribadi warga"), _people()),
        "changing": (gettext("Perubahan lain"), _changing()),
    }


def names() -> Mapping[str, str]:
    """The name of every kind."""
    return {kind: name for _, kinds in groups().values() for kind, name in kinds.items()}


def parts() -> Mapping[str, str]:
    """What the parts of a row are called; what is none of these is left out."""
    return {
        "office": gettext("kantor"),
        "with": gettext("bersama kantor"),
        "officer": gettext("petugas"),
        "ticket_id": gettext("tiket"),
        "mail_id": gettext("surat"),
        "mail": gettext("surat"),
        "message_id": gettext("pesan"),
        "message": gettext("pesan"),
        "media_id": gettext("berkas"),
        "contact": gettext("kontak"),
        "request": gettext("permintaan"),
        "breach": gettext("kejadian"),
        "people": gettext("banyak orang"),
        "period": gettext("periode"),
        "address": gettext("dari alamat"),
        "how": gettext("dengan"),
        "by": gettext("lewat"),
    }


def _entering() -> Mapping[str, str]:
    return {
        "signed_in": gettext("masuk"),
        "sign_in_refused": gettext("kata sandi salah saat masuk"),
        "openid_refused": gettext("akun dari luar tidak diterima saat masuk"),
        "code_refused": gettext("kode salah"),
        "password_refused": gettext("kata sandi salah di halaman akun"),
        "sign_ins_ended": gettext("dikeluarkan dari semua peramban"),
    }


def _accounts() -> Mapping[str, str]:
    return {
        "officer_added": gettext("petugas ditambah atau diberi kantor"),
        "officer_disabled": gettext("petugas dinonaktifkan"),
        "password_changed": gettext("kata sandi diganti sendiri"),
        "password_reset": gettext("kata sandi dibuatkan baru"),
        "second_factor_set": gettext("kode dipasang"),
        "second_factor_removed": gettext("kode dilepas"),
        "recovery_codes_made": gettext("kode cadangan baru"),
    }


def _reading() -> Mapping[str, str]:
    return {
        "ticket_read": gettext("isi tiket dilihat"),
        "searched": gettext("pencarian di kotak masuk"),
        "mail_read": gettext("surat asli dibuka"),
        "person_read": gettext("halaman orang dibuka"),
        "complaints_read": gettext("register pengaduan dibuka"),
        "privacy_read": gettext("permintaan data pribadi dibuka"),
        "unhandled_read": gettext("pesan belum tertangani dibuka"),
        "audit_read": gettext("catatan ini dibuka"),
    }


def _taking() -> Mapping[str, str]:
    return {
        "people_exported": gettext("laporan dengan nama diunduh"),
        "person_copied": gettext("salinan data seseorang diambil"),
        "report_taken": gettext("laporan diunduh"),
        "mail_taken": gettext("surat asli diunduh"),
        "file_taken": gettext("berkas diunduh"),
        "complaints_taken": gettext("register pengaduan dicetak"),
    }


def _people() -> Mapping[str, str]:
    return {
        "contacts_merged": gettext("dua kontak digabungkan"),
        "contacts_unmerged": gettext("penggabungan kontak dibatalkan"),
        "address_proved": gettext("alamat terbukti milik warga"),
        "erasure_confirmed": gettext("penghapusan disetujui"),
        "person_erased": gettext("orang dihapus"),
        "breach_noted": gettext("kegagalan pelindungan dicatat"),
        "breach_told": gettext("kegagalan pelindungan diberitahukan"),
    }


def _changing() -> Mapping[str, str]:
    return {
        "calendar_changed": gettext("kalender diubah"),
        "calendar_undone": gettext("perubahan kalender dibatalkan"),
        "duty_changed": gettext("jadwal petugas diubah"),
        "sharing_changed": gettext("pembagian tiket diubah"),
        "leave_added": gettext("cuti ditambah"),
        "leave_removed": gettext("cuti dihapus"),
        "answer_published": gettext("jawaban kantor diterbitkan"),
        "answer_withdrawn": gettext("jawaban kantor ditarik"),
        "mail_retried": gettext("surat dicoba lagi"),
        "mail_settled": gettext("surat ditandai selesai"),
        "shunted_retried": gettext("pesan dicoba lagi"),
        "shunted_settled": gettext("pesan ditandai selesai"),
        "unrouted_settled": gettext("pesan tanpa kantor ditandai selesai"),
    }
