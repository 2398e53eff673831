"""Compute: facts and findings of events, by the engine that is asked for, into the same files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from habeas.core.progress import Progress, silent
from habeas.engine.replay import Engine
from habeas.flows.policy import evaluate

SPARK = "spark"


@dataclass(frozen=True, slots=True)
class Chosen:
    """`fast`, `python`, or `spark` on a master, such as local[*]."""

    engine: str
    master: str


def write_findings(
    policies: Path,
    events: Path,
    out: Path,
    every: bool,
    schema: Path | None,
    chosen: Chosen,
    progress: Progress = silent,
) -> dict[str, object]:
    """As `evaluate.write_findings`. Raises Unavailable where Spark cannot compute."""
    if chosen.engine == SPARK:
        from habeas.flows.policy import distribute  # pyspark is an extra

        return distribute.write_findings(policies, events, out, every, schema, chosen.master)
    own = Engine(chosen.engine)
    return evaluate.write_findings(policies, events, out, every, schema, progress, own)


def write_facts(
    policies: Path,
    events: Path,
    out: Path,
    schema: Path | None,
    chosen: Chosen,
    progress: Progress = silent,
) -> dict[str, int]:
    """As `evaluate.write_facts`. Raises Unavailable where Spark cannot compute."""
    if chosen.engine == SPARK:
        from habeas.flows.policy import distribute

        return distribute.write_facts(policies, events, out, schema, chosen.master)
    own = Engine(chosen.engine)
    return evaluate.write_facts(policies, events, out, schema, progress, own)
