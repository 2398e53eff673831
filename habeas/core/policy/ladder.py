"""The ladder: the steps that a policy may take, the mildest first."""

from __future__ import annotations

from dataclasses import dataclass

from habeas.core.policy.measures import Measure
from habeas.core.policy.shapes import (
    StepShape,
)
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
