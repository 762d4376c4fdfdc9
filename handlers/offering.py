"""What a sentence offers to tap, taken from the very words that name it by number."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from bot import choices
from bot.effects import Say
from channels.menus import Menu, Option, form
from handlers.phrases import PHRASES


@dataclass(slots=True)
class Offer:
    """The choices of a message, gathered while it is said. *numbered*: they stand in the text by number.

    *language* is the one it was said in.
    """

    numbered: bool = True
    language: str = ""
    options: list[Option] = field(default_factory=list)
    question: str = ""
    clear: bool = True

    def of(self, say: Say) -> "Choosing":
        """The words for a choice, as the sentence of *say* may use them."""
        return Choosing(self, choices.question_of(say))

    def add(self, question: str, answer: str, words: str) -> None:
        """One more choice. A second question, or an answer nobody waits for, leaves the numbers alone."""
        self.clear &= choices.may_answer(question, answer) and self.question in ("", question)
        self.question = question
        title = PHRASES[self.language].titles.get(words, words)
        self.options.append(
            Option(f"{question}.{answer}", title[:1].upper() + title[1:], words if title != words else "")
        )


@dataclass(frozen=True, slots=True)
class Choosing:
    """What a sentence writes for a choice: by number in the text, or nothing where it becomes a button."""

    offer: Offer
    question: str

    def option(self, answer: str | int, words: str) -> str:
        """A line of its own: ``*1* Konsultasi``."""
        return self._written(answer, words, f"*{answer}* {words}")

    def shortcut(self, answer: str | int, words: str) -> str:
        """Within a sentence: ``*1*``, which means *words*."""
        return self._written(answer, words, f"*{answer}*")

    def _written(self, answer: str | int, words: str, numbered: str) -> str:
        if not self.offer.numbered:
            return ""
        self.offer.add(self.question, str(answer), words)
        return numbered


def about(says: Sequence[Say]) -> str:
    """The mark of what the question among *says* is about: its own values, or those said just before."""
    asked = next((place for place, say in enumerate(says) if choices.question_of(say)), 0)
    told = says[asked].values or (says[asked - 1].values if asked else {})
    return sha256(repr(sorted(told.items())).encode()).hexdigest()[:16] if told else ""


def said(say: Callable[..., str], *, choosable: bool) -> tuple[str, Menu | None]:
    """What *say* says when it is given an ``offer``, and where it is *choosable* the same as a menu.

    None in its place when nothing is offered, or WhatsApp could not show it.
    """
    offer = Offer()
    text = say(offer=offer)
    if not (choosable and offer.options and offer.clear):
        return text, None
    label = PHRASES[offer.language].choose
    menu = Menu(say(offer=Offer(numbered=False)), label, tuple(offer.options))
    return text, menu if form(menu) else None
