"""The ladder: the steps that a policy may take, the mildest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from habeas.core.errors import InvalidInput
from habeas.core.policy.measures import Measure
from habeas.core.policy.shapes import StepShape
from habeas.core.times import duration, spoken


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of the ladder. Times are microseconds; `after_us` counts from the step before."""

    measure: Measure
    capability: str | None
    for_us: int | None
    after_us: int
    review: bool

    def definition(self) -> dict[str, object]:
        return {
            "measure": self.measure,
            "capability": self.capability,
            "for": spoken(self.for_us) if self.for_us else None,
            "after": spoken(self.after_us) if self.after_us else None,
            "review": self.review,
        }


def step_of(shape: StepShape) -> Step:
    return Step(
        measure=shape.measure,
        capability=shape.capability,
        for_us=duration(shape.for_) if shape.for_ else None,
        after_us=duration(shape.after) if shape.after else 0,
        review=shape.review is not None,
    )


def index_of(step: str, ladder: Sequence[Step]) -> int:
    """The place in the ladder, from 0, of a step that a person names: by its number from 1, or by
    its measure where only one step has it. Raises InvalidInput."""
    if step.isascii() and step.isdigit():
        if not 1 <= int(step) <= len(ladder):
            raise InvalidInput(f"there is no step {step}", _steps(ladder))
        return int(step) - 1
    found = [i for i, one in enumerate(ladder) if one.measure == step]
    if len(found) > 1:
        numbers = " or ".join(str(i + 1) for i in found)
        raise InvalidInput(f"{len(found)} steps are of measure {step}", f"say which: {numbers}")
    if not found:
        raise InvalidInput(f"no step is called '{step[:40]}'", _steps(ladder))
    return found[0]


def _steps(ladder: Sequence[Step]) -> str:
    named = (f"{i} ({one.measure})" for i, one in enumerate(ladder, 1))
    return f"the steps are {', '.join(named)}"
