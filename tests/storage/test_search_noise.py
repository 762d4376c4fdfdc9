"""The bot says the same to everybody: a search finds what people wrote, not its sentences."""

from storage import finding
from storage.inbox import View
from tests.driver import Desk


def test_the_bots_words_are_not_searched(desk: Desk) -> None:
    desk.writes("mau tanya luas panen padi")
    desk.writes("petugas")
    desk.settle()
    desk.replies("Tabelnya kami kirim besok")
    view = View("7411", desk.officer(), complaints=True)
    assert any("otomatis" in message.body for message in desk.messages("out"))
    with desk.runtime.database.read() as connection:
        hits = {
            word: len(finding.found(connection, view, word)) for word in ("otomatis", "panen", "Tabelnya")
        }
    assert hits == {"otomatis": 0, "panen": 1, "Tabelnya": 1}
