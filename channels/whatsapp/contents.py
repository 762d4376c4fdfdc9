"""Templates at Twilio: made, found again, submitted to WhatsApp and asked for, through the real SDK."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from twilio.rest.content.v1.content import ContentList
from twilio.rest.content.v1.content.approval_create import ApprovalCreateInstance

from channels.contract import SendError
from channels.menus import Form, Menu, form, pattern
from channels.their_clocks import Heard
from channels.whatsapp.drafts import UNSUBMITTED, Draft, Made, Verdict
from channels.whatsapp.errors import BAD_ANSWER, failure
from channels.whatsapp.failures import explain
from channels.whatsapp.sending import EXPECTED, NO_ENVIRONMENT, SECONDS_TO_ANSWER, Account
from channels.whatsapp.transport import CONTENT, TWILIO, MappedHttpClient

_IN_A_PAGE = 200
R = TypeVar("R")


def text(body: str, buttons: Mapping[str, str]) -> Mapping[str, Any]:
    """The types of a template with *buttons*, titles by their ids; without any it is a plain text."""
    if not buttons:
        return {"twilio/text": {"body": body}}
    return {"twilio/quick-reply": {"body": body, "actions": _actions(buttons)}}


def choices(menu: Menu) -> Mapping[str, Any]:
    """The types of the template that carries *menu*, and every other message of its shape."""
    body = pattern(menu)[0]
    if form(menu) is Form.BUTTONS:
        titles = {each.id: each.title for each in menu.options}
        return {"twilio/quick-reply": {"body": body, "actions": _actions(titles)}}
    rows = [
        {"id": each.id, "item": each.title, **({"description": each.description} if each.description else {})}
        for each in menu.options
    ]
    return {"twilio/list-picker": {"body": body, "button": menu.label, "items": rows}}


def _actions(titles: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"type": "QUICK_REPLY", "title": title, "id": id_} for id_, title in titles.items()]


class Contents:
    """The templates of one account. All raise ``SendError``, and nothing else, when it did not work."""

    carries_choices = True

    def __init__(
        self,
        account: Account,
        *,
        api_url: str = TWILIO,
        timeout: float = SECONDS_TO_ANSWER,
        heard: Heard | None = None,
    ) -> None:
        """*api_url*: where messages are sent; templates go to Twilio's own place for them, or there too.

        *heard* is given every answer.
        """
        place = CONTENT if api_url.rstrip("/") == TWILIO else api_url.rstrip("/")
        self._http = MappedHttpClient({CONTENT.removeprefix("https://"): place}, timeout, heard)
        client = Client(account.sid, account.token, http_client=self._http, environment=NO_ENVIRONMENT)
        self._contents = client.content.v1.contents

    def all(self) -> Iterator[Made]:
        """Every template of the account."""
        for found in self._asked(lambda: self._contents.list(page_size=_IN_A_PAGE)):
            yield _made(found)

    def create(self, draft: Draft) -> str:
        """Make *draft*, and give its ContentSid. Twilio takes a name twice: look for it first."""
        wanted = {
            "friendly_name": draft.name,
            "language": draft.language,
            "variables": dict(draft.samples),
            "types": draft.types,
        }
        request = ContentList.ContentCreateRequest(wanted)
        sid = self._asked(lambda: self._contents.create(request)).sid
        if not sid:
            raise failure(BAD_ANSWER)
        return str(sid)

    def submit(self, sid: str, name: str, category: str) -> Verdict:
        """Let WhatsApp look at it. A name it has once refused can't be used again."""
        request = ApprovalCreateInstance.ContentApprovalRequest({"name": name, "category": category})
        answer = self._asked(lambda: self._contents.get(sid).approval_create.create(request))
        return Verdict(str(answer.status or "received"), str(answer.category or ""), "")

    def verdict(self, sid: str) -> Verdict:
        """What WhatsApp says of it now."""
        answer = self._asked(lambda: self._contents.get(sid).approval_fetch().fetch())
        told = answer.whatsapp if isinstance(answer.whatsapp, dict) else {}
        status, category, reason = (
            str(told.get(name) or "") for name in ("status", "category", "rejection_reason")
        )
        return Verdict(status or UNSUBMITTED, category, reason)

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def _asked(self, question: Callable[[], R]) -> R:
        try:
            return question()
        except EXPECTED as error:
            told = explain(error)
            # No citizen's words are in what is asked here, so Twilio's own may be told.
            words = f": {error.msg}" if isinstance(error, TwilioRestException) else ""
            raise SendError(told.code, f"{told.detail}{words}"[:500], told.trouble) from error


def _made(found: Any) -> Made:
    types = found.types if isinstance(found.types, dict) else {}
    told = {name: value for name, value in types.items() if value}
    return Made(str(found.sid or ""), str(found.friendly_name or ""), str(found.language or ""), told)
