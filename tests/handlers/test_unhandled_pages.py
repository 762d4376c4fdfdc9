"""Messages that reached no ticket: what a supervisor and the administrator see and can do."""

from sqlalchemy import select, update

from storage.columns import table
from storage.tables import Message, Unrouted
from tests.handlers.site import Site, composed
from tests.storage.seeding import stray


def _shunt(site: Site, text: str) -> int:
    """A message that the desk has given up on."""
    site.writes(text, address="+6281255550000")
    message = site.last_id()
    rows = table(Message)
    with site.runtime.database.write() as connection:
        connection.execute(update(rows).where(rows.c.id == message).values(intake="shunted", ticket_id=None))
    return message


def _intake(site: Site, message: int) -> str | None:
    rows = table(Message)
    with site.runtime.database.read() as connection:
        return connection.execute(select(rows.c.intake).where(rows.c.id == message)).scalar()


def test_a_shunted_message_is_read_and_retried(site: Site) -> None:
    message = _shunt(site, "apakah ada data IPM 2024?")
    client = site.signed_in("supervisor")
    assert "apakah ada data IPM 2024?" in client.get("/inbox/7411/unhandled").text
    assert '<span class="count late">1</span>' in client.get("/inbox/7411").text
    answer = client.post(f"/inbox/7411/unhandled/{message}/retry", follow_redirects=True)
    assert "Pesan dicoba lagi" in answer.text
    assert _intake(site, message) == "handled"


def test_a_shunted_message_is_settled_once(site: Site) -> None:
    message = _shunt(site, "apakah ada data IPM 2024?")
    client = site.signed_in("supervisor")
    assert client.post(f"/inbox/7411/unhandled/{message}/settle").status_code == 303
    assert _intake(site, message) == "filed"
    assert client.post(f"/inbox/7411/unhandled/{message}/settle").status_code == 404


def test_what_was_written_after_berhenti_is_shown(site: Site) -> None:
    site.writes("BERHENTI", address="+6281255550000")
    site.writes("saya masih mau tanya", address="+6281255550000")
    assert "saya masih mau tanya" in site.signed_in("supervisor").get("/inbox/7411/unhandled").text


def test_the_administrator_settles_what_belongs_to_nobody(site: Site) -> None:
    with site.runtime.database.write() as connection:
        message = stray(connection, "apakah ini BPS?")
    client = site.signed_in("administrator")
    assert "apakah ini BPS?" in client.get("/inbox", follow_redirects=True).text
    answer = client.post(f"/administration/unrouted/{message}/settle", follow_redirects=True)
    assert "apakah ini BPS?" not in answer.text
    rows = table(Unrouted)
    with site.runtime.database.read() as connection:
        assert connection.execute(select(rows.c.settled_by)).scalar() == site.people["administrator"]
    assert client.post(f"/administration/unrouted/{message}/settle").status_code == 404


def test_the_administrator_sees_failed_deliveries_but_no_words(site: Site) -> None:
    ticket = site.asks()
    form = composed("Isi yang bukan untuk pengelola", site.last_id())
    site.signed_in("officer").post(f"/inbox/7411/tickets/{ticket}/reply", data=form)
    rows = table(Message)
    with site.runtime.database.write() as connection:
        failed = update(rows).where(rows.c.author == "officer").values(delivery="failed", error_code="63024")
        connection.execute(failed)
    page = site.signed_in("administrator").get("/administration").text
    assert "nomor tidak terdaftar di WhatsApp" in page
    assert "Isi yang bukan untuk pengelola" not in page
    assert "+6281234567890" not in page
