"""One line of ``loket check``, in Indonesian and in English."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Language = Literal["id", "en"]


class Level(StrEnum):
    """How much a finding matters: an error keeps the desk from going live, a warning limits it."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, and how it stands. No text ever holds a secret."""

    level: Level
    indonesian: str
    english: str

    @property
    def is_error(self) -> bool:
        """Whether it keeps the desk from going live."""
        return self.level is Level.ERROR

    def text(self, language: Language) -> str:
        """The sentence in this language."""
        return self.indonesian if language == "id" else self.english


def fine(indonesian: str, english: str) -> Finding:
    """Nothing to do."""
    return Finding(Level.OK, indonesian, english)


def warning(indonesian: str, english: str) -> Finding:
    """Something is missing or unsure; the desk runs without it."""
    return Finding(Level.WARNING, indonesian, english)


def error(indonesian: str, english: str) -> Finding:
    """The desk can't go live like this."""
    return Finding(Level.ERROR, indonesian, english)


_MARKS: dict[Language, dict[Level, str]] = {
    "id": {Level.OK: "baik", Level.WARNING: "PERHATIAN", Level.ERROR: "SALAH"},
    "en": {Level.OK: "ok", Level.WARNING: "WARNING", Level.ERROR: "ERROR"},
}


def render(findings: Sequence[Finding], language: Language = "id") -> str:
    """All findings, one a line, the worst last where it is still seen, and a line that counts them."""
    ordered = sorted(findings, key=lambda finding: list(Level).index(finding.level))
    lines = [line(finding, language) for finding in ordered]
    return "\n".join([*lines, "", _closing(findings, language)])


def line(finding: Finding, language: Language) -> str:
    """One finding, with its mark."""
    marks = _MARKS[language]
    return f"{marks[finding.level]:<{max(map(len, marks.values()))}}  {finding.text(language)}"


def exit_code(findings: Sequence[Finding]) -> int:
    """1 when anything is an error, else 0."""
    return int(_count(findings, Level.ERROR) > 0)


def _closing(findings: Sequence[Finding], language: Language) -> str:
    errors, warnings = _count(findings, Level.ERROR), _count(findings, Level.WARNING)
    if language == "id":
        verdict = "belum siap dipakai" if errors else "siap dipakai"
        return f"{errors} kesalahan, {warnings} perhatian: {verdict}."
    verdict = "not ready to go live" if errors else "ready to go live"
    return f"Errors: {errors}, warnings: {warnings}: {verdict}."


def _count(findings: Sequence[Finding], level: Level) -> int:
    return sum(finding.level is level for finding in findings)
