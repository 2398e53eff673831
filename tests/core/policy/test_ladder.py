"""How a person names a step: by its number, or by its measure."""

from __future__ import annotations

import pytest

from habeas.core.errors import InvalidInput
from habeas.core.policy import Measure, Step
from habeas.core.policy.ladder import index_of
from habeas.core.times import UNITS

LADDER = tuple(
    Step(measure, capability, None, 0, review=measure is not Measure.WARN)
    for measure, capability in (
        (Measure.WARN, None), (Measure.LIMIT, "returns"), (Measure.LIMIT, "orders"),
        (Measure.SUSPEND, None),
    )
)  # fmt: skip


@pytest.mark.parametrize(("step", "index"), [("1", 0), ("4", 3), ("warn", 0), ("suspend", 3)])
def test_a_step_that_is_named(step: str, index: int) -> None:
    assert index_of(step, LADDER) == index


@pytest.mark.parametrize(
    ("step", "says", "hint"),
    [
        ("0", "there is no step 0", "the steps are 1 (warn), 2 (limit), 3 (limit), 4 (suspend)"),
        ("5", "there is no step 5", "the steps are 1"),
        ("limit", "2 steps are of measure limit", "say which: 2 or 3"),
        ("close", "no step is called 'close'", "the steps are 1"),
        ("-1", "no step is called '-1'", "the steps are 1"),
        ("²", "no step is called '²'", "the steps are 1"),
    ],
)
def test_a_step_that_is_not_there(step: str, says: str, hint: str) -> None:
    with pytest.raises(InvalidInput, match=says) as caught:
        index_of(step, LADDER)
    assert caught.value.hint.startswith(hint)


def test_a_step_says_what_it_is() -> None:
    step = Step(Measure.LIMIT, "returns", 30 * UNITS["d"], 14 * UNITS["d"], review=False)
    assert step.definition() == {
        "measure": "limit", "capability": "returns", "for": "30d", "after": "14d",
        "review": False,
    }  # fmt: skip
