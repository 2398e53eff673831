"""The smallest changes after which a condition would not have held, against trying every value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habeas.core.policy.conditions import Base, Type, names
from habeas.core.policy.findings import FactChanges
from habeas.core.policy.parsing import parse
from habeas.engine.columns import column_of
from habeas.engine.counterfactuals import FURTHEST, Counterfactuals
from habeas.engine.texts import Texts
from tests.engine import oracle
from tests.engine.making import TYPES, examples, policy

Row = Mapping[str, Any]
CAP, FAR = 40, 400
FACTS: dict[str, Any] = {
    "orders": {"count": "order"},
    "cities": {"distinct": "city", "cap": CAP},
    "returns": {"count": "return"},
    "points": {"sum": "points"},
    "least": {"min": "points"},
    "secret": {"count": "login"},
    "tenure": {"age": list(TYPES), "unit": "day"},
    "town": {"last": "city"},
    "weight": {"max": "weight"},
}
KINDS = {name: Type(Base.INTEGER) for name in FACTS} | {
    "town": Type(Base.TEXT),
    "weight": Type(Base.NUMBER),
}
WHOLE = ("orders", "cities", "returns", "points", "least", "secret")
NEVER_NEGATIVE = ("orders", "cities", "returns", "secret")
DOMAINS = {
    **dict.fromkeys(WHOLE, range(-FAR, FAR + 1)),
    **dict.fromkeys(NEVER_NEGATIVE, range(FAR + 1)),
    "cities": range(CAP + 1),
}
VALUES = st.fixed_dictionaries(
    {
        **{name: st.integers(0, 60) for name in WHOLE},
        "cities": st.integers(0, CAP),
        "least": st.none() | st.integers(0, 60),
        **dict.fromkeys(("tenure", "town", "weight"), st.none()),
    }
)


def asked(when: str, rows: Sequence[Row], disclose: Sequence[str]) -> list[tuple[FactChanges, ...]]:
    """What the engine offers for rows of fact values at which the condition holds."""
    one, texts = policy(FACTS, when, disclose=disclose), Texts()
    columns = {
        name: column_of([row.get(name) for row in rows], fact.type, texts)
        for name, fact in one.facts.items()
    }
    return Counterfactuals(one.condition, one.facts, one.disclose, texts).of(columns)


def offered(when: str, row: Row, disclose: Sequence[str] = WHOLE) -> list[dict[str, int]]:
    (found,) = asked(when, [row], disclose)
    return [{c.fact: c.instead for c in changes} for changes in found]


def truths(when: str, rows: Sequence[Row]) -> list[bool | None]:
    return oracle.answers(when, KINDS, rows)


def nearest(when: str, row: Row, fact: str) -> int | None:
    """By trying them all: how far the nearest value lies at which the condition is false."""
    domain = DOMAINS[fact]
    held = truths(when, [dict(row) | {fact: value} for value in domain])
    steps = [abs(v - row[fact]) for v, true in zip(domain, held, strict=True) if true is False]
    return min(steps, default=None)


def is_sound(when: str, row: Row, disclose: Sequence[str], found: Sequence[FactChanges]) -> None:
    """Every offer makes the condition false, changes only what is shown, and stays possible."""
    after = [dict(row) | {c.fact: c.instead for c in changes} for changes in found]
    assert truths(when, after) == [False] * len(found)
    for changes in found:
        assert len({c.fact for c in changes}) == len(changes)
        for change in changes:
            assert change.fact in disclose
            assert change.value == row[change.fact] != change.instead
            assert change.fact not in NEVER_NEGATIVE or change.instead >= 0
            assert change.fact != "cities" or change.instead <= CAP
            assert abs(change.instead) <= FURTHEST
    prices = [
        sum(abs(c.instead - c.value) / max(1, abs(c.value)) for c in changes) for changes in found
    ]
    assert prices == sorted(prices)


def is_nearest(when: str, row: Row, disclose: Sequence[str], found: Sequence[FactChanges]) -> int:
    """The offers of one fact alone are as near as any value tried. How many were compared."""
    alone = {c[0].fact: abs(c[0].instead - c[0].value) for c in found if len(c) == 1}
    used = set(names(parse(when)))
    compared = 0
    for fact in disclose:
        best = nearest(when, row, fact) if fact in used and row[fact] is not None else None
        if best is not None:
            assert alone.get(fact) == best, (fact, when, row)
            compared += 1
        elif fact in alone:
            assert row[fact] + alone[fact] > FAR or row[fact] - alone[fact] < -FAR
    return compared


CONSTANTS = st.integers(0, 60).map(str) | st.sampled_from(["0.5", "2.25", "10.1", "3e0", "1.5e1"])
SHARES = st.sampled_from(["0.1", "0.3", "0.5", "1", "2", "0.75", "1.2e0"])
FACTORS = st.integers(1, 4)
ORDERS = st.sampled_from(["<", "<=", ">", ">=", "=", "<>"])


@st.composite
def comparisons(draw: st.DrawFn, below: Sequence[str]) -> str:
    """A comparison whose sides differ by a monotone function of each fact; `below` may stand
    below the line of a ratio."""
    bottom = draw(st.sampled_from(below))
    one, two, three = draw(st.permutations([name for name in WHOLE if name != bottom]))[:3]
    sums = st.sampled_from(
        [
            f"{one}",
            f"{draw(FACTORS)} * {one}",
            f"{one} + {two}",
            f"{one} - {draw(FACTORS)} * {two}",
            f"{one} * {two}",
            f"{one} * 0.5 + {two} * {draw(FACTORS)}",
            f"-{one} + 60",
        ]
    )
    ratios = st.sampled_from(
        [f"{one} / {bottom}", f"({one} + {two}) / {bottom}", f"{one} / ({bottom} + 3)"]
    )
    form = draw(st.integers(0, 5))
    if form == 0:
        return f"{draw(ratios)} {draw(ORDERS)} {draw(SHARES)}"
    if form == 1:
        low, high = sorted(draw(st.tuples(st.integers(0, 60), st.integers(0, 60))))
        return f"{draw(sums)} between {low} and {high}"
    if form == 2:
        listed = draw(st.lists(st.integers(0, 60), min_size=1, max_size=4))
        return f"{one} in ({', '.join(map(str, listed))})"
    if form == 3:
        return f"{draw(sums)} {draw(ORDERS)} {draw(FACTORS)} * {three}"
    return f"{draw(sums)} {draw(ORDERS)} {draw(CONSTANTS)}"


def conditions(below: Sequence[str]) -> st.SearchStrategy[str]:
    return st.recursive(
        comparisons(below),
        lambda inner: (
            st.builds("({}) {} ({})".format, inner, st.sampled_from(["and", "or"]), inner)
            | inner.map("not ({})".format)
        ),
        max_leaves=3,
    )


DISCLOSED = st.sets(st.sampled_from(WHOLE[:-1]), max_size=2).map(
    lambda hidden: [name for name in WHOLE[:-1] if name not in hidden]
)


@pytest.mark.slow
def test_offers_equal_trying_every_value() -> None:
    tally: Counter[str] = Counter()

    # the same examples every time, in every profile, since what they cover is counted below
    @settings(max_examples=700, deadline=None, derandomize=True)
    @given(conditions(["orders", "cities", "returns"]), VALUES, DISCLOSED)
    def run(text: str, row: Row, disclose: list[str]) -> None:
        (held,) = truths(text, [row])
        when = text if held else f"not ({text})"
        used = set(names(parse(when)))
        if held is None or not used & set(disclose):
            tally["passed over"] += 1
            return
        (found,) = asked(when, [row], disclose)
        is_sound(when, row, disclose, found)
        tally["compared"] += is_nearest(when, row, disclose, found)
        tally["joint"] += any(len(changes) > 1 for changes in found)

    run()
    assert tally["compared"] > 100, tally
    assert tally["joint"] > 3, tally


@examples(120)
@given(conditions(["points", "least"]), VALUES, DISCLOSED)
def test_offers_over_a_sum_that_may_be_negative(text: str, row: Row, disclose: list[str]) -> None:
    """A ratio over a sum jumps where the sum is 0, and what is offered stays the nearest."""
    (held,) = truths(text, [row])
    when = text if held else f"not ({text})"
    if held is not None and set(names(parse(when))) & set(disclose):
        (found,) = asked(when, [row], disclose)
        is_sound(when, row, disclose, found)
        is_nearest(when, row, disclose, found)


ANY_FORM = (
    "abs(points - least) > 10",
    "coalesce(least, 0) + orders > 20",
    "nullif(cities, 3) * orders > 30",
    "case when orders > 20 then points > 5 else cities > 3 end",
    "points * points > 100",
    "points / (orders - 10) > 2",
    "least is null and orders > 2",
    "orders > cities and not points between 2 and 5",
)


@examples(120)
@given(st.sampled_from(ANY_FORM), VALUES, DISCLOSED)
def test_offers_for_any_form_are_sound(text: str, row: Row, disclose: list[str]) -> None:
    """Where a side is no monotone function the nearest may be missed; no offer is ever wrong."""
    (held,) = truths(text, [row])
    if held and set(names(parse(text))) & set(disclose):
        (found,) = asked(text, [row], disclose)
        is_sound(text, row, disclose, found)


@examples(60)
@given(conditions(["orders"]), st.lists(VALUES, min_size=2, max_size=6))
def test_findings_searched_together_get_what_each_gets_alone(text: str, rows: list[Row]) -> None:
    kept = [row for row, held in zip(rows, truths(text, rows), strict=True) if held]
    if kept:
        assert asked(text, kept, WHOLE) == [asked(text, [row], WHOLE)[0] for row in kept]


NOTHING: dict[str, Any] = dict.fromkeys(FACTS) | dict.fromkeys(WHOLE, 0)


@pytest.mark.parametrize(
    ("when", "values", "expected"),
    [
        ("orders > 3", {"orders": 10}, [{"orders": 3}]),
        ("orders >= 3", {"orders": 10}, [{"orders": 2}]),
        ("orders = 3", {"orders": 3}, [{"orders": 2}]),
        ("cities >= 1", {"cities": CAP}, [{"cities": 0}]),
        ("cities < 41", {"cities": 3}, []),  # the count never gets there
        ("orders >= 0", {"orders": 3}, []),  # nor below 0
        ("orders / returns >= 0.3", {"orders": 3, "returns": 10}, [{"returns": 11}, {"orders": 2}]),
        # not `returns: 0`, where the ratio is unknown and nobody is told to have returned nothing
        ("orders / returns > 0.3", {"orders": 3, "returns": 1}, [{"orders": 0}, {"returns": 10}]),
        ("orders > 3 or returns > 3", {"orders": 4, "returns": 4}, [{"orders": 3, "returns": 3}]),
        ("least is null", {"least": None}, []),
        ("least is null or orders > 2", {"least": None, "orders": 3}, []),
        ("points > 1e0", {"points": 2**40}, [{"points": 1}]),
        ("points > -5", {"points": 0}, [{"points": -5}]),
    ],
)
def test_offers(when: str, values: Row, expected: list[dict[str, int]]) -> None:
    assert offered(when, NOTHING | dict(values)) == expected


@pytest.mark.parametrize(
    ("when", "values", "expected"),
    [
        ("returns / orders <= 0.1", {"returns": 1, "orders": 26}, {"orders": 9}),
        ("returns / points < 0.1", {"returns": 1, "points": 27}, {"points": 10}),
        ("orders / (points + 3) < 0.1", {"orders": 1, "points": 27}, {"points": 7}),
    ],
)
def test_offers_of_what_is_divided_by(when: str, values: Row, expected: dict[str, int]) -> None:
    """A ratio is monotone only on either side of the value at which it divides by 0."""
    assert expected in offered(when, NOTHING | dict(values))


def test_what_is_withheld_is_not_offered() -> None:
    row = NOTHING | {"orders": 10, "secret": 10}
    assert offered("orders > 3 and secret > 3", row, ["orders"]) == [{"orders": 3}]
    assert offered("orders > 3 or secret > 3", row, ["orders"]) == []


def test_only_whole_numbers_are_offered() -> None:
    row = NOTHING | {"orders": 10, "town": "Lyon", "weight": 2.5, "tenure": 3}
    shown = ["orders", "town", "weight", "tenure"]
    when = "orders > 3 and town = 'Lyon' and weight > 1.5 and tenure >= 0"
    assert offered(when, row, shown) == [{"orders": 3}]


def test_four_facts_are_not_changed_together() -> None:
    row = NOTHING | dict.fromkeys(WHOLE[:4], 5)
    when = " or ".join(f"{name} > 3" for name in WHOLE[:3])
    assert offered(when, row) == [dict.fromkeys(WHOLE[:3], 3)]
    assert offered(f"{when} or {WHOLE[3]} > 3", row) == []
