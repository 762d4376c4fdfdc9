"""How a text comes to the point: greeting, apology and introduction stand before it, polite words behind."""

import re

from bot import words
from bot.understanding import words_of

_SPOKEN_TO = r"(?:bapak|pak|ibu|bu|kak|kakak|min|admin|bps)"
_OPENING = re.compile(
    r"(?:assala\S+(?: w[.a-z]{1,30}){0,3}|"
    r"(?:selamat|met|slmt) (?:pagi|siang|sore|malam)|dengan hormat|halo|permisi)\b"
    rf"(?:[ ,./]{{1,3}}{_SPOKEN_TO}\b){{0,4}}[^\w(]{{0,20}}",
    re.IGNORECASE,
)
_SORRY = re.compile(
    r"(?:(?:mohon )?maaf|sorry|i[zj]in (?:ber)?tanya)\b"
    rf"(?:[ ,./]{{1,3}}(?:{_SPOKEN_TO}|sebelumnya|(?:meng)?ganggu|waktu(?:nya)?)\b){{0,6}}[^\w(]{{0,20}}",
    re.IGNORECASE,
)
# Where somebody begins to ask, be it in the middle of the sentence that says who they are.
_ASKS = (
    r"(?:i[zj]in|mau|ingin|hendak|bermaksud|(?:me)?minta|(?:me)?mohon|(?:mem)?butuh(?:kan)?|(?:me)?perlu(?:kan)?"
    r"|memerlukan|(?:men)?cari|(?:ber)?tanya|nanya|menanyakan|apakah|apa|boleh|bisa|tolong|data|berapa|brp"
    rf"|would|want|need|{'|'.join(sorted(words.TOPICS - words.LOOSE_TOPICS))})\b"
)
_BEARER = r"(?:dari|mahasisw[ai]|mhs|dosen|guru|siswa|siswi|pelajar|pegawai|staf|peneliti)"
_WHO_WRITES = re.compile(
    rf"(?:perkenalkan|nama (?:saya|sy)|my name is"
    rf"|(?:saya|sy|kami)(?:,? (?!{_ASKS})\w+){{0,3}}?,? {_BEARER})\b"
    rf"(?P<who>[^.!?]{{0,160}}?)(?:(?:[.!?]|$)[^\w(]{{0,20}}|(?P<asks>\b(?={_ASKS})))",
    re.IGNORECASE,
)
# The lines above a formal letter: to whom, where, and its number. One that says what is wanted is none.
_WRITER = (
    r"\b(?:saya|sy|aku|kami|kita|i|i'm|we|mau|ingin|hendak|bermaksud|(?:me)?minta|(?:me)?mohon|tolong|"
    r"(?:mem)?butuh(?:kan)?|perlu|memerlukan|(?:men)?cari|(?:ber)?tanya|menanyakan|apakah|berapa|brp|bagaimana|"
    r"kapan|kenapa|mengapa|ada|would|want|need|please|how|what)\b"
)
_ONLY = rf"(?:(?!{_WRITER}).)"
_HEADING = re.compile(
    rf"(?:kepada|yth|dear|to whom)\b{_ONLY}{{0,120}}"
    r"|(?:nomor|lampiran|perihal|hal|tanggal) {0,3}:.{0,160}"
    rf"|(?:kepala|pimpinan|bapak/ibu|bapak|ibu)\b{_ONLY}{{0,60}}(?<![.!?])|(?:di|d/a)\b{_ONLY}{{0,20}}|",
    re.IGNORECASE,
)
_CLOSING = re.compile(r"(?:atas (?:perhatian|bantuan|kerja)|demikian)\b.{0,300}", re.IGNORECASE)
_LONGEST_INTRODUCTION = 8
# The line above a writer's name, and how much stands below it: name, office, address, telephone.
_FAREWELL = re.compile(
    r"(?:hormat (?:saya|kami)|salam(?: (?:hormat|hangat|sejahtera|santun|takzim|saya|kami))?"
    r"|wassalam\S*(?: w[.a-z]{1,30}){0,3}|tertanda|ttd|(?:(?:thanks and|best|kind|warm) )?regards"
    r"|best wishes|(?:yours )?(?:sincerely|faithfully)(?: yours)?)[ .,]{0,3}",
    re.IGNORECASE,
)
_LONGEST_NAME = 8
_WANTED = "|".join(sorted(words.REQUEST))
_SAYS_MORE = re.compile(rf"{_WRITER}|\b(?:{_WANTED})\b|\?", re.IGNORECASE)


def point_of(line: str) -> str:
    """*line* from where it comes to the point, without greeting, introduction and polite end.

    A request in the same sentence as the introduction is the point.
    """
    return _without((_OPENING, _SORRY, _WHO_WRITES, _CLOSING), line)


def introduces(line: str) -> bool:
    """Whether the first sentence of *line* only says who writes, be it before the wish for something.

    Behind a comma it may say what is wanted in words that nobody knows here.
    """
    found = _who(line)
    if found is None:
        return False
    who = found["who"].strip(" ,")
    return found["asks"] is not None or ("," not in who and len(words_of(who)) <= _LONGEST_INTRODUCTION)


def begins_with_who(line: str) -> bool:
    """Whether *line* says first of all who writes."""
    return _who(line) is not None


def _who(line: str) -> re.Match[str] | None:
    return _WHO_WRITES.match(_without((_OPENING, _SORRY), line))


def _without(courtesies: tuple[re.Pattern[str], ...], line: str) -> str:
    for courtesy in courtesies:
        opened = courtesy.match(line)
        line = line[opened.end() :] if opened else line
    return line


def heart_of(letter: str) -> str:
    """*letter* without the lines that say to whom and from whom it is, as far as those say nothing else."""
    lines = [line for line in body_of(letter).splitlines() if line]
    last = range(max(1, len(lines) - 1 - _LONGEST_NAME), len(lines))
    ends = next((place for place in last if _is_farewell(lines[place:])), len(lines))
    return "\n".join(lines[:ends])


def _is_farewell(lines: list[str]) -> bool:
    """Whether *lines* are "Salam," or the like with a name below, and nothing that anybody wants."""
    first, *names = lines
    return _FAREWELL.fullmatch(first) is not None and not any(map(_SAYS_MORE.search, names))


def body_of(letter: str) -> str:
    """*letter* without the lines above it that say to whom it is; all of it when there is nothing else."""
    lines = [line.strip() for line in letter.strip().splitlines()]
    first = next((place for place, line in enumerate(lines) if not _HEADING.fullmatch(line)), 0)
    return "\n".join(lines[first:])
