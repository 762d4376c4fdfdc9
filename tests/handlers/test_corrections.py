"""Registration is asked once per person; what was told is changed by chat, by letter or on the form."""

import re

from sqlalchemy import select

from handlers.web.app import create_app
from storage.columns import AnyRow, table
from storage.tables import Contact, TicketEvent
from tests.driver import WRITER, Desk

CONTACT, EVENT = table(Contact), table(TicketEvent)
REQUEST = "Mohon data luas panen padi Tarakan tahun 2023."
TOLD = "Nama: Rudi Hartono\nInstansi/asal: Dinas Pertanian\nKeperluan: perencanaan"
_FORM = re.compile(r"https://bot\.example\.org(/formulir/\S+)")


def people(desk: Desk) -> list[AnyRow]:
    """Everybody the desk knows."""
    with desk.runtime.database.read() as connection:
        return list(connection.execute(select(CONTACT).order_by(CONTACT.c.id)))


def logged(desk: Desk) -> list[str]:
    """What the logs of all tickets say."""
    with desk.runtime.database.read() as connection:
        return list(connection.execute(select(EVENT.c.what).order_by(EVENT.c.id)).scalars())


def registered(desk: Desk) -> str:
    """Somebody has registered by letter; the path of their form."""
    desk.mails(REQUEST, office="6571")
    first = desk.letters()[-1]
    desk.mails(TOLD, office="6571", answers=first)
    found = _FORM.search(first.text)
    assert found is not None
    return found[1]


def test_a_reply_with_labelled_lines_changes_what_is_known(desk: Desk) -> None:
    registered(desk)
    letter = desk.letters()[-1]
    desk.mails("Nama: Rudi Hartawan\nInstansi: PT Padi Jaya", office="6571", answers=letter)
    (person,) = people(desk)
    assert (person.name, person.institution_category) == ("Rudi Hartawan", "swasta")
    assert person.main_use == "pemerintahan"
    assert logged(desk).count("profile_changed") == 1


def test_the_same_lines_again_change_nothing(desk: Desk) -> None:
    registered(desk)
    desk.mails(TOLD, office="6571", answers=desk.letters()[-1])
    assert "profile_changed" not in logged(desk)


def test_a_stranger_who_names_the_ticket_changes_nothing(desk: Desk) -> None:
    registered(desk)
    letter = desk.letters()[-1]
    desk.mails("Nama: Orang Lain", office="6571", answers=letter, address="lain@contoh.id")
    rudi = next(person for person in people(desk) if person.institution_category == "pemda")
    assert rudi.name == "Rudi Hartono"


def test_the_form_changes_it_too_and_shows_nothing(desk: Desk) -> None:
    path = registered(desk)
    client = create_app(desk.runtime).test_client()
    assert f'href="{path}?ubah=1"' in client.get(path).text
    page = client.get(f"{path}?ubah=1").text
    assert "Betulkan data diri" in page
    assert "Rudi" not in page
    form = re.findall(r'name="form" value="([^"]+)"', page)[0]
    sent = client.post(
        f"{path}?ubah=1", data={"form": form, "name": "Rudi H. Putra", "main_use": "Penelitian"}
    )
    assert sent.status_code == 303
    (person,) = people(desk)
    assert (person.name, person.main_use) == ("Rudi H. Putra", "penelitian")
    assert person.institution_category == "pemda"
    assert "profile_changed" in logged(desk)


def test_nobody_is_asked_twice_over_both_channels_and_after_closing(desk: Desk) -> None:
    answers = ("mohon data penduduk tarakan 2023 untuk skripsi", "Siti", "mahasiswa", "1", WRITER)
    for text in answers:
        desk.writes(text, office="6571")
    desk.settle()
    code = re.findall(r"\b\d{3} ?\d{3}\b", desk.letters()[-1].text)[0]
    desk.writes(code, office="6571")
    desk.writes("1", office="6571")
    assert [person.name for person in people(desk) if person.name] == ["Siti"]
    desk.replies("Ada di tabel 3.1.")
    desk.closes()
    desk.settle()
    desk.writes("lewati", office="6571")
    desk.writes("mohon data jumlah sekolah tarakan 2023 untuk penelitian", office="6571")
    assert desk.heard()[-1].startswith("Ringkasan permintaan")
    desk.mails(REQUEST, office="6571")
    assert "Instansi/asal" not in desk.letters()[-1].text
    assert len(people(desk)) == 1
