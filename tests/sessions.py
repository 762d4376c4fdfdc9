"""A browser in which an officer is signed in, without the door."""

from secrets import token_urlsafe

from flask.testing import FlaskClient

from handlers.runtime import Runtime
from handlers.web import signing
from storage import officers, sign_ins


def sign_in(client: FlaskClient, runtime: Runtime, officer_id: int) -> FlaskClient:
    """The same browser, with a sign-in of this officer that knows no hour."""
    key = token_urlsafe(24)
    with runtime.database.write() as connection:
        account = officers.find(connection, officer_id)
        assert account is not None
        sign_ins.begin(connection, signing.mark_of(key), officer_id, "a test", runtime.clock())
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{account.id}.{account.sessions}.{key}", True
    return client
