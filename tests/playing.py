"""How much Hypothesis plays: a quick look always, more with ``HYPOTHESIS_PROFILE=thorough``."""

import os
from typing import Any

from hypothesis import HealthCheck, settings

# A machine that is busy with other things says nothing about a test.
_USUAL: dict[str, Any] = {
    "stateful_step_count": 50,
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow],
}
settings.register_profile("quick", max_examples=200, derandomize=True, **_USUAL)
settings.register_profile("thorough", max_examples=2000, **_USUAL)


def load_profile() -> None:
    """Let Hypothesis play as the environment wishes."""
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
