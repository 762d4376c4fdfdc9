"""Numbers that no database takes, days that nobody means: nothing is there, nothing breaks."""

import pytest

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


DAYS = pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
UNREADABLE = "Tanggal tidak terbaca."


@DAYS
@pytest.mark.parametrize("page", ["pengaduan", "pengaduan/cetak", "kepuasan"])
@pytest.mark.parametrize("end", ["dari", "sampai"])
def test_an_absurd_day_in_an_address_is_said_so(site: Site, page: str, end: str, day: str) -> None:
    answer = site.signed_in("supervisor").get(f"/inbox/7411/{page}?{end}={day}")
    assert (answer.status_code, UNREADABLE in answer.text) == (200, page != "pengaduan/cetak")


@DAYS
def test_an_absurd_day_narrows_nothing(site: Site, day: str) -> None:
    supervisor, administrator = site.signed_in("supervisor"), site.signed_in("administrator")
    assert administrator.get(f"/administration/catatan?from={day}&to={day}").status_code == 200
    for address in (
        f"kalender?first={day}",
        f"kalender?tahun={day[:4]}",
        f"laporan?jenis=tahun&periode={day[:4]}",
    ):
        assert supervisor.get(f"/inbox/7411/{address}").status_code < 500


@DAYS
def test_an_absurd_day_in_a_form_is_refused(site: Site, day: str) -> None:
    supervisor, ticket = site.signed_in("supervisor"), site.complains()
    leave = {
        "officer": site.people["officer"],
        "first": day,
        "last": day,
        "first_half": "am",
        "last_half": "pm",
    }
    assert supervisor.post("/inbox/7411/jadwal/cuti", data=leave).status_code == 422
    plan = {"plan": "Minta keterangan", "plan_due": day}
    assert UNREADABLE in supervisor.post(f"/inbox/7411/pengaduan/{ticket}", data=plan).text
    change = {"act": "day", "first": day, "last": day, "kind": "closed", "name": "Libur"}
    assert supervisor.post("/inbox/7411/kalender/periksa", data=change).status_code < 500
    leak = {"what": "Laptop hilang", "noticed": f"{day}T08:00"}
    assert site.signed_in("administrator").post("/administration/kebocoran", data=leak).status_code == 422
