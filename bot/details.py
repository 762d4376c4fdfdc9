"""What a request already tells: which data, which area, which years, for what use."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot import words
from bot.conversation import Request
from bot.labels import LABELS, Told
from bot.opening import begins_with_who, introduces, point_of
from bot.understanding import names_topic, words_of

_YEAR = r"(?:19|20)\d{2}"
_SPAN = r"(?:-|–|/|s\.?/?d\.?|sd|sampai(?: dengan)?|hingga|dan|,|&|to|and|until)"
_COUNT = r"(?:\d{1,2}|dua|tiga|empat|lima|sepuluh|two|three|five|ten)"
# For text with single blanks only: see _flat.
_YEARS = re.compile(
    rf"\b{_YEAR}(?: ?{_SPAN}?(?: ?(?:tahun|thn|th))? ?{_YEAR})*\b"
    rf"|\b{_COUNT} ?(?:tahun|thn|th|years?)(?: (?:terakhir|belakangan|last))?\b"
    r"|\b(?:(?:tahun|thn) )?(?:terbaru|terkini|terakhir|latest|newest)\b"
    r"|\b(?:tahun|thn) (?:ini|lalu|kemarin)\b|\b(?:this|last) year\b",
    re.IGNORECASE,
)
_DIRECTION = r"(?:timur|barat|utara|selatan|tengah|baru|laut|raya|besar|kecil|hulu|hilir|induk)"
_FORENAME = r"(?:pulau|tanjung|tanah|sungai|muara|hulu|bukit|pangkal|nusa|long|teluk)"
_AREA = re.compile(
    r"\b(?:kab(?:upaten)?|kota|kec(?:amatan)?|desa|kel(?:urahan)?|prov(?:insi)?|pulau)\b\.? "
    rf"(?P<name>(?:{_FORENAME} )?[A-Za-z]{{3,40}}(?: {_DIRECTION}){{0,2}})\b",
    re.IGNORECASE,
)
_OWN_AREA = re.compile(r"\b(?:kab(?:upaten)?|kota)\b", re.IGNORECASE)
_PLAN = re.compile(
    r"\b(?:rpjmd|rpjmn|rpjpd|rkpd|renstra|renja|angkatan)(?: (?:tahun|thn|th|periode))? $", re.IGNORECASE
)
_LONGEST_PLAN = 40
_WIDE_AREA = re.compile(r"\b(?:indonesia|nasional|se-?indonesia)\b", re.IGNORECASE)
_USE_WORD = re.compile(
    r"\b(skripsi|tesis|disertasi|tugas(?: akhir| kuliah| sekolah)?|penelitian|riset|makalah|perencanaan|"
    r"rpjmd|proposal|bisnis|laporan|lomba|thesis|research|assignment|planning|business)\b",
    re.IGNORECASE,
)
_USE_PHRASE = re.compile(r"\b(?:untuk|utk|u/|buat|for) (?P<use>[^.,;?!]{4,60})", re.IGNORECASE)
_NOT_A_USE = re.compile(
    r"^(?:tahun|thn|th|kab|kota|kec|desa|prov|wilayah|daerah|data|semua|seluruh|saya|kami|bapak|ibu|the\b|\d)",
    re.IGNORECASE,
)
_OFFICE_PREFIX = re.compile(
    r"^(?:bps|badan pusat statistik)\s+(?:kabupaten|kota|provinsi|prov\.?|kab\.?)?\s*", re.IGNORECASE
)
_PARTS: tuple[Told, ...] = ("what", "area", "years", "use")
_LABEL_OF = {label: part for part in _PARTS for label in LABELS[part]}
_LINE = re.compile(r"(?P<label>[A-Za-z][A-Za-z ]{1,19}?) ?[:=] ?(?P<value>\S.*)")
_NUMBERED = re.compile(r"(?P<number>[1-4]) ?[.)\-:](?!\d{1,2}\b) ?(?P<value>\S.*)")
_NEXT_NUMBER = re.compile(r"[,;]? (?=[1-4][.)] )")
_SAYS_NO_DATA = words.FILLER | words.ACKNOWLEDGE | words.ANNOUNCING
_FIGURES = words.TOPICS - words.LOOSE_TOPICS
_LONGEST = 300
LONGEST_REQUEST = 20_000


def place_of(office_name: str) -> str:
    """The place an office is named after: ``BPS Kabupaten Contoh`` gives ``Contoh``."""
    return _OFFICE_PREFIX.sub("", office_name).strip()


def read(text: str, place: str) -> Request:
    """What *text* tells by itself. *place* is the office's own, meant by a bare "kab"."""
    return Request(text=text.strip()[:LONGEST_REQUEST], **_parts(_PARTS, text, place))


def add(request: Request, text: str, place: str) -> Request:
    """*request* with what *text* adds. Nothing told earlier is lost; the words are kept as they came."""
    told = _parts(request.missing, text, place) | _at_last(request, text, place)
    return replace(keep(request, text), **told)


def keep(request: Request, text: str) -> Request:
    """*request* with the words of *text*, and nothing read out of them."""
    said = text.strip()
    if request.text == said or request.text.endswith(f"\n{said}"):
        return request
    merged = f"{request.text}\n{said}".strip()
    return replace(request, text=merged[:LONGEST_REQUEST])


def answer(request: Request, text: str, place: str) -> Request:
    """*request* completed by the answer to the one question about what is missing.

    Understood are ``Label: isi`` lines, numbered lines in the order asked, one part per missing thing
    separated by commas or lines, and free text.
    """
    at_last = _at_last(request, text, place)
    told = _labelled(text, request.missing) or ({} if at_last else _in_order(text, request.missing))
    found = _found(request.missing, text, place) | at_last
    if not told and not found and request.missing:
        found = {request.missing[0]: _flat(text)}
    parts = {**found, **told}
    return replace(keep(request, text), **{key: value[:_LONGEST] for key, value in parts.items()})


def correct(request: Request, text: str, place: str, *, anew: bool) -> Request:
    """*request* as *text* would have it: what is told again counts, the rest stays.

    Which data is wanted changes only when it is told *anew*: otherwise *text* is an addition to it.
    """
    told = _labelled(text, ()) or _found(("what", "area", "years", "use"), text, place)
    partly = not anew or (len(told) > 1 and not names_topic(text))
    if request.what and partly and not _labelled(text, ()) and not _at_last(request, text, place):
        told.pop("what", None)
    return replace(keep(request, text), **{key: value[:_LONGEST] for key, value in told.items()})


def _at_last(request: Request, text: str, place: str) -> dict[str, str]:
    """The data, where *text* names them and what was taken for them was only said before coming to it."""
    naming = words.TOPICS if begins_with_who(request.what) else _FIGURES
    if not request.what or names_topic(request.what) or naming.isdisjoint(words_of(text)):
        return {}
    return _found(("what",), text, place)


def told(missing: tuple[str, ...], text: str, place: str) -> dict[str, str]:
    """What *text* tells of the parts *missing*, in their order or in free words; nothing is guessed."""
    if not text.strip():
        return {}
    found = _in_order(text, missing) or _found(missing, text, place)
    return {part: value[:_LONGEST] for part, value in found.items()}


def _found(keys: tuple[str, ...], text: str, place: str) -> dict[str, str]:
    return {key: value for key, value in _parts(keys, text, place).items() if value}


def _parts(keys: Sequence[str], text: str, place: str) -> dict[str, str]:
    """What *text* tells of each of *keys*; empty where it tells nothing."""
    flat = _flat(text)
    return {key: _READERS[key](flat, place) for key in keys}


def _flat(text: str) -> str:
    """*text* with single blanks, so that no pattern has a run of them to try again and again."""
    return " ".join(text.split())


def _labelled(text: str, missing: tuple[str, ...]) -> dict[str, str]:
    told: dict[str, str] = {}
    for line in _lines(text):
        found = _LINE.fullmatch(line)
        key = _LABEL_OF.get(" ".join(words_of(found["label"]))) if found else None
        if found and key:
            told[key] = found["value"]
        elif (numbered := _NUMBERED.fullmatch(line)) and int(numbered["number"]) <= len(missing):
            told[missing[int(numbered["number"]) - 1]] = numbered["value"]
    return told


def _lines(text: str) -> list[str]:
    return [part for line in text.splitlines() for part in _NEXT_NUMBER.split(_flat(line)) if part]


def _in_order(text: str, missing: tuple[str, ...]) -> dict[str, str]:
    """One part per missing thing. A part that is a year goes where the year belongs, whatever the order."""
    parts = [_flat(part) for part in re.split(r"[\n,;]", text) if part.strip()]
    if len(missing) < 2 or len(parts) != len(missing):
        return {}
    keys = [key for key in missing if key != "years"]
    if "years" not in missing:
        return dict(zip(keys, parts, strict=True))
    dated = next((part for part in parts if _YEARS.fullmatch(part)), parts[missing.index("years")])
    parts.remove(dated)
    return {**dict(zip(keys, parts, strict=True)), "years": dated}


def _years(flat: str, _place: str) -> str:
    """The first years that are not those of the plan somebody writes: "RPJMD 2025–2029"."""
    first = ""
    for years in _YEARS.finditer(flat):
        begins = years.start()
        if not _PLAN.search(flat, max(0, begins - _LONGEST_PLAN), begins):
            return years.group()
        first = first or years.group()
    return first


def _first(pattern: re.Pattern[str], flat: str) -> str:
    found = pattern.search(flat)
    return found.group() if found else ""


def _what(flat: str, place: str) -> str:
    point = point_of(flat)
    if _names_data(point, place):
        return point[:_LONGEST]
    return flat[:_LONGEST] if _names_data(flat, place) and not introduces(flat) else ""


def _names_data(flat: str, place: str) -> bool:
    """Whether a word is left that may be what is asked for: no courtesy, no year, no place and no use."""
    own = words_of(place)
    return any(
        word not in _SAYS_NO_DATA and word not in own and len(word) > 1 and not word.isdecimal()
        for word in words_of(_YEARS.sub(" ", _USE_PHRASE.sub(" ", flat)))
    )


def _area(flat: str, place: str) -> str:
    if place and set(words_of(place)) <= set(words_of(flat)):
        return place
    named = (found for found in _AREA.finditer(flat) if _is_place(found["name"]))
    if found := next(named, None):
        return found.group()
    if _WIDE_AREA.search(flat):
        return "Indonesia"
    return place if _OWN_AREA.search(flat) else ""


def _is_place(named: str) -> bool:
    return named.split(maxsplit=1)[0].casefold() not in words.NOT_A_PLACE


def _use(flat: str, place: str) -> str:
    own = words_of(place)
    for found in _USE_PHRASE.finditer(flat):
        told = (word for word in words_of(found["use"]) if word not in words.FILLER and word not in own)
        if not _NOT_A_USE.match(found["use"]) and any(told):
            return found["use"].strip()
    return _first(_USE_WORD, flat)


_READERS = {"what": _what, "area": _area, "years": _years, "use": _use}
