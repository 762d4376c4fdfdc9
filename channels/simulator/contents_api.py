"""Twilio's Content API in front of the local Twilio's templates."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request

from channels.simulator.contents import BAD_REQUEST, Approval, Content, Contents
from channels.simulator.rules import Refused

_PATH = "/v1/Content"
_ELSEWHERE = "https://content.twilio.com"
_MOST_IN_A_PAGE = 500


def content_api(account: str, contents: Contents) -> Blueprint:
    """The routes by which the SDK meets *contents* of *account*."""
    api = Blueprint("content", __name__)

    @api.post(_PATH)
    def create() -> tuple[Response, int]:
        return jsonify(_resource(account, contents.create(_asked()))), 201

    @api.get(_PATH)
    def listing() -> Response:
        return jsonify(_page(account, contents))

    @api.get(f"{_PATH}/<sid>")
    def fetch(sid: str) -> Response:
        return jsonify(_resource(account, contents.one(sid)))

    @api.delete(f"{_PATH}/<sid>")
    def delete(sid: str) -> tuple[str, int]:
        contents.delete(sid)
        return "", 204

    @api.post(f"{_PATH}/<sid>/ApprovalRequests/whatsapp")
    def submit(sid: str) -> tuple[Response, int]:
        approval = contents.submit(sid, _asked())
        return jsonify(_approval(contents.one(sid), approval)), 201

    @api.get(f"{_PATH}/<sid>/ApprovalRequests")
    def approvals(sid: str) -> Response:
        content = contents.one(sid)
        unsubmitted = Approval("", "", "unsubmitted")
        whatsapp = {"type": "whatsapp", **_approval(content, content.approval or unsubmitted)}
        url = f"{_ELSEWHERE}{_PATH}/{sid}/ApprovalRequests"
        return jsonify(sid=sid, account_sid=account, whatsapp=whatsapp, url=url)

    return api


def _asked() -> Mapping[str, Any]:
    asked = request.get_json(silent=True)
    if not isinstance(asked, dict):
        raise Refused(BAD_REQUEST)
    return asked


def _page(account: str, contents: Contents) -> dict[str, Any]:
    size = min(request.args.get("PageSize", 50, type=int), _MOST_IN_A_PAGE)
    number = request.args.get("Page", 0, type=int)
    found = contents.all()
    address = f"{_ELSEWHERE}{_PATH}?PageSize={size}&Page="
    more = len(found) > size * (number + 1)
    return {
        "contents": [_resource(account, each) for each in found[size * number : size * (number + 1)]],
        "meta": {
            "key": "contents",
            "page": number,
            "page_size": size,
            "url": f"{address}{number}",
            "first_page_url": f"{address}0",
            "previous_page_url": f"{address}{number - 1}" if number else None,
            "next_page_url": f"{address}{number + 1}" if more else None,
        },
    }


def _resource(account: str, content: Content) -> dict[str, Any]:
    url = f"{_ELSEWHERE}{_PATH}/{content.sid}"
    made = content.made_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "sid": content.sid,
        "account_sid": account,
        "friendly_name": content.friendly_name,
        "language": content.language,
        "variables": content.variables,
        "types": content.types,
        "date_created": made,
        "date_updated": made,
        "url": url,
        "links": {
            "approval_create": f"{url}/ApprovalRequests/whatsapp",
            "approval_fetch": f"{url}/ApprovalRequests",
        },
    }


def _approval(content: Content, approval: Approval) -> dict[str, Any]:
    return {
        "name": approval.name,
        "category": approval.category,
        "content_type": content.kind,
        "status": approval.status,
        "rejection_reason": approval.reason,
        "allow_category_change": True,
    }
