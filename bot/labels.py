"""Lines such as ``Nama: Siti`` in a letter: what was asked for, copied and filled, or sent by a form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Told = Literal["name", "institution_category", "email", "use", "what", "area", "years"]

LABELS: dict[Told, tuple[str, ...]] = {
    "name": ("nama", "nama lengkap", "nama pemohon", "name", "full name"),
    "institution_category": (
        *("instansi", "instansi/asal", "asal instansi", "asal", "lembaga", "institusi", "pekerjaan"),
        *("universitas", "kampus", "sekolah", "institution", "organisation", "organization", "company"),
        *("institution/origin", "affiliation", "occupation"),
    ),
    "email": ("email", "e-mail", "alamat email", "surel", "e-mail address"),
    "what": (
        *("data", "data apa", "data yang dibutuhkan", "data yang diminta", "kebutuhan", "kebutuhan data"),
        *("permintaan", "what", "which data", "data needed", "request"),
    ),
    "area": ("wilayah", "daerah", "lokasi", "area", "kabupaten", "kecamatan", "region"),
    "years": ("tahun", "tahun data", "periode", "thn", "years", "year", "period"),
    "use": (
        *("keperluan", "keperluan apa", "kegunaan", "untuk", "penggunaan", "digunakan untuk", "tujuan"),
        *("use", "purpose"),
    ),
}
_KIND_OF = {label: kind for kind, labels in LABELS.items() for label in labels}
_ANY = "|".join(re.escape(label) for label in sorted(_KIND_OF, key=len, reverse=True))
_LABEL = re.compile(rf"(?<![^\W_])(?<!/)({_ANY})(?: ?\([^()]{{0,60}}\))?[*_ ]{{0,3}}[:=]", re.IGNORECASE)
# Bullets, numbers, quote marks and bold marks that a mail program puts before a copied line.
_BEFORE = re.compile(r"(?:[\s>*•·_–—-]|\d{1,2}[.)])*")
_AROUND = " \t,;|*_"
_LEFT_EMPTY = re.compile(r"[\s._…–—-]*")
_LONGEST_READ = 20_000
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Labelled:
    """What the labelled lines of a text tell, and the text without them."""

    told: Mapping[str, str]
    rest: str


def read(text: str) -> Labelled:
    """The filled labels of *text* (its first 20,000 letters): several may stand on a line.

    A label left empty tells nothing, and of one that comes twice the first filled one counts.
    """
    told: dict[str, str] = {}
    rest = []
    for line in text[:_LONGEST_READ].splitlines():
        found = _in_line(line)
        if found is None:
            rest.append(line)
            continue
        for kind, value in found:
            if value:
                told.setdefault(kind, value)
    return Labelled(told, "\n".join(rest).strip())


def _in_line(line: str) -> list[tuple[Told, str]] | None:
    """The labels of a line that begins with one, each with its value; None for any other line."""
    if ":" not in line and "=" not in line:
        return None
    begins = _BEFORE.match(line)
    start = begins.end() if begins else 0
    if not _LABEL.match(line, start):
        return None
    found = list(_LABEL.finditer(line, start))
    ends = [*(each.start() for each in found[1:]), len(line)]
    return [(_kind(each), _value(line[each.end() : end])) for each, end in zip(found, ends, strict=True)]


def _kind(found: re.Match[str]) -> Told:
    return _KIND_OF[found[1].lower()]


def _value(told: str) -> str:
    value = " ".join(told.strip(_AROUND).split())
    return "" if _LEFT_EMPTY.fullmatch(value) else value[:_LONGEST]
