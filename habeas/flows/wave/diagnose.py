"""Diagnose: what the accounts of a wave share that comparable accounts do not, and what that
speaks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from habeas.core.errors import NotFound, nearest
from habeas.core.wave import Diagnosis, Judgement
from habeas.core.wave.diagnosis import AttributeValue, Cause
from habeas.core.wave.readings import judge
from habeas.core.wave.roles import AttributeRole
from habeas.engine.candidates import Crowd, Mask, Pattern
from habeas.engine.excess import Search
from habeas.engine.profiles import expected_units
from habeas.ports.populations import WavePopulation, read_wave

NORMAL = 1.001  # weights that add up to no more than this are shares, not probabilities


def diagnose(
    hits: Path | Sequence[str],
    population: Path,
    weights: str | None = None,
    roles: Mapping[str, AttributeRole] | None = None,
) -> tuple[Diagnosis, Judgement]:
    """Fetch both files, or take the names of the accounts that were hit, and decide. `weights`
    names the column of the population that says how likely the plan holds it that an account is
    hit; `roles` what attributes tell of, where their names do not. Raises NotFound and
    InvalidInput."""
    wave = read_wave(hits, population, weights)
    given = roles or {}
    for name in given:
        known = [a.name for a in wave.attributes]
        if name not in known and name not in wave.left_out:
            raise NotFound(f"no attribute is called `{name}`", nearest(name, known))
    found = explain(wave)
    return found, judge(found, given)


def explain(wave: WavePopulation) -> Diagnosis:
    """The causes of a wave, as values."""
    crowd = Crowd(
        [a.codes for a in wave.attributes],
        [a.values for a in wave.attributes],
        expected_units(wave.weights, wave.accounts, len(wave.hits)),
        wave.hits,
    )
    weights = wave.weights
    return Diagnosis(
        causes=tuple(_causes(wave, Search(crowd))),
        hits=len(wave.hits),
        accounts=wave.accounts,
        forecast=None if weights is None else float(weights.sum()),
        probable=weights is not None and float(weights.max()) <= 1 and weights.sum() > NORMAL,
        left_out=wave.left_out,
        attributes=tuple(a.name for a in wave.attributes),
        repeated=wave.repeated,
    )


def _causes(wave: WavePopulation, search: Search) -> list[Cause]:
    found, left = [], search.hit.copy()
    for one in search.causes():
        rows = search.candidates.rows(one.pattern)
        left &= ~rows
        hits = int((rows & search.hit).sum())
        found.append(
            Cause(
                where=_where(wave, search, one.pattern),
                hits=hits,
                expected=_expected(wave, search, rows),
                accounts=int(rows.sum()),
                share=hits / len(wave.hits),
                left=int(left.sum()),
                log_p=one.log_p,
                same=tuple(_where(wave, search, p) for p in search.same(one.pattern)),
            )
        )
    return found


def _where(wave: WavePopulation, search: Search, pattern: Pattern) -> dict[str, AttributeValue]:
    values = search.candidates.values
    return {
        wave.attributes[a].name: wave.attributes[a].values[int(values[a][byte])]
        for a, byte in pattern
    }


def _expected(wave: WavePopulation, search: Search, rows: Mask) -> float:
    """Of as many hits as there were; 0 where the plan expects none at all."""
    if wave.weights is not None and not wave.weights[rows].any():
        return 0.0
    units = search.crowd.units
    return len(wave.hits) * int(units[rows].sum()) / int(units.sum())
