"""About whom: two contacts that are one person, and the code that connects a mailbox with a chat."""

import phonenumbers
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers import copying, erasing_due, people, proving
from handlers.people import Unmerged
from handlers.web import copies, current, privacy, words
from handlers.web.inbox import rail
from handlers.web.language import gettext
from handlers.web.permissions import LARGEST_ID
from storage import officers, ticket_page
from storage import people as stored_people

blueprint = Blueprint("people", __name__, url_prefix="/inbox/<office>/tickets/<int:ticket_id>/person")
_LONGEST_QUERY = 254


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Look for another contact of the same person, and see who was merged before."""
    query = request.args.get("with", "").strip()[:_LONGEST_QUERY]
    view, ticket = current.view(), current.ticket()
    with current.runtime().database.read() as connection:
        found = stored_people.looked_for(
            *(connection, view, ticket.contact_id, _spellings(query), query.upper())
        )
        return render_template(
            "inbox/person.html",
            ticket=ticket,
            wanted=query,
            found=found,
            addresses=ticket_page.addresses(connection, view, ticket.id),
            merges=stored_people.merges_into(connection, ticket.office, ticket.contact_id),
            colleagues={one.id: one.name for one in officers.colleagues(connection, view.office)},
            **rail(connection),
        )


def _spellings(query: str) -> tuple[str, ...]:
    """How the address that was typed may be kept: a number as it is dialled, a mail's in small letters."""
    plain = query.lower()
    try:
        number = phonenumbers.parse(query, "ID")
    except phonenumbers.NumberParseException:
        return (plain,)
    return (plain, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


@blueprint.post("/merge")
def merge() -> ResponseReturnValue:
    """Everything of the chosen contact is of this ticket's contact from now on."""
    kept, chosen = current.ticket().contact_id, _number("contact")
    refused = people.merge(
        *(current.runtime(), current.view().officer_id, current.ticket().office, kept, chosen)
    )
    return _told(refused, gettext("Kedua kontak digabungkan. Tiket yang terbuka tetap berdiri sendiri."))


@blueprint.post("/unmerge")
def unmerge() -> ResponseReturnValue:
    """Take two contacts apart again."""
    refused = people.undo(
        current.runtime(), current.view().officer_id, current.ticket().office, _number("merge")
    )
    return _told(refused, gettext("Penggabungan kontak dibatalkan."))


@blueprint.post("/connect")
def connect() -> ResponseReturnValue:
    """Mail the citizen a code that they can send to the office's chat."""
    unsent = proving.connect(current.runtime(), current.view().officer_id, current.ticket().id)
    done = gettext(
        "Kode dikirim lewat email. WhatsApp warga terhubung begitu kode itu dikirimnya kepada kita."
    )
    flash(words.unsent(unsent) if unsent else done, "problem" if unsent else "done")
    return redirect(_here("tickets.page"), 303)


@blueprint.post("/copy")
def copy() -> ResponseReturnValue:
    """Everything that is kept about this person, for who asked for it at the counter. Stands in the log."""
    runtime, office = current.runtime(), current.office()
    of = (runtime, office, current.ticket().contact_id, office.languages[0], current.view().officer_id)
    return copies.attachment(copying.make(*of), copying.file_name(office, runtime.clock()))


@blueprint.post("/erase")
def erase() -> ResponseReturnValue:
    """The person has asked for it elsewhere: they are told, and erased an hour later."""
    if request.form.get("sure") != "yes":
        flash(gettext("Centang dulu bahwa orang ini sendiri yang meminta."), "problem")
        return redirect(_here("people.page"), 303)
    of = (current.view().office, current.ticket().contact_id, current.view().officer_id)
    begun = erasing_due.begin(current.runtime(), *of)
    refused = gettext("Penghapusan orang ini sudah berjalan.")
    flash(privacy.noted() if begun else refused, "done" if begun else "problem")
    return redirect(url_for("privacy.page", office=current.view().office), 303)


def _number(field: str) -> int:
    return min(max(request.form.get(field, 0, type=int), 0), LARGEST_ID)


def _told(refused: Unmerged | None, done: str) -> ResponseReturnValue:
    flash(words.unmerged(refused) if refused else done, "problem" if refused else "done")
    return redirect(_here("people.page"), 303)


def _here(endpoint: str) -> str:
    return url_for(endpoint, office=current.view().office, ticket_id=current.ticket().id)
