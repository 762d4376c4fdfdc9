"""Moments as officers read them: on their office's clock, in words, never in bare minutes."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date

from bot.policy import Office
from handlers.phrases import PHRASES
from handlers.web.language import chosen, gettext, ngettext
from handlers.wording import in_words, local, render_date

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_WEEK = 7
_INVITED = re.compile(r"(\d{8})(?:T(\d{6})(Z)?)?(?: \((.{1,80})\))?")


def clock(moment: datetime, office: Office) -> str:
    """``14.52``."""
    language = chosen()
    return in_words(moment, office, language, f"HH'{PHRASES[language].colon}'mm")


def full(moment: datetime, office: Office) -> str:
    """``Rabu, 25 Maret 2026 pukul 15.30 WITA``."""
    return render_date(moment, office, chosen())


def invited(written: str, office: Office) -> str:
    """When an invitation is (RFC 5545, 3.3.4 and 3.3.5), on the office's clock.

    What names no zone means the clock of whoever reads it. What is no moment stays as it is written.
    """
    found = _INVITED.fullmatch(written)
    if found is None:
        return written
    day, time, utc, named = found.groups()
    try:
        if time is None:
            return of_day(datetime.strptime(day, "%Y%m%d").date())  # noqa: DTZ007 - a day has no zone
        where = UTC if utc else ZoneInfo(named or office.timezone)
        moment = datetime.strptime(day + time, "%Y%m%d%H%M%S").replace(tzinfo=where)
        return full(moment, office)
    except (ValueError, OverflowError, ZoneInfoNotFoundError):
        return written


def zone(moment: datetime, office: Office) -> str:
    """``WITA``."""
    return in_words(moment, office, chosen(), "z")


def day(moment: datetime, now: datetime, office: Office) -> str:
    """``Hari ini``, ``Kemarin``, or the whole date."""
    days = _days_ago(moment, now, office)
    if days == 0:
        return gettext("Hari ini")
    if days == 1:
        return gettext("Kemarin")
    return in_words(moment, office, chosen(), "EEEE, d MMMM y")


def short(moment: datetime, now: datetime, office: Office) -> str:
    """``14.52`` today, ``kemarin 14.20``, ``Senin 14.20`` within a week, else ``3 Mar 2026``."""
    days = _days_ago(moment, now, office)
    if days <= 0:
        return clock(moment, office)
    if days == 1:
        return gettext("kemarin %(time)s", time=clock(moment, office))
    if days < _WEEK:
        return f"{in_words(moment, office, chosen(), 'EEEE')} {clock(moment, office)}"
    return in_words(moment, office, chosen(), "d MMM y")


def coming(moment: datetime, now: datetime, office: Office) -> str:
    """``hari ini 16.20``, ``besok 08.00``, else ``Rabu, 8 Juli 2026 08.00``."""
    time, days = clock(moment, office), -_days_ago(moment, now, office)
    if days <= 0:
        return gettext("hari ini %(time)s", time=time)
    if days == 1:
        return gettext("besok %(time)s", time=time)
    return f"{day(moment, now, office)} {time}"


def of_day(on: date) -> str:
    """``Rabu, 25 Maret 2026``."""
    return format_date(on, "EEEE, d MMMM y", locale=PHRASES[chosen()].locale)


def is_earlier_day(moment: datetime, now: datetime, office: Office) -> bool:
    """Whether *moment* was yesterday or before, as the office counts days."""
    return _days_ago(moment, now, office) > 0


def is_just_now(moment: datetime, now: datetime) -> bool:
    """Whether less than a minute has passed."""
    return now - moment < _MINUTE


def since(moment: datetime, now: datetime, office: Office) -> str:
    """How long something has lasted: ``12 menit``, ``2 jam``, ``sejak kemarin 14.20``."""
    if is_earlier_day(moment, now, office):
        return gettext("sejak %(moment)s", moment=short(moment, now, office))
    return span(now - moment, exact=False)


def span(lasted: timedelta, *, exact: bool = True) -> str:
    """A length of time in words: ``23 jam 12 menit``, or ``23 jam`` when it need not be exact."""
    minutes = max(int(lasted / _MINUTE), 0)
    hours, rest = divmod(minutes, 60)
    in_hours = ngettext("%(num)s jam", "%(num)s jam", hours)
    in_minutes = ngettext("%(num)s menit", "%(num)s menit", rest)
    if not hours:
        return in_minutes
    return f"{in_hours} {in_minutes}" if exact and rest else in_hours


def _days_ago(moment: datetime, now: datetime, office: Office) -> int:
    return (local(now, office).date() - local(moment, office).date()).days
