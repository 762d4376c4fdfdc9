"""Templates at Meta: submitted, found again and asked for. There a template is known by its name.

To make one and to submit it is one step at Meta, so ``create`` only remembers what ``submit`` sends. What
carries choices needs no template here: they stand in the message itself.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from channels.whatsapp.cloud.graph import SECONDS_TO_ANSWER, Graph, Number
from channels.whatsapp.cloud.values import items, mapping, word
from channels.whatsapp.drafts import UNSUBMITTED, Draft, Made, Verdict

_FIELDS = "name,language,status,category,rejected_reason"
_MOST_PAGES = 50
# Meta says NONE where it has no reason.
_NO_REASON = {"", "NONE"}


class CloudTemplates:
    """The templates of one business account. All raise ``SendError``, and nothing else, when it failed."""

    carries_choices = False

    def __init__(self, number: Number, waba_id: str, *, timeout: float = SECONDS_TO_ANSWER) -> None:
        """*number*: one of the account's, with whose token Meta is asked."""
        self._number, self._waba_id = number, waba_id
        self._graph = Graph(timeout)
        self._drafts: dict[str, Draft] = {}

    def all(self) -> Iterator[Made]:
        """Every template of the account."""
        for found in self._found({}):
            name, language = word(found.get("name")), word(found.get("language"))
            yield Made(name, name, language, {})

    def create(self, draft: Draft) -> str:
        """Remember *draft* until it is submitted; its name, which is its id."""
        self._drafts[draft.name] = draft
        return draft.name

    def submit(self, sid: str, name: str, category: str) -> Verdict:
        """Let WhatsApp look at what was drafted. A name it has once refused can't be used again."""
        draft = self._drafts[sid]
        wanted: dict[str, Any] = {"name": name, "language": draft.language, "category": category}
        wanted["components"] = _components(draft)
        answer = self._graph.ask(self._number, "POST", f"{self._waba_id}/message_templates", json=wanted)
        return _verdict(answer)

    def verdict(self, sid: str) -> Verdict:
        """What WhatsApp says of it now."""
        same = [each for each in self._found({"name": sid}) if word(each.get("name")) == sid]
        return _verdict(same[0]) if same else Verdict()

    def close(self) -> None:
        """Give the connections back."""
        self._graph.close()

    def _found(self, wanted: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        params = {"fields": _FIELDS, "limit": "100", **wanted}
        for _ in range(_MOST_PAGES):
            path = f"{self._waba_id}/message_templates"
            answer = self._graph.ask(self._number, "GET", path, params=params)
            yield from map(mapping, items(answer.get("data")))
            paging = mapping(answer.get("paging"))
            after = word(mapping(paging.get("cursors")).get("after"))
            if not (after and paging.get("next")):
                return
            params["after"] = after


def _components(draft: Draft) -> list[dict[str, Any]]:
    (inner,) = draft.types.values()
    body: dict[str, Any] = {"type": "BODY", "text": inner["body"]}
    if draft.samples:
        body["example"] = {"body_text": [[draft.samples[key] for key in sorted(draft.samples, key=int)]]}
    buttons = [{"type": "QUICK_REPLY", "text": each["title"]} for each in inner.get("actions", [])]
    return [body, *([{"type": "BUTTONS", "buttons": buttons}] if buttons else [])]


def _verdict(told: Mapping[str, Any]) -> Verdict:
    reason = word(told.get("rejected_reason"))
    status = word(told.get("status")).lower() or UNSUBMITTED
    return Verdict(status, word(told.get("category")), "" if reason in _NO_REASON else reason)
