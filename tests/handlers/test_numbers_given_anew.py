"""SQLite gives the number of the newest row anew once it is erased: no signed word means the next one."""

from datetime import timedelta

from sqlalchemy import select, update

from channels.email.tokens import Purpose, Token
from handlers import erasing
from storage import file_links, threads
from storage.columns import table
from storage.tables import Message, Ticket
from tests.driver import Desk
from tests.handlers.site import Site
from tests.handlers.test_mail_turns import ASKS, bounce

FIRST, SECOND = "+6281200001111", "+6281200002222"
MESSAGE, TICKET = table(Message), table(Ticket)


def linked(site: Site, ticket: int, content: bytes) -> int:
    """A file that is to be had by a link; the link's number."""
    file = {"file": site.runtime.files.put(content), "name": "data.csv"}
    file |= {"content_type": "text/csv", "size": str(len(content))}
    now = site.clock()
    with site.runtime.database.write() as connection:
        until = now + timedelta(days=14)
        return file_links.add(connection, "7411", ticket, file, "id", now, until)


def said(site: Site, ticket: int, link: str) -> None:
    """The link is given out in the newest message of ours on this ticket."""
    ours = select(MESSAGE.c.id).where(MESSAGE.c.ticket_id == ticket, MESSAGE.c.direction == "out")
    newest = ours.order_by(MESSAGE.c.id.desc()).limit(1).scalar_subquery()
    body = f"Berkas data.csv dapat diunduh sampai 20 Juli 2026:\nhttps://bot.example.org{link}"
    with site.runtime.database.write() as connection:
        done = connection.execute(update(MESSAGE).where(MESSAGE.c.id == newest).values(body=body))
    assert done.rowcount == 1


def address(site: Site, link: int, ticket: int) -> str:
    return f"/unduh/{site.runtime.tokens.sign(Token(Purpose.DOWNLOAD, link, ticket))}"


def forget(site: Site, ticket: int) -> None:
    with site.runtime.database.read() as connection:
        contact = connection.execute(select(TICKET.c.contact_id).where(TICKET.c.id == ticket)).scalar_one()
    assert erasing.erase(site.runtime, "7411", contact, None)


def test_a_link_of_somebody_who_was_erased_opens_nobody_elses_file(site: Site) -> None:
    client = site.app.test_client()
    first, second = site.asks(address=FIRST), site.asks(address=SECOND)
    number = linked(site, first, b"of the first")
    links = [address(site, number, first), address(site, number, 0)]
    said(site, first, links[1])
    for link in links:
        with client.get(f"{link}/berkas") as got:
            assert got.data == b"of the first", "also by a link from before an upgrade"
    forget(site, first)
    assert [client.get(f"{link}/berkas").status_code for link in links] == [404, 404]
    assert linked(site, second, b"of the second") == number
    own = address(site, number, second)
    said(site, second, own)
    for link in links:
        assert client.get(link).status_code == 404
        assert client.get(f"{link}/berkas").status_code == 404
    with client.get(f"{own}/berkas") as got:
        assert got.data == b"of the second"


def test_a_file_for_the_provider_is_the_one_that_was_meant(site: Site) -> None:
    """Its address names a message, and the moment of the address is not before that message."""
    ticket = site.asks(address=FIRST)
    file = {"file": site.runtime.files.put(b"of the first"), "name": "a.pdf"}
    file |= {"content_type": "application/pdf", "size": "12"}
    number = site.last_id("out")
    until = int((site.clock() + timedelta(hours=24)).timestamp())
    with site.runtime.database.write() as connection:
        at = update(MESSAGE).where(MESSAGE.c.id == number)
        connection.execute(at.values(media=[file], at=site.clock() + timedelta(milliseconds=300)))
    link = f"/berkas/{site.runtime.tokens.sign(Token(Purpose.FILE, number, until))}/a.pdf"
    client = site.app.test_client()
    with client.get(link) as got:
        assert got.data == b"of the first", "of the same second"
    assert ticket
    with site.runtime.database.write() as connection:
        later = site.clock() + timedelta(minutes=5)
        connection.execute(update(MESSAGE).where(MESSAGE.c.id == number).values(at=later))
    assert client.get(link).status_code == 404


def test_a_letter_that_comes_back_is_not_the_next_persons(desk: Desk) -> None:
    """A bounce names thread and letter; a letter of that number in another's thread did not come back."""
    desk.mails(ASKS)
    desk.mails(ASKS, address="budi@contoh.id", subject="Data lain")
    mine, theirs = (each.conversation_id for each in desk.tickets())
    letter = next(each for each in desk.messages("out") if each.conversation_id == theirs)
    word = desk.runtime.tokens.sign(Token(Purpose.BOUNCE, mine, letter.id))
    row = bounce(desk, to=f"bps7411+{word}@bps.go.id")
    assert (row.intake, row.kind, row.rule) == ("filed", "bounce", "names none of our mails")
    assert "failed" not in {each.delivery for each in desk.messages("out")}
    with desk.runtime.database.read() as connection:
        assert threads.our_mail(connection, "7411", theirs, letter.id) is not None
