"""What officers want as mail: chosen by themselves on a page, for each office."""

from storage import officers
from storage.officers import MailWishes
from tests.handlers.site import Site

PAGE = "/inbox/7411/pemberitahuan"


def _wishes(site: Site, name: str, office: str = "7411") -> MailWishes | None:
    with site.runtime.database.read() as connection:
        return officers.mail_wishes(connection, site.people[name], office)


def test_nothing_is_chosen_at_first(site: Site) -> None:
    page = site.signed_in("officer").get(PAGE)
    assert page.status_code == 200
    assert page.text.count('type="checkbox"') == 3
    assert "checked" not in page.text
    assert "Email dikirim dari bps7411@bps.go.id ke officer@bps.go.id." in page.text
    assert "pengaduan" not in page.text.partition("<main")[2]


def test_a_choice_is_remembered_and_shown(site: Site) -> None:
    client = site.signed_in("supervisor")
    saved = client.post(PAGE, data={"mine": "1", "reminders": "1"}, follow_redirects=True)
    assert "Pilihan Anda disimpan." in saved.text
    assert saved.text.count(" checked") == 2
    assert _wishes(site, "supervisor") == MailWishes(mine=True, reminders=True)
    assert _wishes(site, "officer") == MailWishes()
    client.post(PAGE, data={})
    assert _wishes(site, "supervisor") == MailWishes()


def test_a_choice_is_for_one_office(site: Site) -> None:
    with site.runtime.database.write() as connection:
        officers.set_role(connection, site.people["officer"], "6571", "officer")
    site.signed_in("officer").post("/inbox/6571/pemberitahuan", data={"new": "1"})
    assert _wishes(site, "officer", "6571") == MailWishes(new=True)
    assert _wishes(site, "officer") == MailWishes()


def test_the_menu_leads_there(site: Site) -> None:
    assert f'href="{PAGE}"' in site.signed_in("officer").get("/inbox/7411").text


def test_a_form_without_its_token_changes_nothing(guarded: Site) -> None:
    assert guarded.signed_in("officer").post(PAGE, data={"mine": "1"}).status_code == 400
    assert _wishes(guarded, "officer") == MailWishes()


def test_an_office_without_a_mailbox_says_so(site: Site) -> None:
    site.runtime.settings.channels.email.mailboxes.clear()
    page = site.signed_in("officer").get(PAGE)
    assert "belum mempunyai kotak surat" in page.text
