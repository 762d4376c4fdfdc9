"""Numbers that no database takes: nothing is there, nothing breaks."""

from tests.handlers.site import Site, composed

ABSURD = "9" * 25


def test_an_absurd_id_is_not_found(site: Site) -> None:
    client = site.signed_in("supervisor")
    assert client.get(f"/inbox/7411/tickets/{ABSURD}").status_code == 404
    assert client.post(f"/inbox/7411/unhandled/{ABSURD}/retry").status_code == 404


def test_an_absurd_number_in_a_form_breaks_nothing(site: Site) -> None:
    page = f"/inbox/7411/tickets/{site.asks()}"
    client = site.signed_in("supervisor")
    assert client.post(f"{page}/present", data={"seen": ABSURD}).status_code == 200
    assert client.post(f"{page}/transfer", data={"to": ABSURD}).status_code == 303
    assert client.post(f"{page}/reply", data=composed("Baik", int(ABSURD))).status_code == 303
