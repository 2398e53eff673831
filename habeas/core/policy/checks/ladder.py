"""Is the ladder one that laws 2 and 3 allow: milder before harsher, a person before harm?"""

from __future__ import annotations

from collections.abc import Iterator

from habeas.core.errors import Problem
from habeas.core.policy.measures import GRAVE, Measure, harshness
from habeas.core.policy.policies import Draft
from habeas.core.policy.shapes import StepShape


def problems(draft: Draft) -> Iterator[Problem]:
    steps = draft.shape.ladder
    for i, step in enumerate(steps):
        yield from _step(draft, i, step)
        if i and harshness(step.measure) < harshness(steps[i - 1].measure):
            yield draft.document.problem(
                ("ladder", i, "measure"),
                f"{step.measure} is milder than the {steps[i - 1].measure} before it",
                "put milder measures first (law 3: steps in order)",
            )
    if any(s.measure in GRAVE for s in steps) and draft.shape.notice is None:
        yield draft.document.problem(
            (),
            "the ladder suspends or closes, and there is no `notice` period",
            "add for example `notice: 14d` (law 2: no closing in the dark)",
        )


def _step(draft: Draft, i: int, step: StepShape) -> Iterator[Problem]:
    path = ("ladder", i)
    named = f"step {i + 1} ({step.measure})"
    if step.measure in GRAVE and step.review is None:
        yield draft.document.problem(
            path, f"{named} is not reviewed by a person", "add `review: person` (law 2)"
        )
    if step.measure is Measure.SUSPEND and step.for_ is None:
        yield draft.document.problem(
            path, f"{named} has no end", "add for example `for: 30d`, or use `close`"
        )
    if step.measure in (Measure.WARN, Measure.CLOSE) and step.for_ is not None:
        yield draft.document.key_problem(
            (*path, "for"), f"{named} does not end, so `for` has no meaning", "remove `for`"
        )
    if (step.measure is Measure.LIMIT) != (step.capability is not None):
        limits = step.measure is Measure.LIMIT
        yield draft.document.problem(
            path,
            f"{named} must name the capability it limits"
            if limits
            else f"{named} limits no single capability",
            "add for example `capability: returns`" if limits else "remove `capability`",
        )
    if i == 0 and step.after is not None:
        yield draft.document.key_problem(
            (*path, "after"), "the first step comes after nothing", "remove `after`"
        )
    if i > 0 and step.after is None:
        yield draft.document.problem(
            path,
            f"{named} would follow at once on the step before",
            "add for example `after: 14d`, so that the customer can change course",
        )
