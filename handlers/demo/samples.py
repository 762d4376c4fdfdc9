"""What people of the demo might write in a mail, so that a whole consultation can be played by tapping."""

from dataclasses import dataclass

from channels.contract import File
from handlers.demo.people import CITIZENS, Citizen, Correspondent

_LINES = ("Surat Pengantar Penelitian", "Contoh lampiran dari demo Loket")


@dataclass(frozen=True, slots=True)
class Sample:
    """Words to start from. Without a ``subject`` they are for a reply."""

    label: str
    text: str
    subject: str = ""


OFFICER_SAMPLES = (
    Sample(
        "Jawaban",
        "Selamat siang,\n\nData yang diminta ada di publikasi Kabupaten Kolaka Timur Dalam Angka, bab "
        "Penduduk. Silakan diunduh di https://koltimkab.bps.go.id",
    ),
    Sample("#catatan", "#catatan\nTabel per kecamatan ada, tahun 2025 masih angka sementara."),
    Sample("#ambil", "#ambil"),
    Sample("#tutup", "#tutup\nSemoga membantu. Terima kasih telah menghubungi kami."),
)


def samples_for(person: Correspondent) -> tuple[Sample, ...]:
    """What *person* might write."""
    citizen = CITIZENS.get(person.key)
    if person.is_officer:
        return OFFICER_SAMPLES
    return (
        Sample("Permohonan data", _request(person, citizen), "Permohonan data untuk penelitian"),
        Sample("Terima kasih", "Terima kasih banyak, sudah jelas."),
        Sample("Bertanya lagi", "Terima kasih. Apakah data tahun sebelumnya juga ada?"),
        Sample(
            "Isi data diri", f"Nama: {person.name}\nInstansi/asal: Perguruan tinggi\nKeperluan: Penelitian"
        ),
    )


def _request(person: Correspondent, citizen: Citizen | None) -> str:
    wanted = (
        citizen.request if citizen and citizen.request else "jumlah penduduk per kecamatan tahun 2020–2024"
    )
    return f"Selamat pagi,\n\nMohon {wanted}.\n\nTerima kasih,\n{person.name}"


def enclosure() -> File:
    """A small PDF to send along."""
    return File("surat-pengantar.pdf", "application/pdf", _pdf(_LINES))


def _pdf(lines: tuple[str, ...]) -> bytes:
    """One page with a few lines (ISO 32000-1, 7.5)."""
    words = "".join(f"({line}) Tj 0 -28 Td " for line in lines)
    stream = f"BT /F1 18 Tf 72 760 Td {words}ET"
    fonts = "/Resources << /Font << /F1 5 0 R >> >>"
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R {fonts} >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    text, places = "%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(text))
        text += f"{number} 0 obj\n{each}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    tail = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(text)}\n%%EOF\n"
    return f"{text}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{tail}".encode()
