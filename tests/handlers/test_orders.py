"""The first lines of an officer's mail: orders are followed, everything else is for the citizen."""

import pytest

from handlers.mailroom.orders import Misread, Order, Ordered, read

ANSWER = "Data terlampir.\n\nSalam,\nRahma"


def ordered(*orders: Order, colleague: str = "", text: str = "") -> Ordered:
    """What was read."""
    return Ordered(frozenset(orders), colleague, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ANSWER, ordered(text=ANSWER)),
        (f"\n\n{ANSWER}\n", ordered(text=ANSWER)),
        ("", ordered()),
        ("#tutup", ordered(Order.CLOSE)),
        (f"#tutup\n{ANSWER}", ordered(Order.CLOSE, text=ANSWER)),
        (f"#Tutup.\n\n{ANSWER}", ordered(Order.CLOSE, text=ANSWER)),
        (f"  # TUTUP  \n{ANSWER}", ordered(Order.CLOSE, text=ANSWER)),
        (f"#close\n{ANSWER}", ordered(Order.CLOSE, text=ANSWER)),
        (f"#ambil\n\n#tutup\n\n{ANSWER}", ordered(Order.TAKE, Order.CLOSE, text=ANSWER)),
        (f"#take\n#take\n{ANSWER}", ordered(Order.TAKE, text=ANSWER)),
        (f"#tanya\n{ANSWER}", ordered(Order.ASK, text=ANSWER)),
        ("#ask:\nTahun berapa?", ordered(Order.ASK, text="Tahun berapa?")),
        ("#catatan Sudah saya telepon", ordered(Order.NOTE, text="Sudah saya telepon")),
        ("#catatan: Sudah\nsaya telepon", ordered(Order.NOTE, text="Sudah\nsaya telepon")),
        ("#note\nCalled them", ordered(Order.NOTE, text="Called them")),
        ("#catatan\n#tutup\nSelesai", ordered(Order.NOTE, Order.CLOSE, text="Selesai")),
        ("#alih Sari Dewi", ordered(Order.ASSIGN, colleague="Sari Dewi")),
        ("#alihkan Sari\nTolong, Bu", ordered(Order.ASSIGN, colleague="Sari", text="Tolong, Bu")),
        ("#assign Sari\n#note\nPlease", ordered(Order.ASSIGN, Order.NOTE, colleague="Sari", text="Please")),
        # No orders: a list, a heading, an order that stands below words.
        ("#1 Data inflasi\n#2 Data padi", ordered(text="#1 Data inflasi\n#2 Data padi")),
        ("# Data inflasi", ordered(text="# Data inflasi")),
        ("Baik.\n#tutup", ordered(text="Baik.\n#tutup")),
        ("#", ordered(text="#")),
        ("##", ordered(text="##")),
    ],
)
def test_what_is_ordered(text: str, expected: Ordered) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "misread", "line"),
    [
        (f"#tutpu\n{ANSWER}", Misread.UNKNOWN, "#tutpu"),
        (f"#tutup\n#hapus semua\n{ANSWER}", Misread.UNKNOWN, "#hapus semua"),
        (f"#inflasi2024 terlampir\n{ANSWER}", Misread.UNKNOWN, "#inflasi2024 terlampir"),
        ("#tutup terima kasih", Misread.MORE_THAN_AN_ORDER, "#tutup terima kasih"),
        ("#tanya tahun berapa?", Misread.MORE_THAN_AN_ORDER, "#tanya tahun berapa?"),
        ("#catatan x\n#tanya\ny", Misread.CONTRADICTION, "#catatan x; #tanya"),
        ("#alih Sari\n#tutup", Misread.CONTRADICTION, "#alih Sari; #tutup"),
        ("#alih Sari\n#alih Budi", Misread.CONTRADICTION, "#alih Sari; #alih Budi"),
        ("#alih\nTolong", Misread.NOBODY, "#alih"),
        ("#alih\n#catatan x", Misread.NOBODY, "#alih; #catatan x"),
    ],
)
def test_what_can_not_be_followed_is_not_followed_in_part(text: str, misread: Misread, line: str) -> None:
    found = read(text)
    assert (found.misread, found.line, found.orders, found.text) == (misread, line, frozenset(), "")


def test_a_mail_of_nothing_but_orders_ends() -> None:
    assert read("#ambil\n" * 100_000).misread is None
