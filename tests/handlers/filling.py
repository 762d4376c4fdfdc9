"""A form of a page as a browser would send it, when nothing but what is told was entered."""

from html.parser import HTMLParser

from werkzeug.datastructures import MultiDict


class _Form(HTMLParser):
    """Collects the fields of the one form that leads to *action*."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action, self.inside, self.writing, self.choosing = action, False, "", ""
        self.fields: MultiDict[str, str] = MultiDict()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = told.get("action", "").partition("#")[0] == self.action
        elif not self.inside:
            return
        elif tag == "input" and (told.get("type") not in {"checkbox", "radio"} or "checked" in told):
            self.fields.add(told["name"], told.get("value", ""))
        elif tag == "select":
            self.choosing = told["name"]
        elif tag == "option" and ("selected" in told or self.choosing not in self.fields):
            self.fields[self.choosing] = told["value"]
        elif tag == "textarea":
            self.writing = told["name"]
            self.fields[self.writing] = ""

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "form"
        self.writing = "" if tag == "textarea" else self.writing

    def handle_data(self, data: str) -> None:
        if self.writing:
            self.fields[self.writing] += data


def form(page: str, action: str) -> MultiDict[str, str]:
    """The fields of the form of *page* that leads to *action*."""
    reader = _Form(action)
    reader.feed(page)
    assert reader.fields, f"no form leads to {action}"
    return reader.fields
