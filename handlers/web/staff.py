"""What administrators may do for officers who can't get in, and supervisors for those of their office."""

import secrets
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from handlers import passwords
from handlers.web import current, unfinished
from handlers.web.inbox import rail
from handlers.web.language import gettext
from handlers.web.permissions import LARGEST_ID
from storage import officers, second_factors, sign_ins
from storage.officers import Account

blueprint = Blueprint("staff", __name__)
_CODE, _SIGN_INS, _PASSWORD = "code", "sign-ins", "password"


@blueprint.get("/administration/petugas")
def page() -> ResponseReturnValue:
    """Everybody of the installation."""
    with current.runtime().database.read() as connection:
        return _page(officers.listed(connection))


@blueprint.post("/administration/petugas")
def act() -> ResponseReturnValue:
    """End sign-ins, take a second factor off, or make a new password, which is shown once."""
    with current.runtime().database.read() as connection:
        account = officers.find(connection, _chosen())
    if account is None:
        return redirect(url_for("staff.page"), 303)
    if request.form.get("act") == _PASSWORD:
        return _with_a_new_password(account)
    _do(account)
    return redirect(url_for("staff.page"), 303)


@blueprint.get("/inbox/<office>/petugas")
def of_office() -> ResponseReturnValue:
    """The officers of this office alone. Who is more than that is an administrator's to help."""
    with current.runtime().database.read() as connection:
        return render_template("inbox/staff_office.html", accounts=_theirs(connection), **rail(connection))


@blueprint.post("/inbox/<office>/petugas")
def act_in_office() -> ResponseReturnValue:
    """End sign-ins, or take a second factor off: with that alone nobody gets in."""
    with current.runtime().database.read() as connection:
        account = next((one for one in _theirs(connection) if one.id == _chosen()), None)
    if account is None or request.form.get("act") not in (_CODE, _SIGN_INS):
        flash(gettext("Pilih petugas kantor ini."), "problem")
    else:
        _do(account)
    return redirect(url_for("staff.of_office", office=current.view().office), 303)


def _theirs(connection: Connection) -> list[Account]:
    office = {current.view().office: "officer"}
    return [
        one
        for one in officers.listed(connection)
        if dict(one.roles) == office and not one.administrator and not one.disabled
    ]


def _chosen() -> int:
    return min(max(request.form.get("officer", 0, type=int), 0), LARGEST_ID)


def _do(account: Account) -> None:
    if request.form.get("act") == _CODE:
        _record("second_factor_removed", account, second_factors.remove)
        flash(gettext("Kode %(name)s dilepas.", name=account.name), "done")
    elif request.form.get("act") == _SIGN_INS:
        _record("sign_ins_ended", account, sign_ins.end_all)
        flash(gettext("%(name)s sudah keluar di semua peramban.", name=account.name), "done")


def _record(what: str, account: Account, change: Any) -> None:
    runtime = current.runtime()
    with runtime.database.write() as connection:
        change(connection, account.id)
        if change is second_factors.remove:
            sign_ins.end_all(connection, account.id)
        about = {"officer": account.id}
        officers.record(connection, what, runtime.clock(), current.officer().id, about)


def _with_a_new_password(account: Account) -> ResponseReturnValue:
    """Made here and shown this once; it opens nothing but the page for one of their own."""
    runtime, made = current.runtime(), secrets.token_urlsafe(12)
    with runtime.database.write() as connection:
        officers.set_password(connection, account.id, passwords.hashed(made), temporary=True)
        about = {"officer": account.id}
        officers.record(connection, "password_reset", runtime.clock(), current.officer().id, about)
        everybody = officers.listed(connection)
    return _page(everybody, made=made, whose=account)


def _page(accounts: Iterable[Account], **told: Any) -> str:
    runtime = current.runtime()
    return render_template(
        "inbox/staff.html",
        accounts=accounts,
        offices=runtime.settings.offices,
        must_have_code=unfinished.must_have_code,
        **told,
    )
