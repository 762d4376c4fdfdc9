"""``/demo``: simulated phones beside the desk. Registered in a demo only, answers 404 anywhere else."""

import io
from datetime import timedelta
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    jsonify,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from bot.policy import Mode, Office
from channels.simulator.rules import is_loopback
from handlers.demo import behind, media, moving, phones
from handlers.demo.desk import OFFICES, DemoRuntime, sender_of
from handlers.demo.people import CORRESPONDENTS, EARLIER, OFFICERS, PLAYERS, RAHMA, READERS, WRITERS
from handlers.demo.phones import Phone
from handlers.web import current, demo_mail, letter, signing
from handlers.wording import phone as phone_number
from storage import officers

blueprint = Blueprint("demo", __name__, url_prefix="/demo")
blueprint.register_blueprint(demo_mail.blueprint)
LONGEST_TEXT = 4_000
_MOST_PHONES = 4
_SECONDS_TO_WAIT = 1.0
_STEPS = {"1": timedelta(hours=1), "24": timedelta(days=1), "72": timedelta(days=3)}


@blueprint.before_request
def only_in_a_demo() -> None:
    """404 outside a demo, and for a page of another site that was pointed at this machine."""
    name = request.host.rpartition(":")[0] if request.host.count(":") == 1 else request.host
    if not isinstance(current.runtime(), DemoRuntime) or not is_loopback(name.strip("[]")):
        abort(404)


def _demo() -> DemoRuntime:
    runtime = current.runtime()
    if not isinstance(runtime, DemoRuntime):
        abort(404)
    return runtime


@blueprint.get("")
def page() -> str:
    """The phones, and what happens behind them."""
    runtime = _demo()
    return render_template(
        "demo/page.html",
        offices=[_office(runtime, code) for code in OFFICES],
        players=PLAYERS,
        earlier=EARLIER,
        officers=OFFICERS,
        writer=WRITERS[0],
        reader=READERS[0],
        password=runtime.password,
    )


def _office(runtime: DemoRuntime, code: str) -> dict[str, str]:
    office = runtime.office(code)
    name = office.name["id"].replace("Kabupaten", "Kab.")
    return {
        "code": code,
        "short": office.short_name,
        "name": name,
        "place": name.removeprefix("BPS "),
        "number": phone_number(sender_of(runtime, code)),
        "rule": _rule(office),
    }


def _rule(office: Office) -> str:
    if office.mode("whatsapp") is not Mode.CONSULT:
        return "WhatsApp hanya untuk pengaduan"
    registers = office.fields_to_register("whatsapp")
    return "Dengan pendaftaran, email wajib" if registers else "Langsung bertanya, tanpa pendaftaran"


@blueprint.get("/state")
def state() -> Response:
    """What the page draws, as soon as something changed or a second has passed."""
    runtime = _demo()
    since = request.args.get("since", -1, type=int)
    changes = runtime.twilio.wait_for_change(since, _SECONDS_TO_WAIT)
    keys = request.args.getlist("phone")[:_MOST_PHONES]
    wanted = (phones.named(runtime, key) for key in keys)
    return jsonify(_drawn(runtime, changes, [phone for phone in wanted if phone]))


def _drawn(runtime: DemoRuntime, changes: int, wanted: list[Phone]) -> dict[str, Any]:
    now, writer = runtime.clock(), CORRESPONDENTS.get(request.args.get("mail", ""))
    return {
        "changes": changes,
        # A sign-in begins a new session, and the token of this page with it.
        "token": generate_csrf(),
        "now": phones.moment_in_words(now, runtime, OFFICES[0]),
        "today": phones.day_of(now, runtime, OFFICES[0]),
        "phones": [phones.shown(runtime, phone) for phone in wanted],
        "behind": behind.scenes(runtime),
        "by_mail": phones.stage_by_mail(runtime, writer.address) if writer else 0,
    }


@blueprint.post("/write")
def write() -> ResponseReturnValue:
    """A citizen sends something, through the webhook."""
    runtime, phone = _demo(), _phone()
    kind, text = request.form.get("kind", media.TEXT), request.form.get("text", "")
    if kind not in media.KINDS or len(text) > LONGEST_TEXT or (kind == media.TEXT and not text.strip()):
        abort(400)
    status = media.send(runtime, phone.citizen, sender_of(runtime, phone.office), kind, text)
    return jsonify(accepted=status == 200), 200 if status == 200 else 502


@blueprint.post("/tap")
def tap() -> ResponseReturnValue:
    """A citizen taps a button or a row of a list, below the message that shows it."""
    runtime, phone, form = _demo(), _phone(), request.form
    try:
        status = runtime.twilio.citizen_taps(
            phone.citizen.address,
            sender_of(runtime, phone.office),
            form.get("choice", ""),
            below=form.get("below", ""),
            profile_name=phone.citizen.name,
        )
    except LookupError:
        abort(400)
    return jsonify(accepted=status == 200), 200 if status == 200 else 502


@blueprint.get("/file/<sid>")
def file(sid: str) -> ResponseReturnValue:
    """A file that the office has sent, as the phone has it."""
    stored = _demo().twilio.shelf.find(sid)
    if stored is None:
        abort(404)
    content, name = io.BytesIO(stored.content), stored.name or "berkas"
    return letter.guarded(send_file(content, mimetype=stored.kind, as_attachment=True, download_name=name))


@blueprint.post("/read")
def read() -> ResponseReturnValue:
    """A citizen looks at the phone."""
    _demo().twilio.citizen_reads(_phone().citizen.address)
    return "", 204


@blueprint.post("/clock")
def clock() -> ResponseReturnValue:
    """Let time pass."""
    step = _STEPS.get(request.form.get("hours", ""))
    if step is None:
        abort(400)
    moving.forward(_demo(), step)
    return "", 204


@blueprint.post("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Enter the inbox as one of the demo's officers."""
    wanted = request.form.get("email", RAHMA.email)
    known = next((officer for officer in OFFICERS if officer.email == wanted), None)
    with _demo().database.read() as connection:
        account = officers.find_by_email(connection, wanted)
    if known is None or account is None or account.disabled:
        return redirect(url_for("auth.sign_in"), 303)
    signing.begin(account, "demo")
    # Two pages that load at once would each begin the new session with a token of their own.
    generate_csrf()
    home = next((office for office, _ in known.roles), None)
    return redirect(url_for("inbox.tickets", office=home) if home else url_for("inbox.start"), 303)


def _phone() -> Phone:
    found = phones.named(_demo(), request.form.get("phone", ""))
    if found is None:
        abort(400)
    return found
