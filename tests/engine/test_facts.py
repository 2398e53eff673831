"""Facts at every event equal what DuckDB answers to their meaning (DESIGN section 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.errors import Overflowed
from habeas.core.policy import Event, Policy
from habeas.engine.columns import Events, plain
from habeas.engine.replay import Engine, replay
from tests.engine.making import (
    DAY,
    HOUR,
    KINDS,
    START,
    WINDOWS,
    Log,
    checked,
    event,
    examples,
    facts,
    histories,
    logged,
    policy_text,
    policy_with,
)


def values(policy: Policy, events: Events, engine: Engine) -> dict[str, list[Any]]:
    """Every fact of a policy at every event, as one engine has it."""
    found = replay(events, policy.facts.values(), engine=engine)
    return {
        name: plain(found[fact.meaning], fact.type, events.texts)
        for name, fact in policy.facts.items()
    }


def values_of(declared: Mapping[str, Any], made: Sequence[Event]) -> dict[str, list[Any]]:
    """What both engines say of the same events."""
    policy, events = policy_with(declared), logged(made).events
    found = values(policy, events, Engine.FAST)
    assert values(policy, events, Engine.PYTHON) == found
    return found


def agrees(declared: Mapping[str, Any], log: Log) -> None:
    policy = policy_with(declared)
    fast, slow = (values(policy, log.events, engine) for engine in (Engine.FAST, Engine.PYTHON))
    for name, one in declared.items():
        expected = log.oracle.fact(one)
        assert fast[name] == expected, one
        assert slow[name] == expected, one


@examples(300)
@given(histories(), facts(6))
def test_facts_equal_duckdb(made: list[Event], declared: dict[str, Any]) -> None:
    agrees(declared, logged(made))


def long_history(count: int, accounts: Sequence[str]) -> list[Event]:
    """Many events within few windows, a tenth of them late, from a fixed seed."""
    pick = np.random.default_rng(len(accounts))
    steps = pick.choice([0, 0, 1, HOUR // 4, HOUR, DAY - 1, -HOUR, -3 * DAY], count)
    made = []
    for row, time_us in enumerate((START + 1000 * DAY + np.cumsum(steps)).tolist()):
        n = pick.integers(-3, 20, 4).tolist()
        attributes: dict[str, Any] = {"device": f"d{n[0] % 3}"} if n[0] > 0 else {}
        attributes |= {"amount": n[1], "currency": "EUR" if n[2] > 0 else "USD", "points": n[3]}
        attributes |= {"weight": n[1] / 7, "city": f"city {n[3]}"} if n[1] > 0 else {}
        kind = ("order", "return")[n[2] % 2]
        made.append(event(row, time_us, accounts[n[0] % len(accounts)], kind, **attributes))
    return made


@pytest.fixture(scope="module", params=[1, 5], ids=["one hot account", "five accounts"])
def long_log(request: pytest.FixtureRequest) -> Log:
    return logged(long_history(4000, [f"account {i}" for i in range(request.param)]))


READING: dict[str, Any] = {
    "count": ["order", "return"],
    "age": "order",
    "sum": "amount",
    "distinct": "city",
    "first": "city",
    "last": "points",
    "max": "weight",
    "min": "weight",
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_facts_of_long_histories_equal_duckdb(long_log: Log, kind: str) -> None:
    """Thousands of events leave each window, so that what the windows forget is forgotten."""
    one = {kind: READING[kind]} | ({"unit": "minute"} if kind == "age" else {})
    one |= {"currency": "USD"} if kind == "sum" else {}
    windows = [{}, *({"over": over} for over in WINDOWS)]
    agrees({f"fact_{i}": one | over for i, over in enumerate(windows)}, long_log)
    agrees({f"fact_{i}": one | {"by": "device"} | w for i, w in enumerate(windows)}, long_log)


def test_facts_of_no_event_at_all() -> None:
    agrees({"orders": {"count": "order"}, "city": {"last": "city"}}, logged([]))


def orders(*times: int, account: str = "ada", **attributes: Any) -> list[Event]:
    return [event(row, START + t, account, "order", **attributes) for row, t in enumerate(times)]


def test_a_window_leaves_out_its_oldest_instant() -> None:
    """(clock - W, clock]: what happened exactly W ago is out, one microsecond later is in."""
    declared = {"orders": {"count": "order", "over": "24h"}}
    assert values_of(declared, orders(0, 1, DAY))["orders"] == [1, 2, 2]
    assert values_of(declared, orders(0, 1, DAY + 1))["orders"] == [1, 2, 1]


def test_a_late_event_counts_only_where_the_clock_still_reaches() -> None:
    declared = {"orders": {"count": "order", "over": "24h"}}
    found = values_of(declared, orders(2 * DAY, DAY + 1, DAY, 0, 2 * DAY))["orders"]
    assert found == [1, 2, 2, 2, 3]


def test_ties_and_late_events_are_taken_in_order_of_the_log() -> None:
    declared = {"oldest": {"first": "points"}, "newest": {"last": "points"}}
    made = [event(i, START - t, "ada", "order", points=i) for i, t in enumerate((0, 0, HOUR))]
    assert values_of(declared, made) == {"oldest": [0, 0, 0], "newest": [0, 1, 2]}


def test_an_event_without_the_key_has_unknown() -> None:
    declared = {"sharing": {"distinct": "account", "by": "device"}}
    made = [*orders(0, device="d1"), event(1, START, "ada", "order")]
    assert values_of(declared, made)["sharing"] == [1, None]


def test_nothing_is_0_for_counts_and_sums_and_unknown_for_the_rest() -> None:
    declared = {
        "count": {"count": "return"},
        "sum": {"sum": "points", "of": "return"},
        "distinct": {"distinct": "city", "of": "return"},
        **{k: {k: "points", "of": "return"} for k in ("first", "last", "min", "max")},
        "age": {"age": "return", "unit": "day"},
    }
    found = values_of({f"f_{n}": one for n, one in declared.items()}, orders(0, points=3))
    assert [found[f"f_{n}"] for n in declared] == [[0]] * 3 + [[None]] * 5


# Money


@examples(60)
@given(histories(), st.randoms(use_true_random=False), st.sampled_from([None, *WINDOWS]))
def test_euros_do_not_depend_on_dollars(made: list[Event], chance: Any, over: str | None) -> None:
    """Whatever the amounts in dollars are, and whether they are, the sum in euros stays."""
    declared = {"euros": {"sum": "amount", "currency": "EUR"} | ({"over": over} if over else {})}

    def other(one: Event) -> Event:
        if one.attributes.get("currency") != "USD":
            return one
        amount = chance.randint(-(10**9), 10**9)
        kept = dict(one.attributes) | {"amount": amount}
        return Event(one.id, one.time_us, one.account, one.type, kept)

    before = values_of(declared, made)
    assert values_of(declared, [other(one) for one in made]) == before
    if over is None:
        sums = [
            sum(
                int(e.attributes["amount"])
                for e in made[: row + 1]
                if e.account == made[row].account and e.attributes.get("currency") == "EUR"
            )
            for row in range(len(made))
        ]
        assert before["euros"] == sums


@pytest.mark.parametrize(
    "one",
    [
        {"sum": "amount", "of": "order"},
        {"max": "amount"},
        {"count": "order", "where": "amount > 100"},
        {"sum": "fee", "where": "amount > 100", "currency": "USD"},
    ],
)
def test_a_fact_that_would_mix_currencies_is_refused(one: dict[str, Any]) -> None:
    found = checked(policy_text({"mixed": one}, "mixed > 3"))
    assert len(found.errors) == 1
    assert "EUR, USD" in found.errors[0].sentence or "never in USD" in found.errors[0].sentence


def test_amounts_of_two_currencies_are_not_compared() -> None:
    declared = {
        "euros": {"sum": "amount", "currency": "EUR"},
        "dollars": {"sum": "amount", "currency": "USD"},
    }
    for when in ("euros > dollars", "euros + dollars > 3", "euros / dollars > 0.5"):
        (error,) = checked(policy_text(declared, when)).errors
        assert "USD" in error.sentence


# Beyond 64 bits

LARGEST = 2**63 - 1


@pytest.mark.parametrize("engine", Engine)
@pytest.mark.parametrize("before", [[7], [-LARGEST, -1]], ids=["small sums", "-2**63, which fits"])
def test_a_sum_beyond_64_bits_names_account_and_fact(engine: Engine, before: list[int]) -> None:
    made = [event(i, START, "ada", "order", points=points) for i, points in enumerate(before)]
    made.append(event(7, START, "boris", "order", points=LARGEST))
    made.append(event(8, START, "boris", "order", points=1))
    with pytest.raises(Overflowed) as raised:
        values(policy_with({"spent": {"sum": "points"}}), logged(made).events, engine)
    for part in ("`spent`", "'boris'", "'e8'"):
        assert part in raised.value.message


@pytest.mark.parametrize("engine", Engine)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_sum_far_beyond_64_bits_is_not_taken_for_a_small_one(engine: Engine, sign: int) -> None:
    """Three of the largest amounts come around to a value that would fit again."""
    made = [event(i, START, "ada", "order", points=sign * LARGEST) for i in range(3)]
    with pytest.raises(Overflowed) as raised:
        values(policy_with({"spent": {"sum": "points"}}), logged(made).events, engine)
    assert "'e1'" in raised.value.message


def test_sums_reach_both_ends_of_64_bits() -> None:
    made = [event(0, START, "ada", "order", points=-LARGEST)]
    made += [event(1, START, "ada", "order", points=-1), event(2, START, "b", "order", points=1)]
    made.append(event(3, START, "b", "order", points=LARGEST - 1))
    assert values_of({"f": {"sum": "points"}}, made)["f"] == [-LARGEST, -LARGEST - 1, 1, LARGEST]


def test_a_sum_is_taken_after_what_leaves_its_window_has_left() -> None:
    made = [event(i, START + i * DAY, "ada", "order", points=LARGEST) for i in range(3)]
    assert values_of({"f": {"sum": "points", "over": "24h"}}, made)["f"] == [LARGEST] * 3
