"""What is new in a mail: its text without what it repeats and without signatures. Line by line, in linear
time.

In doubt a line stays: a leaked quote is a nuisance, a lost word of a citizen is not.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from channels.mime import quotes

# Beyond this nothing is cut: who writes more has pasted a document.
LONGEST_TEXT = 200_000
LONGEST_SIGNATURE = 15
LONGEST_BARE_SIGNATURE = 5
LONGEST_ANNOUNCEMENT = 4
# Of a quoted passage that is answered inside the mail, so many lines stay to say what is answered.
LINES_OF_CONTEXT = 5

_WORD = re.compile(r"\w")


class Mark(StrEnum):
    """What a line is. Only ``OWN`` and ``FORWARDED`` lines are certain to stay."""

    OWN = "own"
    BLANK = "blank"
    QUOTED = "quoted"
    ANNOUNCED = "announced"
    REPEATED = "repeated"
    SIGNATURE = "signature"
    SENT_FROM = "sent_from"
    FORWARDED = "forwarded"


@dataclass(frozen=True, slots=True)
class Cut:
    """A span of the full text that was left out: offsets in letters, and why."""

    start: int
    end: int
    why: Mark


@dataclass(frozen=True, slots=True)
class NewText:
    """The new text: the full text without ``cuts``, and without blank lines around it, is ``text``.

    ``repeats``: quoted lines stand in it, to say what is answered.
    """

    text: str
    cuts: tuple[Cut, ...] = ()
    repeats: bool = False


def new_text(full: str, subject: str = "") -> NewText:
    """What is new in *full*, a mail's text with ``\\n`` line ends; *subject* tells a forward from a reply.

    Never empty when *full* has words: then all of it is returned. What is handed on (forwarded) stays.
    Answers between quoted lines stay together with the last lines that they answer.
    """
    if len(full) > LONGEST_TEXT:
        return NewText(full.strip("\n"))
    lines = full.split("\n")
    marks = _marks(lines, quotes.is_forward_subject(subject))
    kept = _kept(marks)
    text = "\n".join(line for line, keep in zip(lines, kept, strict=True) if keep).strip("\n").rstrip()
    if not _WORD.search(text) and _WORD.search(full):
        return NewText(full.strip("\n"))
    repeats = any(keep and mark is Mark.QUOTED for keep, mark in zip(kept, marks, strict=True))
    return NewText(text, _cuts(lines, marks, kept), repeats)


def with_repeats(full: str, new: NewText) -> str:
    """*full*, of which *new* is what is new, with what it repeats: without signatures only."""
    kept, at = "", 0
    for cut in new.cuts:
        if cut.why in (Mark.SIGNATURE, Mark.SENT_FROM):
            kept, at = kept + full[at : cut.start], cut.end
    return (kept + full[at:]).strip("\n").rstrip()


def _marks(lines: list[str], handed_on: bool) -> list[Mark]:
    """What each line is; the quoted ones first, then the announcements, then the tails of the rest."""
    tidy = [quotes.tidy(line) for line in lines]
    marks = [_first_mark(line, clean) for line, clean in zip(lines, tidy, strict=True)]
    _mark_own_angles(tidy, marks)
    end = _mark_repeated(tidy, marks, handed_on)
    _mark_signatures(lines, tidy, marks, end)
    return marks


def _first_mark(line: str, clean: str) -> Mark:
    if not clean:
        return Mark.BLANK
    return Mark.QUOTED if quotes.is_quoted(line) else Mark.OWN


def _mark_own_angles(tidy: list[str], marks: list[Mark]) -> None:
    """What nothing has announced, below the writer's own words, is theirs: "> 60 tahun: 9.100"."""
    at = 0
    while at < len(tidy) and not _announcement(tidy, marks, at) and not _starts_repeating(tidy, at):
        end = at
        while end < len(marks) and marks[end] is Mark.QUOTED:
            end += 1
        if end > at:
            if not _is_own(tidy, marks, at, end):
                return
            marks[at:end] = [Mark.OWN] * (end - at)
        at = max(at + 1, end)


def _is_own(tidy: list[str], marks: list[Mark], at: int, end: int) -> bool:
    """Whether this first run of quoted lines stands right below a line of the writer's, or is all figures."""
    said = [line.lstrip("> ") for line in tidy[at:end]]
    above = next((place for place in reversed(range(at)) if marks[place] is Mark.OWN), None)
    if above is None or quotes.ends_head(tidy[above]):
        return False
    if any(quotes.says_wrote(line) or _starts_repeating(said, place) for place, line in enumerate(said)):
        return False
    return above == at - 1 or all(line[:1].isdigit() for line in said)


def _mark_repeated(tidy: list[str], marks: list[Mark], handed_on: bool) -> int:
    """Mark what is repeated or handed on; the answer is the first line after the writer's own."""
    at = 0
    while at < len(tidy):
        if marks[at] is not Mark.OWN:
            at += 1
        elif quotes.is_forward_line(tidy[at]):
            return _mark_rest(marks, at, Mark.FORWARDED)
        elif length := _announcement(tidy, marks, at):
            if not _quoted_next(marks, at + length):
                if not any("@" in line for line in tidy[at : at + length]):
                    at += length
                    continue
                return _mark_rest(marks, at, _unmarked(marks, at))
            marks[at : at + length] = [Mark.ANNOUNCED] * length
            at += length
        elif _starts_repeating(tidy, at):
            return _mark_rest(marks, at, Mark.FORWARDED if handed_on else _unmarked(marks, at))
        else:
            at += 1
    return len(tidy)


def _mark_rest(marks: list[Mark], at: int, mark: Mark) -> int:
    marks[at:] = [mark] * (len(marks) - at)
    return at


def _unmarked(marks: list[Mark], at: int) -> Mark:
    """The rest of a mail whose program marks no quotes: with nothing before it, it is the message."""
    return Mark.REPEATED if _has_own(marks, at) else Mark.FORWARDED


def _has_own(marks: list[Mark], end: int) -> bool:
    return any(mark is Mark.OWN for mark in marks[:end])


def _announcement(tidy: list[str], marks: list[Mark], at: int) -> int:
    """How many lines from *at* announce a quote; 0 for none.

    Some programs write theirs right below the writer's last line, which is no part of it, whatever it names.
    """
    length = _announced(tidy, marks, at)
    early = not quotes.tells_moment(tidy[at])
    for start in range(at + 1, at + length):
        rest = " ".join(tidy[start : at + length])
        if (early or quotes.tells_moment(rest)) and _announced(tidy, marks, start) == at + length - start:
            return 0
    return length


def _announced(tidy: list[str], marks: list[Mark], at: int) -> int:
    """How many lines from *at* may be read as an announcement, its beginning included."""
    if not quotes.starts_announcement(tidy[at]):
        return 0
    joined = ""
    for length in range(1, LONGEST_ANNOUNCEMENT + 1):
        end = at + length
        if end > len(tidy) or marks[end - 1] is not Mark.OWN:
            return 0
        joined = f"{joined} {tidy[end - 1]}".strip()
        if quotes.says_wrote(tidy[end - 1]) and quotes.is_announcement(joined):
            return length
        if quotes.is_foreign_announcement(joined) and _quoted_next(marks, end):
            return length
    return 0


def _quoted_next(marks: list[Mark], at: int) -> bool:
    while at < len(marks) and marks[at] is Mark.BLANK:
        at += 1
    return at < len(marks) and marks[at] is Mark.QUOTED


def _starts_repeating(tidy: list[str], at: int) -> bool:
    line = tidy[at]
    if quotes.is_our_line(line) or quotes.is_original_line(line) or quotes.is_running_announcement(line):
        return True
    if quotes.is_rule(line):
        at += 1
    elif not quotes.is_author_label(line):
        return False
    return quotes.is_header_block([each for each in tidy[at : at + 12] if each])


def _mark_signatures(lines: list[str], tidy: list[str], marks: list[Mark], end: int) -> None:
    """Mark the tails of each passage that the writer wrote: a signature, and what a phone adds."""
    for start, stop in _passages(marks, end):
        for at in range(start, stop):
            if quotes.is_signature_line(lines[at]) and stop - at - 1 <= _longest_signature(lines, at):
                marks[at:stop] = [Mark.SIGNATURE] * (stop - at)
                break
            if quotes.is_sent_from(tidy[at]) and not _says_more(marks, tidy, at + 1, stop):
                marks[at] = Mark.SENT_FROM


def _longest_signature(lines: list[str], at: int) -> int:
    """Two dashes alone may be a rule that the writer has drawn; with their blank no person writes them."""
    if lines[at] != quotes.BARE_SIGNATURE:
        return LONGEST_SIGNATURE
    return LONGEST_BARE_SIGNATURE if at == 0 or not lines[at - 1].strip() else -1


def _says_more(marks: list[Mark], tidy: list[str], start: int, stop: int) -> bool:
    """Whether the writer says something in the next lines before *stop*; a link or a rule says nothing."""
    window = range(start, min(stop, start + LONGEST_SIGNATURE))
    return any(marks[at] is Mark.OWN and not _says_nothing(tidy[at]) for at in window)


def _says_nothing(line: str) -> bool:
    return (
        quotes.is_rule(line)
        or quotes.is_sent_from(line)
        or quotes.is_signature_line(line)
        or line.lstrip("<(").startswith(("http://", "https://"))
    )


def _passages(marks: list[Mark], end: int) -> list[tuple[int, int]]:
    """The runs of lines between quotes, from their first to their last line with words."""
    found: list[tuple[int, int]] = []
    start: int | None = None
    last = 0
    for at in range(end):
        if marks[at] is Mark.OWN:
            start = at if start is None else start
            last = at
        elif marks[at] is not Mark.BLANK and start is not None:
            found.append((start, last + 1))
            start = None
    return found if start is None else [*found, (start, last + 1)]


def _kept(marks: list[Mark]) -> list[bool]:
    kept = [mark in (Mark.OWN, Mark.BLANK, Mark.FORWARDED) for mark in marks]
    answered = _answered_quotes(marks)
    if len(answered) > 1:
        for start, end in answered:
            for at in range(max(start, end - LINES_OF_CONTEXT), end):
                kept[at] = True
    elif not any(mark in (Mark.ANNOUNCED, Mark.REPEATED) for mark in marks):
        _keep_lone(marks, kept)
    return kept


def _keep_lone(marks: list[Mark], kept: list[bool]) -> None:
    """A single line with ``>`` among the writer's own, announced by nobody, is the writer's."""
    quoted = [at for at, mark in enumerate(marks) if mark is Mark.QUOTED]
    if len(quoted) == 1 and any(mark is Mark.OWN for mark in marks[quoted[0] :]):
        marks[quoted[0]], kept[quoted[0]] = Mark.OWN, True


def _answered_quotes(marks: list[Mark]) -> list[tuple[int, int]]:
    """The runs of quoted lines after which the writer says something."""
    found: list[tuple[int, int]] = []
    start: int | None = None
    last = 0
    for at, mark in enumerate(marks):
        if mark is Mark.QUOTED:
            start = at if start is None else start
            last = at
        elif mark is not Mark.BLANK:
            if start is not None and mark is Mark.OWN:
                found.append((start, last + 1))
            start = None
    return found


def _cuts(lines: list[str], marks: list[Mark], kept: list[bool]) -> tuple[Cut, ...]:
    found: list[Cut] = []
    offset, length = 0, sum(len(line) + 1 for line in lines) - 1
    for line, mark, keep in zip(lines, marks, kept, strict=True):
        end = min(offset + len(line) + 1, length)
        if not keep:
            joins = bool(found) and found[-1].end == offset and found[-1].why is mark
            start = found.pop().start if joins else offset
            found.append(Cut(start, end, mark))
        offset = end
    return tuple(found)
