"""Whether the office's own receiving server has found a mail's sender to be who they say (RFC 8601).

Anybody can write *Authentication-Results* into a mail. Believed is only the newest that bears the name of our
receiver and stands above the line with which that receiver took the mail in; and parts of it may still be a
stranger's words, so that results which contradict each other prove nothing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

# Writes its results below its own Received line, and always; it removes others that bear its name.
_WRITES_BELOW = {"mx.google.com"}
_RESULTS = "authentication-results"
_MOST_RESULTS = 50
_TAKEN_BY = re.compile(r"(?:^|\s)by\s+([^\s;]{1,255})", re.IGNORECASE)
# "from localhost (localhost [127.0.0.1]) by …": a filter on the same machine hands the mail back.
_FROM_ITSELF = re.compile(
    r"from\s[^()]{0,255}\([^()]{0,255}\[(?:127\.[\d.]{1,12}|(?:ipv6:)?::1)\]\)\s+by\s", re.IGNORECASE
)
_METHOD = re.compile(r"\s*([a-z0-9-]{1,20})(?:/\d+)?\s*=\s*([a-z]{1,20})\b", re.IGNORECASE)
_ABOUT = re.compile(r"\bheader\.(from|d|i)\s*=\s*([^\s;]{1,255})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Result:
    """What one method found; ``about``: the header's domains, by ``from``, ``d`` and ``i``."""

    method: str
    passed: bool
    about: Mapping[str, str]


def proves(trace: Sequence[tuple[str, str]], receiver: str, author: str) -> bool:
    """Whether *receiver* says that the domain of *author* stands behind the mail.

    By DMARC; where it knows none, by DKIM for that domain. *trace*: ``received`` and
    ``authentication-results`` with their values, newest first.
    """
    domain = author.rpartition("@")[2].lower().rstrip(".")
    believed = _believed(trace, receiver.lower())
    results = [result for value in believed for result in _results(value)]
    dmarc = [result for result in results if result.method == "dmarc"]
    if dmarc:
        return all(result.passed and result.about.get("from") == domain for result in dmarc)
    return any(result.method == "dkim" and result.passed and _signed(result, domain) for result in results)


def _believed(trace: Sequence[tuple[str, str]], receiver: str) -> list[str]:
    """The newest results of *receiver*, when they stand where no sender can write.

    Without a line of its own in the trace, only what stands above every other server's counts. What its
    filters on the same machine have handed back is no line of this kind: they note their results there.
    """
    taken = [at for at, (name, value) in enumerate(trace) if name == "received" and _takes(value, receiver)]
    lines = taken or [at for at, (name, _) in enumerate(trace) if name == "received"]
    if taken and receiver in _WRITES_BELOW:
        return _newest(trace[taken[0] + 1 :], receiver, at_once=True)
    return _newest(trace[: lines[0]], receiver) if lines else []


def _newest(trace: Sequence[tuple[str, str]], receiver: str, *, at_once: bool = False) -> list[str]:
    """The first results of *receiver* up to the next server's line; *at_once*: none may come before."""
    found: list[str] = []
    for name, value in trace:
        if name == _RESULTS and _named(value) == receiver:
            found.append(value)
        elif name == "received" and (found or at_once):
            break
    return found


def _takes(received: str, receiver: str) -> bool:
    """Whether *receiver* has taken the mail in from another machine with this line."""
    match = _TAKEN_BY.search(_plain(received))
    taker = match[1].lower().rstrip(".") if match else ""
    return taker == receiver and _FROM_ITSELF.match(received.strip()) is None


def _named(value: str) -> str:
    return "".join(_plain(value).partition(";")[0].split()[:1]).lower().rstrip(".")


def _results(value: str) -> Iterator[_Result]:
    for told in _plain(value).split(";")[1:_MOST_RESULTS]:
        if match := _METHOD.match(told):
            about = {key.lower(): found.lower().rstrip(".") for key, found in _ABOUT.findall(told)}
            yield _Result(match[1].lower(), match[2].lower() == "pass", about)


def _signed(result: _Result, domain: str) -> bool:
    """Whether the signature is of the author's own domain, of one above or of one below it."""
    signer = result.about.get("d") or result.about.get("i", "").rpartition("@")[2]
    above = "." in signer and f".{domain}".endswith(f".{signer}")
    return above or f".{signer}".endswith(f".{domain}")


def _plain(value: str) -> str:
    """*value* without comments, however deep, and without quoted text: strangers' words stand there."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for letter in value:
        if escaped:
            escaped = False
        elif letter == "\\" and (quoted or depth):
            escaped = True
        elif letter == '"' and not depth:
            quoted = not quoted
        elif not quoted and letter in "()":
            depth = max(0, depth + (1 if letter == "(" else -1))
        elif not quoted and not depth:
            kept.append(letter)
    return "".join(kept)
