"""Findings as they are recorded, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from habeas.core.decision.proposals import PassReason
from habeas.core.errors import NotFound
from habeas.core.policy import Finding
from habeas.store.codec import decoded, read
from habeas.store.rows import select, select_in

# The mode of a plan, not the finding, said no; another plan asks again.
NOT_YET = frozenset({PassReason.SHADOW, PassReason.NOT_IN_CANARY})
OUTCOMES = (
    "SELECT f.id, p.why FROM habeas_finding f LEFT JOIN habeas_passed p ON p.finding = f.id "
    "WHERE f.id IN ({names})"
)
ONE = (
    "SELECT t.text FROM habeas_finding f JOIN habeas_leaftext t ON t.leaf = f.leaf WHERE f.id = %s"
)


EVENTS = (
    "SELECT d.id, t.text FROM habeas_decision d JOIN habeas_finding f ON f.id = d.finding "
    "JOIN habeas_leaftext t ON t.leaf = f.leaf WHERE d.id IN ({names})"
)


@dataclass(frozen=True, slots=True)
class Led:
    """The event that led to a finding: whose it is, and when it was, microseconds UTC."""

    event: str
    account: str
    time_us: int


def events_of(decisions: Sequence[str]) -> dict[str, Led]:
    """The event that led to the finding of each decision, by the decision's id."""
    found = ((name, read(text)) for name, text in select_in(EVENTS, decisions))
    return {name: Led(f["event_id"], f["account"], f["time_us"]) for name, f in found}


def outcomes(names: Iterable[str]) -> Mapping[str, frozenset[PassReason]]:
    """The findings among these that are recorded, and why each led to nothing so far; no reason
    at all where it has its decision."""
    found: dict[str, frozenset[PassReason]] = {}
    for name, why in select_in(OUTCOMES, sorted(set(names))):
        more = frozenset() if why is None else frozenset({PassReason(why)})
        found[name] = found.get(name, frozenset()) | more
    return found


def is_over(whys: frozenset[PassReason] | None) -> bool:
    """Whether a finding with these outcomes is done with; None where it is not recorded."""
    return whys is not None and not (whys and whys <= NOT_YET)


MANY = (
    "SELECT f.id, t.text FROM habeas_finding f JOIN habeas_leaftext t ON t.leaf = f.leaf "
    "WHERE f.id IN ({names})"
)


def findings(names: Iterable[str]) -> dict[str, Finding]:
    """Those of them that are recorded, by id."""
    found = select_in(MANY, sorted(set(names)))
    return {name: decoded(read(text), Finding) for name, text in found}


def finding(name: str) -> Finding:
    """Raises NotFound."""
    for (text,) in select(ONE, [name]):
        found: Finding = decoded(read(text), Finding)
        return found
    raise NotFound(f"no finding {name} is recorded", "`habeas decide` records findings")
