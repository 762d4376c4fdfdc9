"""Invitations in citizens' mails, as officers read them."""

import pytest

from tests.handlers.site import Site
from tests.handlers.test_mail_pages import _mail, _on_ticket


@pytest.mark.parametrize(
    ("starts", "shown"),
    [
        ("DTSTART:20260710T020000Z", "Jumat, 10 Juli 2026 pukul 10.00 WITA"),
        ("DTSTART;TZID=Asia/Jakarta:20260710T090000", "Jumat, 10 Juli 2026 pukul 10.00 WITA"),
        ("DTSTART:20260710T100000", "Jumat, 10 Juli 2026 pukul 10.00 WITA"),
        ("DTSTART;VALUE=DATE:20260710", "Jumat, 10 Juli 2026"),
        ("DTSTART;TZID=SE Asia Standard Time:20260710T090000", "20260710T090000 (SE Asia Standard Time)"),
        ("DTSTART:99999999T999999Z", "99999999T999999Z"),
        ("DTSTART;TZID=../../etc/passwd:20260710T090000", "20260710T090000 (../../etc/passwd)"),
    ],
)
def test_an_invitation_says_when_on_the_offices_clock(site: Site, starts: str, shown: str) -> None:
    mail = _mail(site)
    entry = f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Rapat\n{starts}\nEND:VEVENT\nEND:VCALENDAR\n"
    mail.add_attachment(entry.encode(), "text", "calendar", filename="undangan.ics")
    kept = site.mail_arrives(mail.as_bytes())
    assert f"<dd>{shown}</dd>" in site.signed_in("officer").get(_on_ticket(site, kept, f"/mails/{kept}")).text
