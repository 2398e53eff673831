"""The search: it names what was planted, no more and no less, whatever the accounts' order."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from habeas.engine.candidates import Candidates, Crowd
from habeas.engine.excess import Search, evidence
from tests.core.wave import ratios
from tests.engine.crowds import Planted, Where, plant, rows_of


def same(found: list[dict[int, int]], *planted: Where) -> bool:
    return sorted(map(sorted, map(dict.items, found))) == sorted(
        sorted(dict(one).items()) for one in planted
    )


ORDERS: list[Where] = [{5: 7}, {3: 1, 4: 6}, {0: 0, 2: 3, 4: 2}]


@pytest.mark.parametrize("where", ORDERS, ids=["one", "two", "three"])
@pytest.mark.parametrize("weighed", [False, True], ids=["even", "weighed"])
@pytest.mark.parametrize("seed", range(3))
def test_a_cause_is_named_exactly(where: Where, weighed: bool, seed: int) -> None:
    found = plant(seed, [(where, 60)], weighed=weighed)
    assert same(found.causes(), where)


@pytest.mark.parametrize("by_heads", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_several_causes_are_named_together(by_heads: bool, seed: int) -> None:
    causes = [(one, count) for one, count in zip(ORDERS, (80, 90, 70), strict=True)]
    found = plant(seed, causes, background=150, weighed=True, by_heads=by_heads)
    assert same(found.causes(), *ORDERS)


def test_without_background_nothing_else_is_named() -> None:
    causes = [(one, 100) for one in ORDERS]
    assert same(plant(5, causes, background=0).causes(), *ORDERS)


@pytest.mark.parametrize("seed", range(3))
def test_two_causes_that_overlap_are_two_and_not_three(seed: int) -> None:
    wide, other = {0: 1}, {2: 1}
    found = plant(seed, [(wide, 700), (other, 700)], background=100)
    assert same(found.causes(), wide, other)


@pytest.mark.parametrize("seed", range(3))
def test_two_causes_within_one_value_are_told_apart(seed: int) -> None:
    """Their common value alone is hit more than either, but not evenly."""
    first, second = {3: 0, 4: 3}, {3: 0, 2: 2}
    assert same(plant(seed, [(first, 90), (second, 160)]).causes(), first, second)


@pytest.mark.parametrize("weighed", [False, True])
def test_waves_by_chance_have_no_cause(weighed: bool) -> None:
    for seed in range(30):
        assert plant(seed, background=300, weighed=weighed).causes() == []


def test_the_corrected_p_is_at_least_as_often_large_as_it_says() -> None:
    """Over waves by chance, the best of all scores passes log(1/p) no more often than p."""
    best = []
    for seed in range(60):
        found = plant(seed, background=200, accounts=5_000).crowd()
        made = Candidates(found)
        due = made.sums(made.columns, found.units)
        told = evidence(made.hits, due, len(found.hits), int(found.units.sum()))
        best.append(float((told - made.prices).max()))
    for p in (0.9, 0.5, 0.2):
        assert np.mean(np.array(best) > -np.log(p)) <= p


def test_without_the_weights_what_the_plan_expects_looks_like_a_cause() -> None:
    found = plant(1, background=900, weighed=True)
    assert found.causes() == []
    assert replace(found, weights=np.ones(len(found.weights))).causes() != []


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_accounts_changes_nothing(seed: int) -> None:
    found = plant(seed, [(ORDERS[1], 60), (ORDERS[0], 50)], weighed=True)
    order = np.random.default_rng(seed).permutation(len(found.weights))
    place = np.argsort(order)
    moved = Planted([c[order] for c in found.codes], found.weights[order], place[found.hits])
    before, after = Search(found.crowd()).causes(), Search(moved.crowd()).causes()
    assert before == after
    assert len(before) == 2


def test_other_names_for_values_change_nothing_else() -> None:
    found = plant(2, [(ORDERS[1], 60), (ORDERS[2], 60)])
    rng = np.random.default_rng(2)
    names = [rng.permutation(int(codes.max()) + 1) for codes in found.codes]
    renamed = replace(
        found, codes=[n[c].astype(np.int32) for n, c in zip(names, found.codes, strict=True)]
    )
    told = [{a: int(names[a][v]) for a, v in one.items()} for one in found.causes()]
    assert renamed.causes() == told


@pytest.mark.parametrize("size", [2, 40, 20_000])
def test_an_attribute_that_has_nothing_to_do_with_it_adds_no_cause(size: int) -> None:
    found = plant(3, [(ORDERS[1], 60)])
    noise = np.random.default_rng(9).integers(0, size, 20_000).astype(np.int32)
    assert same(replace(found, codes=[*found.codes, noise]).causes(), ORDERS[1])


def test_an_attribute_that_is_another_is_told_as_the_same() -> None:
    found = plant(4, [({5: 7}, 60)])
    twin = (found.codes[5] + 1) % 60
    search = Search(replace(found, codes=[*found.codes, twin.astype(np.int32)]).crowd())
    [cause] = search.causes()
    [other] = search.same(cause.pattern)
    assert {cause.pattern[0][0], other[0][0]} == {5, 6}


def test_hits_too_few_to_prove_anything_have_no_cause() -> None:
    assert plant(6, [({5: 7}, 7)], background=0).causes() == []


def test_where_everyone_was_hit_no_one_was_hit_more() -> None:
    found = plant(7)
    assert replace(found, hits=np.arange(20_000)).causes() == []


def test_hits_that_the_plan_held_impossible_are_a_cause() -> None:
    found = plant(8, [({3: 4}, 100)], background=200)
    weights = np.where(rows_of(found.codes, {3: 4}), 0.0, 1.0)
    assert same(replace(found, weights=weights).causes(), {3: 4})


# --- counting


def crowd() -> Crowd:
    return plant(11, [(ORDERS[2], 15)], weighed=True, accounts=3_000).crowd()


def test_candidates_are_all_combinations_with_enough_hits_and_their_sums_are_right() -> None:
    found = crowd()
    made = Candidates(found)
    sums = made.sums(made.columns, found.units)
    hit = np.zeros(3_000, bool)
    hit[found.hits] = True
    expected = {}
    for order in (1, 2, 3):
        for chosen in combinations(range(len(found.codes)), order):
            for values in {tuple(int(found.codes[a][r]) for a in chosen) for r in found.hits}:
                rows = rows_of(found.codes, dict(zip(chosen, values, strict=True)))
                if (rows & hit).sum() >= made.least:
                    key = tuple(zip(chosen, values, strict=True))
                    expected[key] = (int((rows & hit).sum()), int(found.units[rows].sum()))
    told = {
        tuple((a, int(made.values[a][b])) for a, b in made.pattern(i)): (
            int(made.hits[i]), int(sums[i]),
        )
        for i in range(len(made))
    }  # fmt: skip
    assert told == expected
    assert len(told) > 100


def test_a_pattern_is_found_by_its_conditions() -> None:
    made = Candidates(crowd())
    for index in range(0, len(made), 17):
        pattern = made.pattern(index)
        assert made.index(pattern) == index
        assert made.having(pattern)[index]
        assert made.rows(pattern).sum() >= made.hits[index]


def test_evidence_of_many_is_that_of_each() -> None:
    rng = np.random.default_rng(3)
    hits, units = rng.integers(0, 101, 500), rng.integers(1, 1_000, 500)
    told = evidence(hits, units, 100, 1_000)
    for one, count, due in zip(told, hits.tolist(), units.tolist(), strict=True):
        alone = ratios.evidence(ratios.HitCount(count, due / 1_000), ratios.HitCount(100, 1.0))
        assert one == pytest.approx(alone, abs=1e-9)
