"""Links to pages for citizens, signed, that stand in what the desk says."""

from bot.policy import Office
from channels.email.tokens import Purpose, Token
from handlers.runtime import Runtime


def form(runtime: Runtime, conversation_id: int) -> str:
    """The page where what a letter asks for may be filled in."""
    return _link(runtime, "formulir", Token(Purpose.FORM, conversation_id))


def rating(runtime: Runtime, rating_id: int) -> str:
    """The page where this question after a closing may be answered."""
    return _link(runtime, "nilai", Token(Purpose.RATING, rating_id))


def own_data(runtime: Runtime, request_id: int) -> str:
    """The page where a person takes the copy of their data."""
    return _link(runtime, "data-saya", Token(Purpose.COPY, request_id))


def survey(runtime: Runtime, office: Office, rating_id: int | None) -> str:
    """The page of the nine questions for who has answered this one; nothing where the office asks none."""
    return f"{rating(runtime, rating_id)}/survei" if rating_id and office.rating.survey else ""


def _link(runtime: Runtime, page: str, token: Token) -> str:
    return f"{runtime.settings.public_url.rstrip('/')}/{page}/{runtime.tokens.sign(token)}"
