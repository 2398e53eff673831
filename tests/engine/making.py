"""What the tests of the engine are made from: logs of events, facts, policies and conditions."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from habeas.core.policy import Event, Policy
from habeas.core.policy.conditions import (
    BOOLEAN,
    Arithmetic,
    Base,
    Between,
    Call,
    CaseWhen,
    Compare,
    In,
    IsNull,
    Literal,
    Logic,
    Name,
    Negate,
    Node,
    Not,
    Type,
)
from habeas.core.policy.events import accept
from habeas.core.policy.schema import read_schema
from habeas.core.policy.yaml import read_document
from habeas.engine.columns import Events
from habeas.flows.policy.check import Checked, check_texts
from habeas.ports.tables import events_table, events_writer, read_events
from tests import budgets
from tests.engine.oracle import Oracle

SCHEMA = read_schema(
    read_document(
        """
currencies: [EUR, USD]
attributes:
  device: {type: text, key: true}
  card: {type: text, key: true}
  city: {type: text}
  currency: {type: text}
  amount: {type: money, currency_in: currency}
  fee: {type: money, currency: EUR}
  pieces: {type: integer, unit: piece}
  points: {type: integer}
  weight: {type: number, unit: kg}
  gift: {type: boolean}
types:
  order:
    attributes: &all
      [device, card, city, currency, amount, fee, pieces, points, weight, gift]
  return: {attributes: *all}
  login: {attributes: [device, city, points, gift]}
""",
        "events.yaml",
    )
)
HOLDERS = {"amount": "currency"}
SECOND, HOUR, DAY = 1_000_000, 3_600_000_000, 86_400_000_000
START = 17_630 * DAY  # 2018-04-09
NOW = START + 3650 * DAY
WINDOWS = ("10s", "1h", "24h", "2d", "1w")
# Ties, one microsecond on either side of a window's end, and steps back in time.
STEPS = (
    *(0, 0, 0, 1, SECOND, 10 * SECOND, HOUR - 1, HOUR, DAY - 1, DAY, DAY + 1, 3 * DAY, 7 * DAY),
    *(-1, -10 * SECOND, -HOUR, -DAY, -3 * DAY),
)


def examples(count: int) -> settings:
    return settings(
        max_examples=budgets.examples(count),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )


# Logs


@dataclass(frozen=True)
class Log:
    """The same events three ways: as made, as the engine reads them, and in DuckDB."""

    made: Sequence[Event]
    events: Events
    oracle: Oracle


def logged(made: Sequence[Event]) -> Log:
    """Written to Parquet in two row groups, and read again as the commands do."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.parquet"
        with events_writer(path, SCHEMA, max(1, len(made) // 2)) as writer:
            writer.write_table(events_table(made, SCHEMA))
        return Log(made, read_events(path, SCHEMA), Oracle(path, HOLDERS))


def event(row: int, time_us: int, account: str, kind: str, **attributes: Any) -> Event:
    """An event as `habeas import` would take it."""
    raw = {"id": f"e{row}", "time": time_us, "account": account, "type": kind, **attributes}
    return accept(raw, SCHEMA, NOW)


AMOUNTS = st.sampled_from([-500, -1, 0, 1, 100, 2**40]) | st.integers(-1000, 1000)
MONEY = st.fixed_dictionaries({"amount": AMOUNTS, "currency": st.sampled_from(["EUR", "USD"])})
WEIGHTS = st.sampled_from([-0.0, 0.0, 0.1, 0.5, -2.5, 1e300, 5e-324]) | st.floats(-10, 10)
ATTRIBUTES = st.fixed_dictionaries(
    {},
    optional={
        "device": st.sampled_from(["d1", "d2"]),
        "card": st.sampled_from(["c1", "c2", "ada"]),
        "city": st.sampled_from(["Lyon", "Paris", "L'Île-d'Yeu", ""]),
        "fee": AMOUNTS,
        "pieces": st.integers(-3, 5),
        "points": st.integers(-3, 5),
        "weight": WEIGHTS,
        "gift": st.booleans(),
    },
)
ACCOUNTS = st.sampled_from([["ada"], ["ada", "boris"], ["ada", "boris", "chen", "d1"]])


@st.composite
def histories(draw: st.DrawFn, most: int = 25) -> list[Event]:
    """Events of one hot account or of a few, with ties, late ones, and much that is missing."""
    accounts = draw(ACCOUNTS)
    least = draw(st.sampled_from([0, 3, most // 2]))
    record = st.tuples(
        st.sampled_from(STEPS),
        st.sampled_from(accounts),
        st.sampled_from(["order", "return", "login"]),
        ATTRIBUTES,
        st.just({}) | MONEY,
    )
    time_us, made = START, []
    for row, (step, account, kind, attributes, money) in enumerate(
        draw(st.lists(record, min_size=least, max_size=most))
    ):
        time_us += step
        made.append(event(row, time_us, account, kind, **attributes, **money))
    return made


# Facts, as they are declared in a policy file

WHERES = (
    "pieces > 1",
    "amount >= 0 and gift",
    "amount / 3 > 0.5",
    "not amount between -1 and 100",
    "city = 'Lyon' or city is null",
    "city in ('Paris', 'L''Île-d''Yeu')",
    "city <> 'nowhere in the log'",
    "coalesce(city, 'none of them') = 'another'",
    "type <> 'login'",
    "account = 'ada'",
    "weight / 2 > 0.2e0",
    "card = account",
    "not gift",
    "points / points = 1",
)
CONDITIONS = st.recursive(
    st.sampled_from(WHERES),
    lambda inner: st.builds("({}) {} ({})".format, inner, st.sampled_from(["and", "or"]), inner),
    max_leaves=3,
)
NUMBERS = ("amount", "fee", "pieces", "points", "weight")
READABLE = {
    "sum": ("amount", "fee", "pieces", "points"),
    "distinct": ("account", "type", *SCHEMA.attributes),
    "first": ("account", "type", *SCHEMA.attributes),
    "last": ("account", "type", *SCHEMA.attributes),
    "max": NUMBERS,
    "min": NUMBERS,
}
TYPES = ("order", "return", "login")
KINDS = ("count", "age", *READABLE)


def _types(known: Sequence[str]) -> st.SearchStrategy[str | list[str]]:
    return st.sampled_from(known) | st.lists(st.sampled_from(known), min_size=1, max_size=2)


@st.composite
def declarations(draw: st.DrawFn, kinds: Sequence[str] = KINDS) -> dict[str, Any]:
    kind = draw(st.sampled_from(kinds))
    if kind in ("count", "age"):
        made = {kind: draw(_types(TYPES))}
    else:
        value = draw(st.sampled_from(READABLE[kind]))
        made = {kind: value}
        known = sorted(SCHEMA.types_with(value) or TYPES)
        made |= draw(st.fixed_dictionaries({}, optional={"of": _types(known)}))
    made |= draw(
        st.fixed_dictionaries(
            {},
            optional={
                "where": CONDITIONS,
                "by": st.sampled_from(["account", "device", "card"]),
                "over": st.sampled_from(WINDOWS),
            },
        )
    )
    if kind == "distinct" and draw(st.booleans()):
        made["cap"] = draw(st.integers(1, 3))
    if kind == "age":
        made["unit"] = draw(st.sampled_from(["second", "minute", "hour", "day", "week"]))
    if "amount" in f"{made[kind]} {made.get('where', '')}":
        # beside an amount that is always in euros, euros may go without saying
        only_euros = made[kind] == "fee"
        if not only_euros or draw(st.booleans()):
            made["currency"] = "EUR" if only_euros else draw(st.sampled_from(["EUR", "USD"]))
    return made


def facts(most: int, kinds: Sequence[str] = KINDS) -> st.SearchStrategy[dict[str, Any]]:
    listed = st.lists(declarations(kinds), min_size=1, max_size=most)
    return listed.map(lambda made: {f"fact_{i}": one for i, one in enumerate(made)})


# Policies

MEASURES = (
    {"measure": "warn"},
    {"measure": "limit", "capability": "returns"},
    {"measure": "suspend", "for": "30d", "review": "person"},
    {"measure": "close", "review": "person"},
)


def policy_text(
    declared: Mapping[str, Any],
    when: str,
    unless: str | None = None,
    afters: Sequence[str] = (),
    disclose: Sequence[str] | None = None,
) -> str:
    """A whole policy file (JSON is YAML); its first step has no `after`, the next have `afters`."""
    both = {"en": "made", "fr": "faite"}
    steps = zip(MEASURES, [{}, *({"after": a} for a in afters)], strict=False)
    policy = {
        "policy": "made",
        "version": 1,
        "title": both,
        "clause": both | {"ref": "1"},
        "facts": dict(declared),
        "when": when,
        "ladder": [measure | after for measure, after in steps],
        "notice": "14d",
        "disclose": list(declared if disclose is None else disclose),
        "dsa": {"ground": "incompatible", "category": "OTHER_VIOLATION_TC"},
    }
    return json.dumps(policy | ({} if unless is None else {"unless": unless}), ensure_ascii=False)


def checked(text: str) -> Checked:
    return check_texts([("made.yaml", text)], SCHEMA, {})


def policy(declared: Mapping[str, Any], *given: Any, **named: Any) -> Policy:
    """The policy of a file that the checks find sound."""
    return checked(policy_text(declared, *given, **named)).sound().policies["made"]


def policy_with(declared: Mapping[str, Any]) -> Policy:
    """A policy for its facts alone."""
    return policy(declared, f"{next(iter(declared))} is null")


# Conditions: typed trees over columns of every type

COLUMNS = {
    **dict.fromkeys("abc", Type(Base.INTEGER)),
    **dict.fromkeys("fg", Type(Base.NUMBER)),
    **dict.fromkeys("st", Type(Base.TEXT)),
    **dict.fromkeys("pq", BOOLEAN),
}
WORDS = st.sampled_from(["", "x", "Lyon", "it's", "a\\", "--", "é", "%;\n\"'"])
WHOLE = st.integers(-3, 10) | st.integers(-1000, 1000)
# What is next to nothing makes quotients overflow: unknown here, `inf` in DuckDB, as its own test
# in test_conditions says
WIDE = st.floats(-1e6, 1e6).filter(lambda value: not 0 < abs(value) < 1e-60)
FLOATS = st.sampled_from([0.0, -0.0, 0.5, 0.1, -1.5, 100.0, 1e-3]) | WIDE
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            **{n: st.none() | WHOLE for n in "abc"},
            **{n: st.none() | FLOATS for n in "fg"},
            **{n: st.none() | WORDS for n in "st"},
            **{n: st.sampled_from([None, True, False]) for n in "pq"},
        }
    ),
    min_size=1,
    max_size=8,
)
TENTHS = st.sampled_from("0.6 0.1 0.25 -0.5 1.0 -2.75 10.01".split()).map(Decimal)
KNOWING = ("is null", "coalesce", "case", "nullif")  # forms that can tell an unknown


@dataclass(frozen=True)
class Sorts:
    """Strategies for the three sorts of expressions, up to one depth."""

    number: st.SearchStrategy[Node]
    text: st.SearchStrategy[Node]
    truth: st.SearchStrategy[Node]

    def any(self) -> st.SearchStrategy[Node]:
        return self.number | self.text | self.truth


def names_of(letters: str) -> st.SearchStrategy[Node]:
    return st.sampled_from(letters).map(Name)


def trees(
    depth: int,
    numbers: st.SearchStrategy[Node],
    signs: str = "+-*/",
    without: Sequence[str] = (),
) -> Sorts:
    sorts = Sorts(
        numbers,
        names_of("st") | WORDS.map(Literal),
        names_of("pq") | st.booleans().map(Literal),
    )
    for _ in range(depth):
        sorts = _deeper(sorts, signs, without)
    return sorts


NUMBER_LEAVES = names_of("abcfg") | (WHOLE | TENTHS | FLOATS.map(lambda x: x + 0.0)).map(
    Literal
)  # -0.0 is written 0.0
EXACT_LEAVES = names_of("abc") | (WHOLE | TENTHS).map(Literal)


def _deeper(below: Sorts, signs: str, without: Sequence[str]) -> Sorts:
    number, text, truth = below.number, below.text, below.truth
    numbers = [
        number,
        st.builds(Arithmetic, st.sampled_from(signs), number, number),
        st.builds(_negated, number),
        st.builds(lambda inner: Call("abs", (inner,)), number),
    ]
    texts = [text]
    equals, ordered = st.sampled_from(["=", "<>"]), st.sampled_from(["<", "<=", ">", ">=", "="])
    truths = [
        truth,
        st.builds(Compare, ordered, number, number),
        st.builds(Compare, equals, text, text),
        st.builds(Compare, equals, truth, truth),
        st.builds(Between, number, number, number),
        *(st.builds(In, one, _several(one)) for one in (number, text, truth)),
        st.builds(_logic, st.sampled_from(["and", "or"]), _several(truth, 2)),
        st.builds(Not, truth),
    ]
    if "is null" not in without:
        truths.append(st.builds(IsNull, below.any()))
    for one, grown in ((number, numbers), (text, texts), (truth, truths)):
        if "case" not in without:
            branches = st.lists(st.tuples(truth, one), min_size=1, max_size=2).map(tuple)
            grown.append(st.builds(CaseWhen, branches, st.none() | one))
        if "coalesce" not in without:
            grown.append(st.builds(lambda given: Call("coalesce", given), _several(one)))
        if "nullif" not in without:
            grown.append(st.builds(lambda a, b: Call("nullif", (a, b)), one, one))
    return Sorts(st.one_of(numbers), st.one_of(texts), st.one_of(truths))


def _several(one: st.SearchStrategy[Node], least: int = 1) -> st.SearchStrategy[tuple[Node, ...]]:
    return st.lists(one, min_size=least, max_size=3).map(tuple)


def _negated(inner: Node) -> Node:
    """A minus before a number is part of the number, as the parser reads it."""
    match inner:
        case Literal(int() | float() | Decimal() as value):
            return Literal(0 - value)
    return Negate(inner)


def _logic(word: str, parts: Sequence[Node]) -> Node:
    """`a and (b and c)` is one sentence of three parts."""
    listed: list[Node] = []
    for part in parts:
        listed += part.parts if isinstance(part, Logic) and part.word == word else [part]
    return Logic(word, tuple(listed))
