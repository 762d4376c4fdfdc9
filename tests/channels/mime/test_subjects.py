"""Subjects without what mail programs and desks add."""

import pytest

from channels.mime.subjects import bare_subject

CASES = [
    ("Permohonan data PDRB", "Permohonan data PDRB"),
    ("Re: Permohonan data PDRB [KTB-2026-00012]", "Permohonan data PDRB"),
    ("Bls: RE: Balas: Data IPM", "Data IPM"),
    ("Fwd: AW: WG: Data IPM", "Data IPM"),
    ("Re[2]: Data  IPM", "Data IPM"),
    ("[ktb-p-2026-00003] Re: lanjutan", "lanjutan"),
    ("Re: [KTB-2026-00012] Re: lanjutan", "lanjutan"),
    ("Reformasi birokrasi: data", "Reformasi birokrasi: data"),
    ("Rekap: data 2023", "Rekap: data 2023"),
    ("Re:", ""),
    ("", ""),
    ("TRK-2026-00012", "TRK-2026-00012"),
    ("KTB-2026-00012", ""),
]


@pytest.mark.parametrize(("subject", "wanted"), CASES)
def test_only_what_was_added_goes(subject: str, wanted: str) -> None:
    assert bare_subject(subject, "KTB") == wanted


def test_a_hostile_subject_costs_nothing() -> None:
    assert len(bare_subject("Re: " * 1_000_000, "KTB")) <= 255
    assert bare_subject("[" * 100_000, "KTB").startswith("[")
