"""Share: a relief is carried out by several processes at once, and told as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from habeas.core.progress import Progress
from habeas.flows.appeal.relieve import ReliefReport, apply, left, show

SHARED = 5000  # decisions left, from which on a second process is worth its start
Ended = Callable[[], Mapping[str, Any]]  # waits for a part: its report as JSON, empty if it failed


def apply_shared(
    name: str, now_us: int, jobs: int, begin: Callable[[int, int], Ended], progress: Progress
) -> ReliefReport:
    """As `relieve.apply`. `begin` starts another process for the i-th of n parts; nothing is known
    of one that ended badly, and what it left is left. Raises as `relieve.apply`."""
    parts = jobs if left(name) >= SHARED else 1
    others = [begin(i, parts) for i in range(1, parts)]
    report = apply(name, now_us, progress=progress, share=(0, parts))
    if not others:
        return report
    told = [ended() for ended in others]
    return _joined(report, show(name, now_us), told)


def _joined(
    own: ReliefReport, whole: ReliefReport, others: Iterable[Mapping[str, Any]]
) -> ReliefReport:
    """What all parts did, and how far the plan is."""
    whole.reversed, whole.apologies = own.reversed, own.apologies
    whole.settlements, whole.failed = own.settlements, whole.failed | own.failed
    for told in others:
        whole.reversed += told.get("reversed", 0)
        whole.apologies += told.get("apologies", 0)
        whole.settlements += told.get("settlements", 0)
        whole.failed |= told.get("failed", {})
    return whole
