"""What a turn means for the rating of a ticket, as rows, and the pages that its sentences link to."""

from datetime import datetime

from sqlalchemy import Connection

from bot.effects import AskRating, RecordRating
from handlers import page_links
from handlers.runtime import Runtime
from storage import ratings, tickets
from storage.conversations import Thread

AboutRating = AskRating | RecordRating


def write(
    runtime: Runtime,
    connection: Connection,
    thread: Thread,
    effect: AboutRating,
    ticket_id: int,
    now: datetime,
) -> dict[str, str]:
    """Write *effect* down. A question in a letter links to its page, thanks for a mark to the survey."""
    match effect:
        case AskRating(_, again):
            asked = (ratings.remind if again else ratings.ask)(connection, ticket_id, now)
            writes_letters = not runtime.channels[thread.channel].manners.interactive
            return {"link": page_links.rating(runtime, asked)} if asked and writes_letters else {}
        case RecordRating(_, score):
            answered = _given(connection, thread.office, effect, ticket_id, now)
            office = runtime.office(thread.office)
            return {"survey_link": page_links.survey(runtime, office, answered)} if score else {}


def _given(
    connection: Connection, office: str, effect: RecordRating, ticket_id: int, now: datetime
) -> int | None:
    """Keep the answer, with a row in the ticket's log."""
    told = (connection, ticket_id, effect.score, effect.comment, now)
    answered = ratings.record(*told, page=effect.page)
    tickets.touch(connection, ticket_id, now)
    tickets.log(connection, office, ticket_id, "rated", now, None, {"score": effect.score})
    return answered
