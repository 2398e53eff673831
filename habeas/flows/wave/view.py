"""View: a wave with all that is known of it, and on from there to the relief of its cause."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from habeas.core.appeal.relief import Foreseen
from habeas.core.progress import Progress, silent
from habeas.core.wave import Diagnosis, Judgement, Wave
from habeas.flows.wave import waves
from habeas.flows.wave.traces import weighed
from habeas.ports.folder import Folder


@dataclass(frozen=True, slots=True)
class WaveRequest:
    """Which wave. With `why` the relief plan of its cause is made, of `policy` where a burst
    points to none; with a `population` it is diagnosed, by the column `weights`. `events` are
    read instead of the plan's."""

    name: str
    why: str | None = None
    policy: str | None = None
    population: Path | None = None
    weights: str | None = None
    events: Path | None = None


@dataclass(frozen=True, slots=True)
class WaveView:
    """A wave and its readings; relief plan and diagnosis where they were asked for."""

    wave: Wave
    relief: Foreseen | None
    diagnosis: Diagnosis | None
    judged: Judgement


def view(
    request: WaveRequest, folder: Folder, now_us: int, progress: Progress = silent
) -> WaveView:
    """Raises NotFound and InvalidInput."""
    name, events = request.name, request.events
    found, relief = waves.wave(name, folder), None
    if request.why:
        relief = waves.relieve(name, request.why, folder, now_us, events, request.policy)
    diagnosis, judged = weighed(
        found, folder, population=request.population, weights=request.weights, events=events,
        progress=progress,
    )  # fmt: skip
    return WaveView(found, relief, diagnosis, judged)
