"""A minute of chaos: whatever dies, what was answered with a yes is there once, in its order, and in time."""

from pathlib import Path

import pytest

from bench.chaos import play
from bench.havoc.town import Plan
from tests.dovecot import MISSING, PROGRAM

SHORT = Plan(seconds=60, messages=480, mails=24, kills=4, restarts=1, faults=0.05, seed=7, citizens=60)


@pytest.mark.long
@pytest.mark.postgres
@pytest.mark.timeout(400)
@pytest.mark.skipif(PROGRAM is None, reason=MISSING)
@pytest.mark.filterwarnings("ignore:Session.login_data is deprecated")
def test_nothing_is_lost_whatever_dies(tmp_path: Path) -> None:
    balance = play(SHORT, tmp_path)
    print(balance)  # noqa: T201  # the balance is what this test is for
    assert balance.faults == []
    counts = balance.counts
    assert counts["messages: answered with 200"] > 0
    assert counts["texts: whose order on the phone was compared"] > 0
    assert counts["tickets: opened"] > 0
    assert counts["meanwhile: killed"] > 0
    assert counts["meanwhile: database restarts"] == SHORT.restarts
