"""The page of satisfaction: the index with its sample, and words for every state of it."""

from datetime import timedelta

import pytest

from tests.bot.test_satisfaction import WORKED
from tests.handlers.site import Site
from tests.storage.seeding import Thread
from tests.storage.test_satisfaction import answers, sheets

PAGE = "/inbox/7411/kepuasan"


def filled(site: Site) -> None:
    with site.runtime.database.write() as connection:
        answers(connection, "7411", site.clock(), *sheets(29, WORKED))


@pytest.mark.parametrize("name", ["officer", "supervisor"])
def test_the_index_with_its_sample(name: str, site: Site) -> None:
    filled(site)
    page = site.signed_in(name).get(PAGE).text
    for told in ("91,48", "Mutu A", "Sangat baik", "29 jawaban dari 29 pengguna", "meminta 27"):
        assert told in page
    assert "Sampel belum memenuhi" not in page
    assert page.count("<progress") == 9 + 4
    assert "3,621" in page  # 105 / 29


def test_a_sample_that_is_too_small_is_said_so(site: Site) -> None:
    filled(site)
    with site.runtime.database.write() as connection:
        for number in range(30):
            Thread(connection, "7411", f"lain{number}").ticket(status="closed", closed_at=site.clock())
    page = site.signed_in("officer").get(PAGE).text
    assert "91,48" in page
    assert "29 jawaban dari 59 pengguna" in page
    assert "Sampel belum memenuhi" in page


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("?dari=2026-07-06&sampai=2026-07-06", "91,48"),
        ("?dari=2026-07-07", "Tanggal mulai ada sesudah"),
        ("?sampai=2026-07-05", "Belum ada jawaban survei"),
        ("?dari=kemarin", "Tanggal tidak terbaca"),
        ("?sampai=9999-12-31", "Tanggal tidak terbaca"),
    ],
)
def test_the_period(asked: str, told: str, site: Site) -> None:
    filled(site)
    answer = site.signed_in("officer").get(f"{PAGE}{asked}")
    assert answer.status_code == 200
    assert told in answer.text


def test_an_office_without_answers(site: Site) -> None:
    filled(site)
    page = site.signed_in("stranger").get("/inbox/6571/kepuasan").text
    assert "Belum ada jawaban survei" in page
    assert "91,48" not in page


def test_the_period_ends_with_the_day_of_the_office(site: Site) -> None:
    with site.runtime.database.write() as connection:
        evening = site.clock() + timedelta(hours=14)  # 23.00 there
        answers(connection, "7411", evening, *sheets(1, dict.fromkeys(WORKED, 4)))
    page = site.signed_in("officer").get(f"{PAGE}?dari=2026-07-06&sampai=2026-07-06").text
    assert "100,00" in page
