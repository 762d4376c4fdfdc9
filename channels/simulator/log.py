"""The stand-in's message log as Twilio lists it: newest first, by dates, in pages."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, request

from channels.simulator.provider import VERSION, LocalTwilio, PhoneMessage
from channels.simulator.rules import Refused

_USUAL_PAGE, _LARGEST_PAGE = 50, 1000


Resource = Callable[[LocalTwilio, PhoneMessage], dict[str, Any]]


def add_routes(app: Flask, twilio: LocalTwilio, path: str, resource: Resource) -> None:
    """Everything of *twilio*'s log that can be asked under *path*."""

    def found(sid: str) -> PhoneMessage:
        message = twilio.message(sid)
        if message is None:
            raise Refused(20404)
        return message

    @app.get(path + ".json")
    def search(account: str) -> Response:  # noqa: ARG001 # part of the path
        listed, following = page(twilio, request.args)
        return jsonify(messages=[resource(twilio, each) for each in listed], next_page_uri=following, page=0)

    @app.get(path + "/<sid>.json")
    def fetch(account: str, sid: str) -> Response:  # noqa: ARG001 # part of the path
        return jsonify(resource(twilio, found(sid)))

    @app.get(path + "/<sid>/Media.json")
    def files_of(account: str, sid: str) -> Response:  # noqa: ARG001 # part of the path
        return jsonify(files(twilio, found(sid)))


def page(twilio: LocalTwilio, asked: Mapping[str, str]) -> tuple[list[PhoneMessage], str | None]:
    """The messages of the page that was asked for, and where the next one is."""
    most = min(max(int(asked.get("PageSize", _USUAL_PAGE)), 1), _LARGEST_PAGE)
    number = int(asked.get("Page", 0))
    found = [each for each in twilio.search(asked.get("To"), asked.get("From")) if _is_within(each, asked)]
    start = number * most
    wanted = {**asked, "Page": str(number + 1), "PageSize": str(most)}
    place = f"/{VERSION}/Accounts/{twilio.sid}/Messages.json?{urlencode(wanted)}"
    return found[start : start + most], place if len(found) > start + most else None


def _is_within(message: PhoneMessage, asked: Mapping[str, str]) -> bool:
    after, before = asked.get("DateSent>"), asked.get("DateSent<")
    if (after or before) and message.status == "queued":
        return False
    if after and message.at < _moment(after):
        return False
    return not (before and message.at > _moment(before))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def files(twilio: LocalTwilio, message: PhoneMessage) -> dict[str, Any]:
    """The list of the files of a message."""
    return {"media_list": [_file(twilio, message)] if message.file else [], "next_page_uri": None, "page": 0}


def _file(twilio: LocalTwilio, message: PhoneMessage) -> dict[str, Any]:
    name = f"ME{message.sid[2:]}"
    place = f"/{VERSION}/Accounts/{twilio.sid}/Messages/{message.sid}/Media/{name}.json"
    return {
        "sid": name,
        "account_sid": twilio.sid,
        "parent_sid": message.sid,
        "content_type": message.file,
        "uri": place,
    }
