"""A message of ours in the JSON that Meta wants."""

from typing import Any

from channels.contract import Outbound


def payload(message: Outbound) -> dict[str, Any]:
    """The whole request for *message*. Our id goes along and comes back with every report."""
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **_recipient(message.address),
        "biz_opaque_callback_data": message.mid,
        **_content(message),
    }


def _recipient(address: str) -> dict[str, str]:
    """A number goes into *to*; an external id that stood there would be dropped without a word."""
    return {"to": address.removeprefix("+")} if address.startswith("+") else {"recipient": address}


def _content(message: Outbound) -> dict[str, Any]:
    return {"type": "text", "text": {"body": message.text, "preview_url": False}}
