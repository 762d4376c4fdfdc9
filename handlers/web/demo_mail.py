"""``/demo/surat``: a small webmail for the people of a demo, behind the guard of ``handlers.web.demo``."""

import io

from flask import Blueprint, Response, abort, jsonify, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from channels.contract import File
from channels.simulator.mailserver import Letter
from handlers.demo import correspondence, webmail
from handlers.demo.correspondence import Draft, NotSent
from handlers.demo.desk import DemoRuntime
from handlers.demo.people import CORRESPONDENTS, READERS, WRITERS, Correspondent
from handlers.demo.samples import enclosure, samples_for
from handlers.web import current

blueprint = Blueprint("mail", __name__, url_prefix="/surat")
LONGEST_TEXT = 20_000
_LONGEST_LINE = 250
_SECONDS_TO_WAIT = 1.0
_AWAY = "Terima kasih atas surat Anda. Saya sedang cuti dan membalas setelah kembali bekerja.\n\n{name}"
# What a mail's HTML may do in its frame: be looked at, and open links elsewhere.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)


def _demo() -> DemoRuntime:
    runtime = current.runtime()
    if not isinstance(runtime, DemoRuntime):
        abort(404)
    return runtime


def _person(key: str) -> Correspondent:
    return CORRESPONDENTS.get(key) or abort(404)


def _letter(key: str, folder: str, uid: int) -> Letter:
    if folder not in webmail.FOLDERS:
        abort(404)
    return webmail.find(_demo(), _person(key), folder, uid) or abort(404)


@blueprint.get("/<key>")
def page(key: str) -> str:
    """The mailbox of one person, and a choice of the others of their kind."""
    person, runtime = _person(key), _demo()
    return render_template(
        "demo/mail.html",
        person=person,
        others=READERS if person.is_officer else WRITERS,
        offices=[
            (address, office.name["id"].replace("Kabupaten", "Kab."))
            for office in runtime.settings.offices.values()
            for address in office.senders.email
        ],
        samples=samples_for(person),
        longest=LONGEST_TEXT,
    )


@blueprint.get("/<key>/state")
def state(key: str) -> Response:
    """What the page draws, as soon as something changed or a second has passed."""
    runtime, person = _demo(), _person(key)
    changes = runtime.mail.wait_for_change(request.args.get("since", -1, type=int), _SECONDS_TO_WAIT)
    return jsonify(changes=changes, token=generate_csrf(), **webmail.shown(runtime, person))


@blueprint.get("/<key>/<folder>/<int:uid>")
def opened(key: str, folder: str, uid: int) -> Response:
    """One mail, which counts as read from now on."""
    _letter(key, folder, uid)
    return jsonify(webmail.opened(_demo(), _person(key), folder, uid))


@blueprint.get("/<key>/<folder>/<int:uid>/isi")
def content(key: str, folder: str, uid: int) -> Response:
    """A mail's HTML as it was written, where nothing in it can run or load."""
    written = webmail.told_by(_letter(key, folder, uid).raw).html
    answer = Response(f'<base target="_blank">{written}', mimetype="text/html")
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer


@blueprint.get("/<key>/<folder>/<int:uid>/lampiran/<int:number>")
def enclosed(key: str, folder: str, uid: int, number: int) -> Response:
    """A file of a mail, to be saved."""
    files = webmail.told_by(_letter(key, folder, uid).raw).files
    if number >= len(files):
        abort(404)
    file = files[number]
    return send_file(
        io.BytesIO(file.content), "application/octet-stream", as_attachment=True, download_name=file.name
    )


@blueprint.post("/<key>/kirim")
def send(key: str) -> ResponseReturnValue:
    """The person sends a mail, over SMTP."""
    runtime, person = _demo(), _person(key)
    text = request.form.get("text", "").replace("\r\n", "\n")
    subject, to = (request.form.get(name, "").strip() for name in ("subject", "to"))
    files = _files()
    if not (text.strip() or files) or len(text) > LONGEST_TEXT or max(len(subject), len(to)) > _LONGEST_LINE:
        abort(400)
    try:
        correspondence.send(runtime, person, Draft(to, subject, text, _answered(key), files))
    except NotSent as refused:
        return jsonify(unknown=refused.unknown), 502
    return jsonify(sent=True)


def _answered(key: str) -> Letter | None:
    folder, _, uid = request.form.get("answers", "").partition("/")
    return _letter(key, folder, int(uid)) if uid.isdecimal() else None


def _files() -> tuple[File, ...]:
    """What was chosen from the disk, and the sample if it is wanted."""
    chosen = [
        File(each.filename or "lampiran", each.mimetype or "application/octet-stream", each.read())
        for each in request.files.getlist("file")
        if each.filename
    ]
    return (*chosen, *([enclosure()] if request.form.get("sample") else []))


@blueprint.post("/<key>/kebiasaan")
def habit(key: str) -> ResponseReturnValue:
    """Let the mailbox be closed, or its owner be away; or no longer."""
    runtime, person = _demo(), _person(key)
    on = request.form.get("on") == "1"
    match request.form.get("what"):
        case "closed":
            (runtime.mail.closed.add if on else runtime.mail.closed.discard)(person.address)
        case "away":
            runtime.mail.away.pop(person.address, None)
            if on:
                runtime.mail.away[person.address] = _AWAY.format(name=person.name)
        case _:
            abort(400)
    return "", 204
