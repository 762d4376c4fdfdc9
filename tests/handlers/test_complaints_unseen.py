"""A mere officer learns nothing of a complaint: neither its words nor that somebody is writing one."""

import pytest

from tests.handlers.site import Site

TOLD = "pengaduan petugas zebra kasar sekali"


def _everything_shown(site: Site, ticket: int) -> str:
    """What an officer's pages show of a ticket and of the searches a suspicious one would try."""
    client = site.signed_in("officer")
    addresses = [f"/inbox/7411/tickets/{ticket}", "/inbox/7411?list=open"]
    return "".join(client.get(address).text for address in addresses)


@pytest.mark.parametrize("given_up", ["tidak", "batal", "menu"])
def test_a_complaint_given_up_is_not_quoted_on_the_next_request(given_up: str, site: Site) -> None:
    site.writes("halo")
    site.writes(TOLD)
    site.writes(given_up)
    shown = _everything_shown(site, site.asks())
    assert "Ringkasan" in shown
    assert "zebra" not in shown
    assert "KTM-2026-00001" not in site.signed_in("officer").get("/inbox/7411?q=zebra").text


@pytest.mark.parametrize("then", [(), ("batal",), ("Petugas zebra kasar sekali kemarin",)])
def test_telling_a_complaint_beside_a_consultation_changes_nothing_there(
    then: tuple[str, ...], site: Site
) -> None:
    ticket = site.asks()
    officer = site.signed_in("officer")
    before = officer.get("/inbox/7411/changes").headers["ETag"]
    for words in ("PENGADUAN", *then):
        site.writes(words)
    shown = _everything_shown(site, ticket)
    assert "pengaduan" not in shown.lower()
    assert "batalkan" not in shown
    assert officer.get("/inbox/7411/changes").headers["ETag"] == before


def test_the_supervisor_reads_the_questions_on_the_complaint(site: Site) -> None:
    site.asks()
    site.writes("PENGADUAN")
    site.writes("Petugas zebra kasar sekali kemarin")
    said = site.bodies(site.newest_ticket(), "bot")
    assert len(said) == 2
    assert "Silakan tulis pengaduan" in said[0]
