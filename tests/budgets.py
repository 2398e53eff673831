"""How many examples the tests try, by one profile of the environment.

HABEAS_PROFILE is fast (while writing), test (the default), mutants (the same examples each time,
and none made smaller), ci or long. A test names its budget in ci; a profile takes a part of it.
Stories and lives ask for their own numbers beside (HABEAS_RUNS, HABEAS_LIVES, HABEAS_ACCOUNTS)."""

from __future__ import annotations

import os

from hypothesis import Phase, settings

PARTS = {"fast": 0.1, "test": 0.25, "mutants": 0.25, "ci": 1.0, "long": 10.0}
PROFILE = os.environ.get("HABEAS_PROFILE", "test")
USUAL, LEAST = 100, 4  # examples, where a test names no budget; and of any test


def examples(count: int = USUAL) -> int:
    """The part of a budget that the profile takes. Raises KeyError for a profile that is none."""
    return max(LEAST, round(count * PARTS[PROFILE]))


def load() -> None:
    """The profile of hypothesis for all tests. No deadline: the machine may be shared."""
    settings.register_profile("habeas", deadline=None, max_examples=examples())
    if PROFILE == "mutants":
        whole = settings.get_profile("habeas")
        phases = (Phase.explicit, Phase.generate)
        made = settings(whole, database=None, derandomize=True, phases=phases)
        settings.register_profile("habeas", made)
    settings.load_profile("habeas")
