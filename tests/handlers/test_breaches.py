"""The log of failures: written down by administrators, counted down, and over once both were told."""

from tests.handlers.site import Site

PAGE = "/administration/kebocoran"
LEAK = {"what": "Laptop petugas hilang", "noticed": "2026-07-06T08:00", "which": "nama", "whose": "12 warga"}


def test_a_failure_is_counted_down_until_both_were_told(site: Site) -> None:
    client = site.signed_in("administrator")
    site.clock.forward(hours=2)
    assert client.post(PAGE, data=LEAK).status_code == 303
    page = client.get(PAGE).text
    assert "Laptop petugas hilang" in page
    assert "69 jam lagi" in page
    assert "Kegagalan pelindungan data nomor 1" in client.get("/administration").text
    site.clock.forward(hours=80)
    assert "terlambat" in client.get(PAGE).text
    for whom in ("people_told_at", "authority_told_at", "people_told_at"):
        assert client.post(f"{PAGE}/1", data={"whom": whom}).status_code == 303
    assert "terlambat" not in client.get(PAGE).text
    assert "Kegagalan pelindungan data nomor 1" not in client.get("/administration").text


def test_what_is_missing_is_said_and_kept(site: Site) -> None:
    client = site.signed_in("administrator")
    for wrong in ({"what": ""}, {"noticed": ""}, {"noticed": "kemarin"}, {"noticed": "2099-01-01T00:00"}):
        answer = client.post(PAGE, data=LEAK | wrong)
        assert answer.status_code == 422
        assert "12 warga" in answer.text
    assert client.post(f"{PAGE}/1", data={"whom": "people_told_at"}).status_code == 303
    assert "Pilih siapa" in client.post(f"{PAGE}/1", data={"whom": "id"}, follow_redirects=True).text
    assert "Tidak ada." in client.get(PAGE).text


def test_all_that_the_form_takes_is_kept(site: Site) -> None:
    client = site.signed_in("administrator")
    site.clock.forward(hours=2)
    told = "Laptop ditinggal di mobil dinas, kaca dipecah. " * 20 + "Kata sandinya tertempel di layar."
    assert client.post(PAGE, data=LEAK | {"happened": told}).status_code == 303
    assert told in client.get(PAGE).text
