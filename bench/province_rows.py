"""The columns of a province's rows, as SQL that both databases understand; ``n.i`` is the row's number."""

from datetime import datetime
from typing import TYPE_CHECKING

from bench.vocabulary import TEXTS

if TYPE_CHECKING:
    from bench.province import Province

OFFICERS = 4
COMPLAINTS = 99
_YEARS = 5 * 365 * 86_400
_INBOUND, _BOTS, _NOTE = "(0, 2, 5, 8)", "(1, 3, 9)", "7"
_BOT = "Permintaan Bapak/Ibu sudah kami catat. Petugas kami menjawab paling lambat tiga hari kerja."


def _drawn(what: str, person: str) -> str:
    return f"(SELECT {what} FROM drawn WHERE id = (({person}) % 10000 * 7919) % 10000)"  # noqa: S608  # no input


def beside(person: str, text: str) -> str:
    """Who has this number, as ``d``, and the text of that number, as ``s``."""
    drawn = f"JOIN drawn AS d ON d.id = (({person}) % 10000 * 7919) % 10000"
    return f"{drawn} JOIN said AS s ON s.id = ({text}) % {TEXTS}"


def _said(what: str, number: str) -> str:
    return f"(SELECT {what} FROM said WHERE id = ({number}) % {TEXTS})"  # noqa: S608  # no input


def _when(condition: str, then: str, otherwise: str = "NULL") -> str:
    return f"CASE WHEN {condition} THEN {then} ELSE {otherwise} END"


def _officer(ticket: str) -> str:
    """Whoever of the office of ``d`` has this ticket."""
    return f"d.place * {OFFICERS} + 1 + {ticket} % {OFFICERS}"


def _numbered(begins: str, number: str) -> str:
    return f"'{begins}' || CAST(10000000000 + ({number}) AS TEXT)"


class Rows:
    """The columns by the names of their tables."""

    def __init__(self, province: "Province", now: datetime, dialect: str) -> None:
        self._of = province
        self._now = now
        self._sqlite = dialect == "sqlite"

    def _ago(self, seconds: str) -> str:
        if self._sqlite:
            now = f"{self._now:%Y-%m-%d %H:%M:%S}"
            return f"strftime('%Y-%m-%d %H:%M:%f', '{now}', (0 - ({seconds})) || ' seconds') || '000'"
        return f"(TIMESTAMPTZ '{self._now.isoformat()}' - ({seconds}) * INTERVAL '1 second')"

    def _year(self, moment: str) -> str:
        if self._sqlite:
            return f"CAST(substr({moment}, 1, 4) AS INTEGER)"
        return f"CAST(extract(year FROM {moment}) AS INTEGER)"

    def _age(self, ticket: str) -> str:
        """Seconds since the ticket was opened: evenly over five years."""
        return f"(({self._of.tickets} - ({ticket})) * {_YEARS // self._of.tickets} + 3600 * 30)"

    def _open(self, ticket: str) -> str:
        return f"(({ticket}) % 3 = 0 AND ({ticket}) >= {self._of.recent})"

    def _an_open(self, number: str, every: int = 3) -> str:
        return f"({self._of.recent} + {every} * (({number}) - 1))"

    def _person(self, person: str) -> dict[str, str]:
        return {"office": _drawn("office", person), "created_at": self._ago(self._age(f"3 * ({person}) - 2"))}

    def officer(self) -> dict[str, str]:
        """Four for each office, and one administrator."""
        last = self._of.offices * OFFICERS
        return {
            "email": "'petugas' || CAST(n.i AS TEXT) || '@contoh.go.id'",
            "name": f"'Petugas ' || {_said('name', 'n.i')}",
            "password_hash": "'x'",
            "administrator": f"n.i > {last}",
            "created_at": self._ago(str(_YEARS)),
        }

    def membership(self) -> dict[str, str]:
        """The first of each office is its supervisor."""
        return {
            "officer_id": "n.i",
            "office": f"CAST(1101 + (n.i - 1) / {OFFICERS} AS TEXT)",
            "role": f"CASE WHEN n.i % {OFFICERS} = 1 THEN 'supervisor' ELSE 'officer' END",
        }

    def administrators(self) -> dict[str, str]:
        """The administrator works at every office."""
        return {
            "officer_id": str(self._of.offices * OFFICERS + 1),
            "office": "CAST(1100 + n.i AS TEXT)",
            "role": "'supervisor'",
        }

    def series(self) -> dict[str, str]:
        """The next number of this year is beyond all that were given out."""
        return {
            "office": "CAST(1100 + n.i AS TEXT)",
            "kind": "'consultation'",
            "year": str(self._now.year),
            "last": str(self._of.tickets),
        }

    def contact(self) -> dict[str, str]:
        """Everybody has three tickets."""
        name = _said("name", "n.i * 7")
        return {**self._person("n.i"), "name": f"'Siti ' || {name}", "email": f"{name} || '@contoh.id'"}

    def address(self) -> dict[str, str]:
        """A fifth write by mail."""
        return {**self._person("n.i"), "contact_id": "n.i", "kind": _channel("n.i"), "value": _value("n.i")}

    def conversation(self) -> dict[str, str]:
        """One each."""
        last = f"{self._open('3 * n.i')} AND 3 * n.i <= {self._of.tickets}"
        return {
            **self._person("n.i"),
            "channel": _channel("n.i"),
            "sender": _sender("n.i"),
            "address_id": "n.i",
            "contact_id": "n.i",
            "reply_to": _value("n.i"),
            "state": f"CASE WHEN {last} THEN 'with_officers' ELSE 'closed' END",
            "ticket_id": f"CASE WHEN {last} THEN 3 * n.i END",
            "last_inbound_at": self._ago(f"CASE WHEN {last} THEN {self._age('3 * n.i')} ELSE 90000 END"),
        }

    def ticket(self) -> dict[str, str]:
        """Three in a row are one citizen's, and the last of them may be open."""
        person, is_open, age = "((n.i - 1) / 3 + 1)", self._open("n.i"), self._age("n.i")
        name = _said("name", f"{person} * 7")
        number = f"d.short || '-' || CAST({self._year(self._ago(age))} AS TEXT) || '-' || CAST(n.i AS TEXT)"
        subject = "substr(s.body, 1, 120)"
        answered = f"(n.i % 5 > 2 OR NOT {is_open})"
        return {
            "office": "d.office",
            "handled_by": _when("n.i % 500 = 9", _drawn("office", f"{person} + 1"), "d.office"),
            "conversation_id": person,
            "contact_id": person,
            "kind": f"CASE WHEN n.i % {COMPLAINTS} = 0 THEN 'complaint' ELSE 'consultation' END",
            "year": self._year(self._ago(age)),
            "number": "n.i",
            "reference": number,
            "status": f"CASE WHEN {is_open} THEN 'open' ELSE 'closed' END",
            "close_reason": f"CASE WHEN NOT {is_open} THEN 'officer' END",
            "waiting_for": f"CASE WHEN {answered} THEN 'citizen' ELSE 'office' END",
            "waiting_since": self._ago(f"{age} - 3600"),
            "claimed_by": _when(f"n.i % 4 > 0 OR NOT {is_open}", _officer("n.i")),
            "subject": subject,
            "search_text": f"{number} || ' Siti ' || {name} || ' ' || {subject}",
            "opened_at": self._ago(age),
            "answered_at": f"CASE WHEN {answered} THEN {self._ago(f'{age} - 7200')} END",
            "closed_at": f"CASE WHEN NOT {is_open} THEN {self._ago(f'{age} - 86400')} END",
            "closings": f"CASE WHEN {is_open} THEN 0 ELSE 1 END",
            "clock_from": self._ago(age),
            "due_at": f"CASE WHEN n.i % 7 > 0 THEN {self._ago(f'{age} - 4 * 86400 * (n.i % 40)')} END",
            "calendar_version": "2",
            "closable_at": f"CASE WHEN {is_open} AND n.i % 45 = 0 THEN {self._ago('n.i % 86400')} END",
            "touched_at": self._ago(f"{age} - 86400"),
        }

    def complaint(self) -> dict[str, str]:
        """What the register knows."""
        ticket = f"(n.i * {COMPLAINTS})"
        return {"ticket_id": ticket, "office": _drawn("office", f"(({ticket} - 1) / 3 + 1)")}

    def mail(self) -> dict[str, str]:
        """What came by mail: four for each ticket of every fifth citizen."""
        person = "(5 * ((n.i - 1) / 12 + 1))"
        ticket = f"({person} * 3 - 2 + (n.i - 1) % 12 / 4)"
        return {
            "mailbox": f"'bps' || {_drawn('office', person)}",
            "office": _drawn("office", person),
            "uidvalidity": "1",
            "uid": "n.i",
            "size": "2000",
            "sha256": _numbered("m", "n.i"),
            "at": self._ago(self._age(ticket)),
            "received_at": self._ago(self._age(ticket)),
            "intake": "'handled'",
            "kind": "'letter'",
            "message_id": f"{_numbered('m', 'n.i')} || '@contoh.id'",
            "author": _value(person),
            "conversation_id": person,
            "ticket_id": ticket,
            "moved_at": self._ago(self._age(ticket)),
        }

    def message(self) -> dict[str, str]:
        """What is said on an ordinary ticket."""
        each = self._of.each
        ticket, turn = f"((n.i - 1) / {each} + 1)", f"((n.i - 1) % {each} % 10)"
        return {**self._message("n.i", ticket, turn), "mail_id": self._mail_id(ticket, turn)}

    def more_messages(self) -> dict[str, str]:
        """What is said besides on a long one: question and answer by turns."""
        from bench.province import LONG, LONG_EVERY

        number = f"({self._of.tickets * self._of.each} + n.i)"
        ticket = f"(((n.i - 1) / {LONG} + 1) * {LONG_EVERY})"
        return {**self._message(number, ticket, "(5 + n.i % 2)"), "id": number}

    def _message(self, number: str, ticket: str, turn: str) -> dict[str, str]:
        person = f"(({ticket} - 1) / 3 + 1)"
        some = f"CASE WHEN {number} % 7 = 0 THEN ' Nomor surat ' || CAST({number} AS TEXT) ELSE '' END"
        outward = f"{turn} NOT IN {_INBOUND} AND {turn} <> {_NOTE}"
        waits = f"{ticket} > {self._of.tickets - 60} AND {turn} = 4"
        left, came = f"{outward} AND NOT ({waits})", f"{turn} IN {_INBOUND}"
        bots = f"{turn} IN {_BOTS}"
        ended = _when(f"{number} % 5003 = 5", "'failed'", "'delivered'")
        return {
            "mid": _numbered("m", number),
            "office": "d.office",
            "direction": _when(came, "'in'", _when(f"{turn} = {_NOTE}", "'note'", "'out'")),
            "author": _when(came, "'citizen'", _when(bots, "'bot'", "'officer'")),
            "officer_id": _when(f"{turn} IN (4, 6, 7)", _officer(ticket)),
            "channel": _channel(person),
            "account": "'AC'",
            "external_id": _when(f"{turn} = {_NOTE} OR {waits}", "NULL", _numbered("SM", number)),
            "address_id": person,
            "conversation_id": person,
            "ticket_id": ticket,
            "sender": _sender(person, "d.office"),
            "address": _value(person),
            "body": _when(
                f"{turn} IN {_BOTS}", f"'{_BOT}'", _when(f"{turn} = 2", "'ya'", f"s.body || {some}")
            ),
            "at": self._ago(f"{self._age(ticket)} - 60 - 1800 * {turn}"),
            "intake": _when(came, _when(f"{number} % 90001 = 3", "'shunted'", "'handled'")),
            "outcome": _when(came, "'ticket'"),
            "delivery": _when(waits, "'queued'", _when(outward, ended)),
            "next_try_at": _when(waits, self._ago("60")),
            "rank": _when(left, "5", "0"),
            "answers": f"{turn} IN (4, 6)",
            "sent_at": _when(left, self._ago(f"{self._age(ticket)} - 90 - 1800 * {turn}")),
        }

    def _mail_id(self, ticket: str, turn: str) -> str:
        person = f"(({ticket} - 1) / 3 + 1)"
        nth = f"CASE {turn} WHEN 0 THEN 1 WHEN 2 THEN 2 WHEN 5 THEN 3 ELSE 4 END"
        mail = f"({person} / 5 - 1) * 12 + ({ticket} - ({person} * 3 - 2)) * 4 + {nth}"
        last = self._of.tickets // 15 * 15
        return f"CASE WHEN {person} % 5 = 0 AND {ticket} <= {last} AND {turn} IN {_INBOUND} THEN {mail} END"

    def event(self) -> dict[str, str]:
        """Opened, taken, closed."""
        ticket, turn = "((n.i - 1) / 3 + 1)", "((n.i - 1) % 3)"
        return {
            "office": "d.office",
            "ticket_id": ticket,
            "at": self._ago(f"{self._age(ticket)} - 3600 * {turn}"),
            "officer_id": _when(f"{turn} > 0", _officer(ticket)),
            "what": f"CASE WHEN {turn} = 0 THEN 'opened' WHEN {turn} = 1 THEN 'claimed' ELSE 'closed' END",
        }

    def rating(self) -> dict[str, str]:
        """Every third ticket was rated or at least asked about."""
        ticket = "(3 * n.i - 2)"
        asked = self._ago(f"{self._age(ticket)} - 86400")
        return {
            "office": _drawn("office", "n.i"),
            "ticket_id": ticket,
            "closing": "1",
            "close_reason": "'officer'",
            "score": "CASE WHEN n.i % 2 = 0 THEN 1 + n.i / 2 % 4 END",
            "asked_at": asked,
            "answered_at": f"CASE WHEN n.i % 2 = 0 THEN {asked} END",
        }

    def timer(self, kind: str) -> dict[str, str]:
        """Of the open ones; a few are due."""
        ticket = self._an_open("n.i")
        later = "0" if kind == "due" else "7776000"
        return {
            "office": _drawn("office", f"{ticket} / 3"),
            "conversation_id": f"{ticket} / 3",
            "kind": f"'{kind}'",
            "due_at": self._ago(
                f"CASE WHEN n.i <= 50 THEN 3600 ELSE 0 - 3600 * (n.i % 300 + 1) END - {later}"
            ),
        }

    def read_mark(self) -> dict[str, str]:
        """Supervisors have begun to read half of the open ones."""
        ticket, each = self._an_open("n.i", 6), self._of.each
        return {
            "officer_id": f"{_drawn('place', f'{ticket} / 3')} * {OFFICERS} + 1",
            "ticket_id": ticket,
            "message_id": f"({ticket} - 1) * {each} + {_when(f'{ticket} % 4 = 0', '4', str(each))}",
        }


def _channel(person: str) -> str:
    return f"CASE WHEN ({person}) % 5 = 0 THEN 'email' ELSE 'whatsapp' END"


def _value(person: str) -> str:
    phone, mail = _numbered("+62", person), _numbered("warga", person)
    return f"CASE WHEN ({person}) % 5 = 0 THEN {mail} || '@contoh.id' ELSE {phone} END"


def _sender(person: str, office: str = "") -> str:
    office = office or _drawn("office", person)
    mail, phone = f"'bps' || {office} || '@contoh.go.id'", f"'+628110000' || {office}"
    return f"CASE WHEN ({person}) % 5 = 0 THEN {mail} ELSE {phone} END"
