"""An emoji that somebody touches below a mail in Gmail arrives as a mail of its own."""

from email.message import EmailMessage
from email.policy import SMTP

from tests.driver import Desk
from tests.handlers.correspondence import mail_to, noticed, reply_to
from tests.post import Letter


def _touches(letter: Letter, author: str) -> bytes:
    """Below *letter*, as Gmail sends it."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = author, reply_to(letter)
    mail["Subject"], mail["Message-ID"] = f"Re: {letter.mail['Subject']}", "<reaksi@mail.gmail.example>"
    mail["In-Reply-To"] = mail["References"] = str(letter.mail["Message-ID"])
    mail.set_content("👍\n\nSiti bereaksi melalui Gmail\n<https://www.google.com/gmail/about/>\n")
    mail.add_alternative('{"emoji":"👍","version":1}', subtype="vnd.google.email-reaction+json")
    mail.add_alternative("<p>👍</p><p>Siti bereaksi melalui Gmail</p>", subtype="html")
    return mail.as_bytes()


def test_a_citizens_emoji_below_the_closing_letter_opens_nothing(desk: Desk) -> None:
    desk.mails("Mohon data luas panen padi 2021-2024 untuk skripsi")
    desk.replies("Terlampir.")
    desk.closes()
    letters = desk.letters()
    row = desk.mail_arrives(_touches(letters[-1], "Siti Contoh <siti@contoh.id>"))
    assert row.intake == "handled"
    assert (len(desk.tickets()), len(desk.letters())) == (1, len(letters))
    word = desk.messages("in")[-1]
    assert (word.body, word.outcome, word.media) == ("👍", "filed", [])


def test_an_officers_emoji_below_a_notice_is_no_answer(desk: Desk) -> None:
    letter = noticed(desk)
    heard = desk.heard()
    row = desk.mail_arrives(_touches(letter, "Rahma <rahma@bps.go.id>"))
    assert (row.intake, row.rule) == ("filed", "an emoji below a mail")
    assert desk.heard() == heard
    assert len(mail_to(desk, "rahma")) == 1
    assert desk.tickets()[-1].claimed_by is None
