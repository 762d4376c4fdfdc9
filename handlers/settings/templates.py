"""WhatsApp templates as the configuration words them, and what WhatsApp demands of a wording."""

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from hashlib import sha256
from typing import Literal

from pydantic import Field

from handlers.settings.part import Part
from handlers.settings.problems import Place, Problem

VARIABLES = ("office", "reference", "name")
"""What a template may mention: the office's name, the ticket's number, the citizen's name."""

LONGEST_BODY = 1024
MOST_BUTTONS = 10
LONGEST_BUTTON = 20
_PLACEHOLDER = re.compile(r"\{\{(\d+)\}\}")
_HOME: Place = ("channels", "whatsapp", "templates")


class Wording(Part):
    """A template in one language. ``{{1}}`` stands for the first of *variables*, and so on.

    *samples* show WhatsApp's reviewers a value for each. *buttons* are quick replies. *content_sid* names a
    template that was made by hand; without one ``loket templates push`` makes it.
    """

    body: str
    variables: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()
    content_sid: str | None = None

    @property
    def mark(self) -> str:
        """Tells this wording from every other: what was approved is this, and not what was changed later."""
        return sha256("\0".join((self.body, *self.variables, "", *self.buttons)).encode()).hexdigest()

    def filled(self, values: tuple[str, ...]) -> str:
        """The words as the citizen reads them."""
        return _PLACEHOLDER.sub(lambda found: values[int(found[1]) - 1], self.body)


class Template(Part):
    """A message that WhatsApp lets leave at any time, once it has approved it, in each of its languages."""

    category: Literal["UTILITY", "MARKETING", "AUTHENTICATION"] = "UTILITY"
    content: dict[str, Wording] = Field(default_factory=dict)


class Held(Part):
    """What becomes of an answer that waits for the citizen's word: so many hours, then it goes by mail."""

    mail_after_hours: int = Field(24, ge=1, le=720)


def broken_template_rules(
    templates: Mapping[str, Template], languages: AbstractSet[str], accounts: int
) -> Iterator[Problem]:
    """Every broken rule of every template; *languages* are those the desk speaks."""
    for key, template in templates.items():
        here = (*_HOME, key)
        if not re.fullmatch(r"[a-z0-9_]{1,64}", key):
            yield here, "the key of a template is 1 to 64 small letters, digits or _"
        if not template.content:
            yield (*here, "content"), "must have a wording in at least one language"
        for language, wording in template.content.items():
            if language not in languages:
                known = ", ".join(sorted(languages))
                yield (*here, "content", language), f"the desk does not speak it; it speaks: {known}"
            for place, sentence in _of_one(wording, accounts):
                yield (*here, "content", language, *place), sentence


def _of_one(wording: Wording, accounts: int) -> Iterator[Problem]:
    yield from _of_variables(wording)
    yield from _of_body(wording)
    yield from _of_buttons(wording)
    if wording.content_sid is not None:
        if not re.fullmatch("HX[0-9a-fA-F]{32}", wording.content_sid):
            yield ("content_sid",), "must be a ContentSid (HX and 32 letters and digits)"
        if accounts > 1:
            yield ("content_sid",), "belongs to one account; with several leave it out and push the templates"


def _of_variables(wording: Wording) -> Iterator[Problem]:
    numbers = [int(number) for number in _PLACEHOLDER.findall(wording.body)]
    if sorted(set(numbers)) != list(range(1, len(set(numbers)) + 1)):
        yield ("body",), "its placeholders must be numbered {{1}}, {{2}} and so on, without gaps"
    elif len(set(numbers)) != len(wording.variables):
        yield ("variables",), f"must name one for each placeholder: {len(set(numbers))}"
    for index, name in enumerate(wording.variables):
        if name not in VARIABLES:
            yield ("variables", index), f"must be one of {', '.join(VARIABLES)}"
    if len(wording.samples) != len(wording.variables):
        yield ("samples",), f"must give a value for each variable: {len(wording.variables)}"
    for index, sample in enumerate(wording.samples):
        if sample != " ".join(sample.split()) or not sample:
            yield ("samples", index), "must be one line, without blanks around or in a row"


def _of_body(wording: Wording) -> Iterator[Problem]:
    body = wording.body
    count = len(set(_PLACEHOLDER.findall(body)))
    bare = _PLACEHOLDER.sub("", body)
    if not bare.strip():
        yield ("body",), "is empty"
    if "{{" in bare or "}}" in bare:
        yield ("body",), "a placeholder is written {{1}}: two braces, a number, two braces"
    if re.match(r"\s*\{\{\d+\}\}|.*\{\{\d+\}\}\s*\Z", body, re.DOTALL):
        yield ("body",), "must neither begin nor end with a placeholder"
    if re.search(r"\}\}\s*\{\{", body):
        yield ("body",), "two placeholders must have words between them"
    if len(bare.split()) < 2 * count + 1:
        yield ("body",), f"has too few words for its placeholders: at least {2 * count + 1}"
    longest = len(body) if len(wording.samples) < count else len(_with_samples(wording))
    if longest > LONGEST_BODY:
        yield ("body",), f"must be {LONGEST_BODY} characters or fewer, its samples filled in"


def _with_samples(wording: Wording) -> str:
    known = {str(number): sample for number, sample in enumerate(wording.samples, 1)}
    return _PLACEHOLDER.sub(lambda found: known.get(found[1], found[0]), wording.body)


def _of_buttons(wording: Wording) -> Iterator[Problem]:
    if len(wording.buttons) > MOST_BUTTONS or len(set(wording.buttons)) < len(wording.buttons):
        yield ("buttons",), f"must be at most {MOST_BUTTONS}, and each only once"
    for index, title in enumerate(wording.buttons):
        if not title.strip() or len(title) > LONGEST_BUTTON or _PLACEHOLDER.search(title):
            yield ("buttons", index), f"must be 1 to {LONGEST_BUTTON} characters, without a placeholder"
