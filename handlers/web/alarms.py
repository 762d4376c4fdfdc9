"""The banner of what somebody must look at: settled by whoever has seen it."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from handlers.web import auth, current
from storage import alarms

blueprint = Blueprint("alarms", __name__)


@blueprint.post("/inbox/<office>/alarms/settle")
def settle() -> ResponseReturnValue:
    """An alarm of this office was seen; an administrator settles those of the installation here, too."""
    _settle(current.view().office, installation=current.officer().administrator)
    return redirect(auth.safe(request.form.get("next", "")), 303)


@blueprint.post("/administration/alarms/settle")
def settle_for_all() -> ResponseReturnValue:
    """An alarm of the installation was seen."""
    _settle(None, installation=True)
    return redirect(url_for("administration.page"), 303)


def _settle(office: str | None, *, installation: bool) -> None:
    """Nothing happens to an alarm that is not theirs, or that a colleague was first to see."""
    key, desk = request.form.get("key", ""), current.runtime()
    with desk.database.write() as connection:
        if key in {row.key for row in alarms.open_alarms(connection, office, installation=installation)}:
            alarms.settle(connection, key, current.officer().id, desk.clock())
