"""The measurements still run. How fast is not asserted: for that there is ``python -m bench.run``."""

from bench.measuring import Size
from bench.report import markdown
from bench.run import SQLITE, measured


def test_a_small_measurement_beside_the_floor() -> None:
    """Every answer was 200, and the table names what was measured."""
    floor, _, web = SQLITE
    results = measured([floor, web], [Size(4, 1)], rounds=1, warm_up=Size(1, 1))
    assert [run.requests for run in results[web, 4]] == [80]
    assert all(run.rate > 0 for runs in results.values() for run in runs)
    assert "| 4 | `loket web`: accept and handle |" in markdown(results)
