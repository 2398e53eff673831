"""Where findings are made: both kernels are asked, and must agree."""

from __future__ import annotations

from habeas.core.policy import Policy
from habeas.engine.columns import Column, Events
from habeas.engine.judgement import Edge, edges_of
from habeas.engine.kernel import Climb
from habeas.engine.reading import clocks
from habeas.engine.twin import PlainClimb


def edges(policy: Policy, events: Events, held: Column) -> list[Edge]:
    """Where both kernels say that findings are made."""
    clock = clocks(events, "account")
    fast = Climb(policy.ladder).feed(events, held, clock)
    plain = PlainClimb(policy.ladder).feed(events, held, clock)
    assert [own.tolist() for own in fast] == [own.tolist() for own in plain]
    return edges_of(*fast)
