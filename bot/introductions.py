"""What a letter tells about its writer: by labels, in an introduction, or in answer to our question."""

import re
from collections.abc import Mapping
from dataclasses import replace

from bot import answers, words
from bot.conversation import Profile
from bot.labels import Labelled
from bot.understanding import words_of

_NAME = re.compile(
    r"\b(?:nama (?:lengkap )?(?:saya|sy|aku)(?: adalah)?|perkenalkan,? (?:saya|sy|aku)|my name is)[ ,:]{1,3}"
    r"(?P<name>[^\W\d_][^,;:(\n]{1,79}?)(?=[,;:(\n]|[.!] |[.!]?$| (?:dari|mahasiswa|mahasiswi|siswa|dosen|"
    r"from|selaku|sebagai|of|and|dan|yang|ingin|mau|bermaksud|a|an)\b)",
    re.IGNORECASE,
)
_INSTITUTIONS = "|".join(re.escape(word) for word in sorted(words.INSTITUTION_WORDS, key=len, reverse=True))
# "saya mahasiswa", "saya Siti dari Bappeda", "kami, Dinas Sosial", "I am a student".
_ORIGIN = re.compile(
    r"\b(?:saya|sy|kami|aku|i am|i'm|we are)\b(?P<between>[^.!?:;]{0,60}?)"
    rf"(?:[ ,]|(?:adalah|seorang|selaku|sebagai|dari|di|from|at|of|an?) )(?P<origin>{_INSTITUTIONS})\b",
    re.IGNORECASE,
)
_LONGEST_READ = 4000
_LONGEST_NAME = 6


def tell(profile: Profile, asked: tuple[str, ...], letter: Labelled, use: str) -> Profile:
    """*profile* with what *letter* tells of what was empty in it. *use* is what its request is for.

    Labels are believed always; what the sentences say only for the fields *asked*.
    """
    text, told = letter.rest[:_LONGEST_READ], letter.told
    found: dict[str, str | None] = {
        "name": _named(told.get("name", "")),
        "email": answers.email(told.get("email", "")),
        "institution_category": _institution(told.get("institution_category", "")),
    }
    if "main_use" in asked:
        found["main_use"] = _main_use(told.get("use", ""), use)
    for field in asked:
        found[field] = found.get(field) or _in_sentences(field, text)
    return _filled(profile, found)


def _in_sentences(field: str, text: str) -> str | None:
    match field:
        case "name":
            return _name(text)
        case "institution_category":
            return _origin(text)
    return None


def corrected(profile: Profile, letter: Labelled) -> Profile:
    """*profile* with what labels in *letter* tell otherwise. Not the address: that needs a proof."""
    told = letter.told
    found: dict[str, str | None] = {
        "name": _named(told.get("name", "")),
        "institution_category": _known(told.get("institution_category", ""), words.INSTITUTION_WORDS),
        "main_use": _known(told.get("use", ""), words.MAIN_USE_WORDS),
    }
    other = {field: value for field, value in found.items() if value and getattr(profile, field)}
    return replace(profile, **other)


def answer(profile: Profile, asked: tuple[str, ...], text: str) -> Profile:
    """*profile* with what *text* tells in answer to the fields *asked*, in free words or in their order."""
    if not asked:
        return profile
    found: Mapping[str, str | None] = _in_order(asked, text) or {
        "name": _name(text) or _bare_name(text),
        "email": answers.email(text),
        "institution_category": _known(text, words.INSTITUTION_WORDS),
        "main_use": _known(text, words.MAIN_USE_WORDS),
    }
    return _filled(profile, {field: found.get(field) for field in asked})


def _filled(profile: Profile, found: Mapping[str, str | None]) -> Profile:
    """What was told earlier stays."""
    told = {field: value for field, value in found.items() if value and not getattr(profile, field)}
    return replace(profile, **told) if told else profile


def _named(value: str) -> str | None:
    return answers.name(f"nama saya {value}") if value else None


def _name(text: str) -> str | None:
    found = _NAME.search(text)
    return _named(found["name"].strip()) if found else None


def _bare_name(text: str) -> str | None:
    """A name that is all of *text*, or that comes before where its bearer is from."""
    first, *others = re.split(r"[\n,;]", text.strip(), maxsplit=1)
    alone = not others and len(words_of(first)) <= _LONGEST_NAME
    return answers.name(first) if alone or _known("".join(others), words.INSTITUTION_WORDS) else None


def _institution(value: str) -> str:
    return (_known(value, words.INSTITUTION_WORDS) or "lainnya") if value else ""


def _origin(text: str) -> str | None:
    """Where the writer says to be from; "saya butuh data sekolah" says nothing of that kind."""
    for found in _ORIGIN.finditer(" ".join(text.split())):
        if words.REQUEST.isdisjoint(words_of(found["between"])):
            return words.INSTITUTION_WORDS[found["origin"].lower()]
    return None


def _main_use(labelled: str, use: str) -> str | None:
    told = _known(labelled or use, words.MAIN_USE_WORDS)
    return told or ("lainnya" if labelled else None)


def _known(text: str, meanings: dict[str, str]) -> str | None:
    """The meaning of the first word of *text* that has one."""
    padded = f" {' '.join(words_of(text))} "
    found = [(padded.find(f" {word} "), meaning) for word, meaning in meanings.items()]
    return min((each for each in found if each[0] >= 0), default=(0, None))[1]


def _in_order(asked: tuple[str, ...], text: str) -> dict[str, str] | None:
    """One part per field asked, in commas or lines; None when they do not fit."""
    parts = [re.sub(r"^(?:\d[.)]|[-*•]) *", "", part.strip()) for part in re.split(r"[\n,;]", text)]
    parts = [part for part in parts if part]
    if len(parts) != len(asked):
        return None
    told = {field: _fitting(field, part) for field, part in zip(asked, parts, strict=True)}
    return {field: each for field, each in told.items() if each} if told.get("name", "-") else None


def _fitting(field: str, part: str) -> str | None:
    match field:
        case "name":
            return answers.name(part)
        case "email":
            return answers.email(part)
        case "institution_category":
            return _institution(part)
        case "main_use":
            return _main_use(part, "")
    return None
