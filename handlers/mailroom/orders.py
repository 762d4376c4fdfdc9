"""What an officer orders in the first lines of a mail, before the words for the citizen."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Order(StrEnum):
    """What can be ordered. ``NOTE`` and ``ASSIGN`` keep the mail's words inside."""

    CLOSE = "close"
    TAKE = "take"
    NOTE = "note"
    ASSIGN = "assign"
    ASK = "ask"


class Misread(StrEnum):
    """Why orders can't be followed; then none of them is."""

    UNKNOWN = "unknown_order"
    MORE_THAN_AN_ORDER = "words_beside_order"
    CONTRADICTION = "contradicting_orders"
    NOBODY = "assigned_to_nobody"


@dataclass(frozen=True, slots=True)
class Ordered:
    """The orders of a mail, the colleague that ``ASSIGN`` names, and the words below the orders.

    ``misread`` with the line that it is about, when they can't be followed.
    """

    orders: frozenset[Order] = frozenset()
    colleague: str = ""
    text: str = ""
    misread: Misread | None = None
    line: str = ""


_WORDS = {
    "tutup": Order.CLOSE,
    "close": Order.CLOSE,
    "ambil": Order.TAKE,
    "take": Order.TAKE,
    "catatan": Order.NOTE,
    "note": Order.NOTE,
    "alih": Order.ASSIGN,
    "alihkan": Order.ASSIGN,
    "assign": Order.ASSIGN,
    "tanya": Order.ASK,
    "ask": Order.ASK,
}
# "#1 Data inflasi" and "# Judul" are what somebody writes; "#tutpu" is an order that was mistyped.
_LINE = re.compile(r"#([a-z]\w{0,40})[.:!]?(?:\s+(.*))?", re.IGNORECASE)
_SPACED = re.compile(r"#\s+(\w{1,40})[.:!]?(?:\s+(.*))?")
_INSIDE = frozenset({Order.NOTE, Order.ASSIGN})


def read(text: str) -> Ordered:
    """The orders at the top of *text*, one a line, in Indonesian or English; capitals don't matter.

    The words behind ``#catatan`` belong to the note; ``#alih`` is followed by a name; the others stand alone.
    """
    found: list[tuple[Order, str, str]] = []
    lines = text.strip().split("\n")
    for at, line in enumerate(lines):
        order = _order(line.strip())
        if isinstance(order, Misread):
            return Ordered(misread=order, line=line.strip()[:80])
        if order is not None:
            found.append((*order, line.strip()))
        elif line.strip():
            return _gathered(found, "\n".join(lines[at:]))
    return _gathered(found, "")


def _order(line: str) -> tuple[Order, str] | Misread | None:
    """The order of this line and what follows it; None for a line that orders nothing."""
    match = _LINE.fullmatch(line)
    if match is None:
        match = _SPACED.fullmatch(line)
        if match is None or match[1].lower() not in _WORDS:
            return None
    order = _WORDS.get(match[1].lower())
    rest = (match[2] or "").strip()
    if order is None:
        return Misread.UNKNOWN
    if rest and order not in _INSIDE:
        return Misread.MORE_THAN_AN_ORDER
    return order, rest


def _gathered(found: list[tuple[Order, str, str]], text: str) -> Ordered:
    orders = frozenset(order for order, _, _ in found)
    names = [rest for order, rest, _ in found if order is Order.ASSIGN]
    noted = [rest for order, rest, _ in found if order is Order.NOTE and rest]
    said = "\n".join([*noted, text]).strip()
    line = "; ".join(line for _, _, line in found)[:80]
    if _contradict(orders) or len(names) > 1:
        return Ordered(misread=Misread.CONTRADICTION, line=line)
    if names and not names[0]:
        return Ordered(misread=Misread.NOBODY, line=line)
    return Ordered(orders, names[0] if names else "", said)


def _contradict(orders: frozenset[Order]) -> bool:
    """Words that stay inside ask the citizen nothing; what is handed over is not closed with it."""
    return (Order.ASK in orders and bool(orders & _INSIDE)) or {Order.ASSIGN, Order.CLOSE} <= orders
