"""The pages behind a rating question: opened, nothing counts; sent, it counts once for the closing."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from bot.satisfaction import Element
from channels.email.tokens import Purpose, Token
from handlers import officer
from handlers.web import limits
from handlers.web.app import create_app
from storage.columns import AnyRow
from storage.ratings import RATING, SURVEY
from storage.timers import TIMER
from tests.driver import CITIZEN, Desk

LINK = re.compile(r"https://bot\.example\.org(/nilai/[\w.]+)")
MARKS = {element.value: "4" for element in Element}


@pytest.fixture
def app(desk: Desk) -> Flask:
    made = create_app(desk.runtime)
    made.config.update(SESSION_COOKIE_SECURE=False)
    return made


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


def closed(desk: Desk) -> str:
    """A letter was answered and closed; the page that the last letter links to."""
    desk.mails("Mohon data penduduk Kolaka Timur 2023 untuk skripsi.")
    desk.replies("Ini datanya.")
    desk.settle()
    desk.closes()
    found = LINK.search(desk.letters()[-1].text)
    assert found is not None
    return found[1]


def rating(desk: Desk) -> AnyRow:
    with desk.runtime.database.read() as connection:
        return connection.execute(select(RATING)).one()


def surveys(desk: Desk) -> int:
    with desk.runtime.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(SURVEY)).scalar_one())


def timers(desk: Desk) -> set[str]:
    with desk.runtime.database.read() as connection:
        return set(connection.execute(select(TIMER.c.kind)).scalars())


def test_a_scanner_that_opens_the_page_rates_nobody(desk: Desk, browser: FlaskClient) -> None:
    link = closed(desk)
    for address in (link, f"{link}/survei", link.upper().replace("/NILAI", "/nilai"), f"{link}?score=4"):
        for method in ("GET", "HEAD", "OPTIONS"):
            assert browser.open(address, method=method).status_code == 200
    assert (rating(desk).score, rating(desk).answered_at, surveys(desk)) == (None, None, 0)
    assert timers(desk) == {"rating_end", "rating_remind"}


def test_what_is_sent_counts_once(desk: Desk, browser: FlaskClient) -> None:
    link = closed(desk)
    page = browser.get(link)
    assert "Nilai layanan kami" in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    answer = browser.post(link, data={"score": "3", "comment": " bagus  sekali "}, follow_redirects=True)
    assert "sudah kami terima" in answer.text
    row = rating(desk)
    assert (row.score, row.comment, row.page, row.close_reason) == (3, "bagus sekali", True, "officer")
    browser.post(link, data={"score": "1"})
    assert rating(desk).score == 3
    assert timers(desk) == set()
    assert "Nilai layanan kami" not in browser.get(link).text


def test_a_reply_after_the_page_is_filed(desk: Desk, browser: FlaskClient) -> None:
    link = closed(desk)
    browser.post(link, data={"score": "3"})
    desk.mails("4", answers=desk.letters()[-1])
    assert (rating(desk).score, desk.messages()[-1].outcome, len(desk.tickets())) == (3, "filed", 1)


def test_a_page_after_the_reply_is_thanked(desk: Desk, browser: FlaskClient) -> None:
    link = closed(desk)
    desk.mails("4", answers=desk.letters()[-1])
    browser.post(link, data={"score": "1"})
    assert (rating(desk).score, rating(desk).page) == (4, False)


@pytest.mark.parametrize("score", ["", "0", "5", "44", "empat", "٤"])
def test_what_is_no_mark_is_asked_again_with_the_words_kept(
    score: str, desk: Desk, browser: FlaskClient
) -> None:
    link = closed(desk)
    answer = browser.post(link, data={"score": score, "comment": "ramah <b>"})
    assert answer.status_code == 422
    assert "ramah &lt;b&gt;" in answer.text
    assert rating(desk).score is None


def test_a_question_on_the_page_becomes_a_request(desk: Desk, browser: FlaskClient) -> None:
    link = closed(desk)
    browser.post(link, data={"score": "4", "comment": "Mohon juga data inflasi 2024 Kolaka Timur"})
    assert [row.kind for row in desk.tickets()] == ["consultation", "consultation"]
    assert desk.tickets()[-1].linked_to == desk.tickets()[0].id
    assert rating(desk).score == 4


def test_an_accusation_on_the_page_is_filed_and_not_shown_with_the_rating(
    desk: Desk, browser: FlaskClient
) -> None:
    link = closed(desk)
    browser.post(link, data={"score": "1", "comment": "Saya kecewa, petugasnya meminta uang"})
    assert [row.kind for row in desk.tickets()] == ["consultation", "complaint"]
    assert (rating(desk).score, rating(desk).comment) == (1, "")
    assert "kami terima dengan nomor KTM-P-2026-00001" in desk.letters()[-1].text


@pytest.mark.parametrize("late", [{"days": 31}, {"days": 1}])
def test_a_link_that_is_over_says_so(late: dict[str, float], desk: Desk, browser: FlaskClient) -> None:
    link = closed(desk)
    desk.clock.forward(**late)
    if late["days"] == 1:
        assert officer.reopen(desk.runtime, desk.officer(), desk.tickets()[0].id) is None
    assert "telah berakhir" in browser.get(link).text
    browser.post(link, data={"score": "4"})
    browser.post(f"{link}/survei", data=MARKS)
    assert (rating(desk).score, surveys(desk)) == (None, 0)


@pytest.mark.parametrize("token", ["x", "r.1.0.aaaaaaaaaaaaaaaa", "f.1.0.aaaaaaaaaaaaaaaa"])
def test_a_link_that_is_none(token: str, desk: Desk, browser: FlaskClient) -> None:
    link = closed(desk)
    for address in (f"/nilai/{token}", f"/nilai/{token}/survei"):
        assert browser.get(address).status_code == 404
        assert browser.post(address, data={"score": "4"}).status_code == 404
    form = desk.runtime.tokens.sign(Token(Purpose.FORM, 1))
    assert browser.get(f"/nilai/{form}").status_code == 404
    assert link


def test_the_survey_counts_once_a_closing(desk: Desk, browser: FlaskClient) -> None:
    link = closed(desk)
    browser.post(link, data={"score": "4"})
    assert "Isi survei" in browser.get(link).text
    page = browser.get(f"{link}/survei").text
    assert page.count("<fieldset") == 9
    assert page.count('type="radio"') == 36
    for _ in range(2):
        answer = browser.post(
            f"{link}/survei", data={**MARKS, "suggestion": "Teruskan"}, follow_redirects=True
        )
        assert "sudah kami terima" in answer.text
    assert surveys(desk) == 1
    assert "Isi survei" not in browser.get(link).text


def test_the_database_itself_takes_one_survey_a_closing_and_marks_from_1_to_4(desk: Desk) -> None:
    closed(desk)
    row = {"office": "7411", "ticket_id": 1, "closing": 1, "suggestion": "", "answered_at": desk.clock()}
    marks = {element.value: 4 for element in Element}
    with desk.runtime.database.write() as connection:
        connection.execute(insert(SURVEY).values(**row, **marks))
    for again in (marks, {**marks, "time": 5}, {**marks, "cost": 0}):
        closing = 1 if again == marks else 2
        with pytest.raises(IntegrityError), desk.runtime.database.write() as connection:
            connection.execute(insert(SURVEY).values(**{**row, "closing": closing}, **again))


def test_half_a_survey_is_asked_again_and_nothing_lost(desk: Desk, browser: FlaskClient) -> None:
    link = closed(desk)
    half = {"requirements": "2", "suggestion": "lebih cepat"}
    answer = browser.post(f"{link}/survei", data=half)
    assert answer.status_code == 422
    assert 'name="requirements" value="2" checked' in answer.text
    assert answer.text.count('class="scale pairs open"') == 8
    assert "lebih cepat" in answer.text
    assert surveys(desk) == 0


def test_who_sends_too_often_is_told(desk: Desk, browser: FlaskClient) -> None:
    link = closed(desk)
    most = limits.LIMITS["ratings.rate"].each.most
    answers = [browser.post(link, data={"score": "9"}).status_code for _ in range(most + 1)]
    assert answers[-1] == 429
    assert browser.get(link).status_code == 200


def test_on_whatsapp_the_question_has_no_link_and_the_thanks_have_the_survey(
    desk: Desk, browser: FlaskClient
) -> None:
    desk.writes("petugas", office="6302")
    desk.replies("Jawaban")
    desk.closes()
    assert "/nilai/" not in desk.heard()[-1]
    desk.writes("bagus, 4 ya", office="6302")
    found = LINK.search(desk.heard(CITIZEN)[-1])
    assert found is not None
    assert rating(desk).score == 4
    browser.post(f"{found[1]}/survei", data=MARKS)
    assert surveys(desk) == 1


def test_a_rating_is_reminded_of_once(desk: Desk) -> None:
    closed(desk)
    before = len(desk.letters())
    for _ in range(3):
        desk.clock.forward(hours=21)
        desk.settle()
    after = desk.letters()[before:]
    assert len(after) == 1
    assert "hanya kami kirim sekali" in after[0].text
    assert LINK.search(after[0].text)
    assert rating(desk).reminded_at is not None


def test_who_has_rated_is_not_reminded(desk: Desk, browser: FlaskClient) -> None:
    link = closed(desk)
    browser.post(link, data={"score": "4"})
    before = len(desk.letters())
    desk.clock.forward(hours=30)
    desk.settle()
    assert len(desk.letters()) == before


def test_on_whatsapp_nobody_is_reminded_beyond_the_window(desk: Desk) -> None:
    desk.writes("petugas", office="6302")
    desk.clock.forward(hours=5)
    desk.replies("Jawaban")
    desk.closes()
    before = len(desk.heard())
    desk.clock.forward(hours=23)
    desk.settle()
    assert len(desk.heard()) == before
    assert rating(desk).reminded_at is None
