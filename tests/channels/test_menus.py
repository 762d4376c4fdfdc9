"""What can be shown as buttons, what as a list, and what only as a numbered text."""

from dataclasses import replace

import pytest

from channels.menus import Form, Menu, Option, form, pattern, shape

YES, NO = Option("found.1", "Sudah"), Option("found.2", "Belum, tanya petugas")
ASKED = Menu("Apakah sudah menjawab?", "Lihat pilihan", (YES, NO))


def _rows(number: int, **fields: str) -> tuple[Option, ...]:
    return tuple(Option(**({"id": f"x.{n}", "title": f"Pilihan {n}"} | fields)) for n in range(number))


@pytest.mark.parametrize(
    ("menu", "shown"),
    [
        (ASKED, Form.BUTTONS),
        (replace(ASKED, options=_rows(1)), Form.BUTTONS),
        (replace(ASKED, options=_rows(3)), Form.BUTTONS),
        (replace(ASKED, options=_rows(4)), Form.LIST),
        (replace(ASKED, options=_rows(10)), Form.LIST),
        (replace(ASKED, options=_rows(11)), None),
        (replace(ASKED, options=()), None),
        (replace(ASKED, options=(YES, replace(NO, title="x" * 20))), Form.BUTTONS),
        (replace(ASKED, options=(YES, replace(NO, title="x" * 21))), Form.LIST),
        (replace(ASKED, options=(YES, replace(NO, title="x" * 24))), Form.LIST),
        (replace(ASKED, options=(YES, replace(NO, title="x" * 25))), None),
        (replace(ASKED, options=(YES, replace(NO, title="😀" * 10))), Form.BUTTONS),
        (replace(ASKED, options=(YES, replace(NO, title="😀" * 11))), Form.LIST),
        (replace(ASKED, options=(YES, replace(NO, title=" "))), None),
        (replace(ASKED, options=(YES, replace(NO, description="lebih jauh"))), Form.LIST),
        (replace(ASKED, options=(YES, replace(NO, description="x" * 72))), Form.LIST),
        (replace(ASKED, options=(YES, replace(NO, description="x" * 73))), None),
        (replace(ASKED, options=(YES, replace(NO, id="x" * 200))), Form.BUTTONS),
        (replace(ASKED, options=(YES, replace(NO, id="x" * 201))), None),
        (replace(ASKED, options=(YES, replace(NO, id=YES.id))), None),
        (replace(ASKED, options=(YES, replace(NO, title="SUDAH"))), None),
        (replace(ASKED, body="x" * 1024), Form.BUTTONS),
        (replace(ASKED, body="x" * 1025), None),
        (replace(ASKED, body="  "), None),
        (replace(ASKED, label="x" * 21), Form.BUTTONS),
        (replace(ASKED, label="x" * 20, options=_rows(4)), Form.LIST),
        (replace(ASKED, label="x" * 21, options=_rows(4)), None),
    ],
)
def test_limits(menu: Menu, shown: Form | None) -> None:
    assert form(menu) is shown


def test_a_pattern_has_a_variable_a_line() -> None:
    menu = replace(ASKED, body="Halo,  Siti\n\nsudah?\n \nMohon dijawab.\n")
    assert pattern(menu) == (
        "{{1}}\n\n{{2}}\n\n{{3}}",
        {"1": "Halo, Siti", "2": "sudah?", "3": "Mohon dijawab."},
    )


def test_what_differs_in_words_alone_has_one_shape() -> None:
    assert shape(ASKED) == shape(replace(ASKED, body="Sudahkah terjawab?", label="Buka"))


@pytest.mark.parametrize(
    "other",
    [
        replace(ASKED, body="Halo\nApakah sudah menjawab?"),
        replace(ASKED, options=(YES, replace(NO, title="Belum"))),
        replace(ASKED, options=(YES, replace(NO, id="found.3"))),
        replace(ASKED, options=(NO, YES)),
        replace(ASKED, options=(YES, replace(NO, description="lebih jauh"))),
        replace(ASKED, options=(replace(YES, description="ya"), NO), label="Buka"),
    ],
)
def test_what_a_template_fixes_makes_another_shape(other: Menu) -> None:
    assert shape(other) != shape(ASKED)


def test_a_menu_can_be_kept() -> None:
    menu = replace(ASKED, options=(YES, replace(NO, description="lebih jauh")))
    assert Menu.of(menu.kept()) == menu
    assert Menu.of(menu.by_number()) is None
    assert Menu.of(None) is None
