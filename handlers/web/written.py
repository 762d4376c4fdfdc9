"""What somebody has written in a form that could not be taken, so that it is not lost."""

from flask import request

FIELDS = (
    *("text", "question", "body", "plan", "plan_by", "plan_due", "why", "words"),
    *("noticed", "what", "happened", "which", "whose", "measures"),
    *("name", "hours", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "first", "last", "reason", "with"),
    *("comment", "suggestion"),
)
"""The fields of all forms in which people write, by name; a password or a code is none of them."""


def kept() -> str:
    """The text of every field, one below another; empty when nothing was written."""
    written = (one.strip() for name in FIELDS for one in request.form.getlist(name))
    return "\n\n".join(filter(None, written))
