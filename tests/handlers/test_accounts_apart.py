"""Of several accounts at the provider, each speaks for its own numbers only; a cheap request stays cheap."""

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from channels.contract import Receipt
from handlers import receipts
from handlers.web.intake import MOST_FIELDS
from storage.columns import table
from storage.tables import Unrouted
from tests.driver import PUBLIC_URL, SENDERS, SID, Desk, form_of

OTHER_SID, OTHER_TOKEN = "AC" + "b" * 32, "f" * 32


@pytest.fixture
def two_accounts(desk: Desk) -> Desk:
    """7411's number is the first account's, 6571's the other one's."""
    keys = replace(
        desk.runtime.keys,
        whatsapp={**desk.runtime.keys.whatsapp, OTHER_SID: (OTHER_TOKEN,)},
        senders={SENDERS["7411"]: SID, SENDERS["6571"]: OTHER_SID},
    )
    object.__setattr__(desk.runtime, "keys", keys)
    return desk


def _signed_by_the_other(desk: Desk, office: str) -> int:
    form = form_of("halo, mohon data", SENDERS[office]) | {"AccountSid": OTHER_SID}
    signature = RequestValidator(OTHER_TOKEN).compute_signature(f"{PUBLIC_URL}/webhooks/whatsapp", form)
    return desk.post(form, signature=signature)


def test_a_message_for_another_accounts_number_reaches_no_office(two_accounts: Desk) -> None:
    assert _signed_by_the_other(two_accounts, "7411") == 200
    assert two_accounts.messages() == []
    with two_accounts.runtime.database.read() as connection:
        assert len(connection.execute(select(table(Unrouted).c.id)).all()) == 1


def test_a_message_for_its_own_number_does(two_accounts: Desk) -> None:
    assert _signed_by_the_other(two_accounts, "6571") == 200
    assert [message.office for message in two_accounts.messages()] == ["6571"]


def _to_an_external_id(desk: Desk) -> None:
    """Twilio's documentation lets the citizen's id stand in place of our number."""
    who = {"From": "whatsapp:ID.12345", "To": "whatsapp:ID.12345", "ExternalUserId": "whatsapp:ID.12345"}
    assert desk.post(form_of("petugas", SENDERS["7411"]) | who) == 200


def test_an_account_with_one_number_needs_not_be_told_which(two_accounts: Desk) -> None:
    _to_an_external_id(two_accounts)
    (message,) = two_accounts.messages()
    assert (message.office, message.sender, message.address) == ("7411", SENDERS["7411"], "ID.12345")
    assert len(two_accounts.tickets()) == 1


def test_of_several_numbers_none_is_guessed(desk: Desk) -> None:
    _to_an_external_id(desk)
    assert desk.messages() == []
    with desk.runtime.database.read() as connection:
        assert len(connection.execute(select(table(Unrouted).c.id)).all()) == 1


@pytest.mark.parametrize(("account", "delivery"), [(OTHER_SID, "sent"), (SID, "read")])
def test_only_its_own_account_tells_what_became_of_a_message(
    account: str, delivery: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.twilio, "_report", lambda *_: None, raising=False)
    desk.writes("halo")
    desk.settle()
    sent = desk.messages("out")[0]
    object.__setattr__(desk.runtime, "keys", replace(desk.runtime.keys, senders={SENDERS["7411"]: SID}))
    before = sent.delivery
    receipts.receive(
        desk.runtime,
        Receipt("whatsapp", sent.external_id, sent.mid, "read", raw={"AccountSid": account}),
    )
    wanted = "read" if delivery == "read" else before
    assert desk.messages("out")[0].delivery == wanted


def test_a_form_of_very_many_fields_is_refused_before_it_is_read(desk: Desk) -> None:
    form = {f"field{number}": uuid4().hex for number in range(MOST_FIELDS + 2)}
    assert desk.post(form, signature="x") == 413
    assert desk.post(form_of("halo & " * 2000, SENDERS["7411"])) == 200
