"""A message of ours in the JSON that Meta wants."""

from collections.abc import Mapping
from typing import Any

from channels.contract import Linked, Outbound, Template
from channels.menus import Form, Menu, Option, form

Payload = dict[str, Any]
_FAMILIES = ("image", "video", "audio")


def payload(message: Outbound, content: Mapping[str, Any]) -> Payload:
    """The request for *message* that says *content*. Our id goes along and comes back with every report."""
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **_recipient(message.address),
        "biz_opaque_callback_data": message.mid,
        **content,
    }


def plain(message: Outbound) -> Payload:
    """What is said without anything to tap: a template by its name, a file, else the text."""
    if message.template is not None:
        return _template(message.template)
    if message.file is not None:
        return _file(message.file, message.text)
    return {"type": "text", "text": {"body": message.text, "preview_url": False}}


def choices(message: Outbound) -> Payload | None:
    """The message with its choices to tap; None where it has none, or they break a limit."""
    shown = form(message.menu) if message.menu and message.template is None else None
    if message.menu is None or shown is None:
        return None
    action = _buttons(message.menu) if shown is Form.BUTTONS else _list(message.menu)
    kind = "button" if shown is Form.BUTTONS else "list"
    inner = {"type": kind, "body": {"text": message.menu.body}, "action": action}
    return {"type": "interactive", "interactive": inner}


def _recipient(address: str) -> dict[str, str]:
    """A number goes into *to*; an external id that stood there would be dropped without a word."""
    return {"to": address.removeprefix("+")} if address.startswith("+") else {"recipient": address}


def _template(template: Template) -> Payload:
    values = [{"type": "text", "text": value} for value in template.values]
    body = {"components": [{"type": "body", "parameters": values}]} if values else {}
    return {
        "type": "template",
        "template": {"name": template.id, "language": {"code": template.language}, **body},
    }


def _file(file: Linked, text: str) -> Payload:
    """A file that Meta fetches from us, with *text* as its caption where its kind can have one."""
    family = file.content_type.partition("/")[0]
    kind = family if family in _FAMILIES else "document"
    shown: Payload = {"link": file.url} | ({"filename": file.name} if kind == "document" else {})
    return {"type": kind, kind: shown | ({"caption": text} if text and kind != "audio" else {})}


def _buttons(menu: Menu) -> Payload:
    replies = [{"id": each.id, "title": each.title} for each in menu.options]
    return {"buttons": [{"type": "reply", "reply": reply} for reply in replies]}


def _list(menu: Menu) -> Payload:
    # One section alone needs no title.
    return {"button": menu.label, "sections": [{"rows": [_row(each) for each in menu.options]}]}


def _row(option: Option) -> Payload:
    described = {"description": option.description} if option.description else {}
    return {"id": option.id, "title": option.title, **described}
