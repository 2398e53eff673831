"""Facts: what a declaration means, and which of its parts can change a value."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from habeas.core.policy import Fact
from habeas.core.policy.conditions import Base, ConditionProblem, Type
from habeas.core.policy.facts import (
    DEFAULT_CAP,
    RESERVED,
    FactKind,
    adds_up,
    amounts_in,
    currencies_in,
    declared_facts,
    event_types,
    fact_of,
    kinds_in,
    types_of,
)
from habeas.core.policy.parsing import parse
from habeas.core.policy.policies import Declared
from habeas.core.policy.shapes import Both, FactShape
from habeas.core.policy.yaml import read_document
from tests.core.samples import SCHEMA, schema_of

PLATFORM = schema_of()


def shape_of(text: str) -> FactShape:
    return FactShape.model_validate(yaml.safe_load(text))


def fact(text: str, name: str = "f") -> Fact:
    return fact_of(name, shape_of(text), PLATFORM)


def test_a_fact_carries_all_that_its_declaration_says() -> None:
    found = fact(
        "{sum: amount, of: [return, order], where: amount > 5_00, by: device, over: 2w, "
        "title: {en: sum, fr: somme}}"
    )
    assert found == Fact(
        name="f",
        kind=FactKind.SUM,
        value="amount",
        of=("return", "order"),
        where=parse("amount > 500"),
        by="device",
        over_us=14 * 86_400_000_000,
        cap=DEFAULT_CAP,
        unit_us=1,
        currency="EUR",
        holders=(),
        type=Type(Base.INTEGER, "EUR"),
        title=Both(en="sum", fr="somme"),
    )


def test_what_is_not_said_is_all_events_of_the_account_ever() -> None:
    found = fact("{distinct: type}")
    assert (found.of, found.by, found.over_us, found.where) == ((), "account", None, None)
    assert (found.currency, found.holders, found.money) == (None, (), None)


def test_counts_and_ages_name_their_event_types_themselves() -> None:
    assert fact("{count: order}").of == ("order",)
    assert fact("{count: [order, return]}").of == ("order", "return")
    age = fact("{age: signup, unit: hour}")
    assert (age.of, age.value, age.unit_us) == (("signup",), None, 3_600_000_000)


TYPES = {
    "{count: order}": Type(Base.INTEGER),
    "{distinct: device}": Type(Base.INTEGER),
    "{distinct: amount}": Type(Base.INTEGER),
    "{sum: amount}": Type(Base.INTEGER, "EUR"),
    "{sum: price, currency: JPY}": Type(Base.INTEGER, "JPY"),
    "{max: weight}": Type(Base.NUMBER, "kg"),
    "{min: pieces}": Type(Base.INTEGER, "piece"),
    "{first: country}": Type(Base.TEXT),
    "{last: gift}": Type(Base.BOOLEAN),
    "{last: type}": Type(Base.TEXT),
    "{first: account, by: device}": Type(Base.TEXT),
    "{age: signup, unit: week}": Type(Base.INTEGER, "week"),
}


@pytest.mark.parametrize(("text", "kind"), TYPES.items())
def test_a_fact_has_the_type_of_its_values(text: str, kind: Type) -> None:
    assert fact(text).type == kind
    assert types_of({"f": fact(text)}) == {"f": kind}


# text; amounts read; currencies possible; the fact's currency; what holds it; that of its values
MONEY: list[tuple[str, tuple[str, ...], tuple[str, ...], str | None, tuple[str, ...], Any]] = [
    ("{sum: amount}", ("amount",), ("EUR",), "EUR", (), "EUR"),
    ("{sum: price, currency: JPY}", ("price",), ("EUR", "JPY"), "JPY", ("code",), "JPY"),
    ("{max: amount, where: price > 1}", ("amount", "price"), ("EUR",), "EUR", ("code",), "EUR"),
    ("{count: order, where: amount > 5_00}", ("amount",), ("EUR",), "EUR", (), None),
    ("{distinct: amount}", ("amount",), ("EUR",), "EUR", (), None),
    ("{sum: amount, where: fee > 1}", ("amount", "fee"), (), None, (), None),
    ("{count: order, where: rank > 1}", (), (), None, (), None),
]


@pytest.mark.parametrize(("text", "amounts", "possible", "currency", "holders", "own"), MONEY)
def test_a_fact_that_reads_money_is_in_one_currency(
    text: str,
    amounts: tuple[str, ...],
    possible: tuple[str, ...],
    currency: str | None,
    holders: tuple[str, ...],
    own: str | None,
) -> None:
    shape = shape_of(text)
    assert amounts_in(shape, PLATFORM) == amounts
    assert currencies_in(shape, PLATFORM) == possible
    found = fact(text)
    assert (found.currency, found.holders, found.money) == (currency, holders, own)


def test_a_where_that_cannot_be_read_is_no_fact() -> None:
    with pytest.raises(ConditionProblem, match="cannot be read near"):
        fact("{count: order, where: rank >}")


def test_kinds_are_those_that_are_given() -> None:
    assert kinds_in(shape_of("{sum: amount, count: order}")) == [FactKind.COUNT, FactKind.SUM]
    assert kinds_in(shape_of("{of: order}")) == []


def test_a_where_may_name_what_an_event_has() -> None:
    types = event_types(PLATFORM, "JPY")
    assert set(types) == {"type", "account", *PLATFORM.attributes}
    assert types["price"] == Type(Base.INTEGER, "JPY")
    assert event_types(PLATFORM)["price"] == Type(Base.INTEGER, "money")


def test_whole_numbers_and_money_add_up_and_fractions_do_not() -> None:
    assert {name for name in PLATFORM.attributes if adds_up(name, PLATFORM)} == {
        "amount",
        "fee",
        "price",
        "pieces",
        "rank",
    }


BASE = "{distinct: device, of: order, where: rank > 1, by: account, over: 30d, cap: 5}"
SAME = [
    "{distinct: device, of: order, where: (rank  >  1), by: account, over: 30d, cap: 5}",
    "{distinct: device, of: order, where: RANK > 1, over: 720h, cap: 5}".replace("RANK", "rank"),
    "{cap: 5, distinct: device, of: [order], where: rank > 1, over: 30d, title: {en: x, fr: y}}",
]
OTHER = [
    "{distinct: country, of: order, where: rank > 1, over: 30d, cap: 5}",
    "{distinct: device, of: login, where: rank > 1, over: 30d, cap: 5}",
    "{distinct: device, of: [order, login], where: rank > 1, over: 30d, cap: 5}",
    "{distinct: device, where: rank > 1, over: 30d, cap: 5}",
    "{distinct: device, of: order, where: rank > 2, over: 30d, cap: 5}",
    "{distinct: device, of: order, where: rank > 1.0, over: 30d, cap: 5}",
    "{distinct: device, of: order, over: 30d, cap: 5}",
    "{distinct: device, of: order, where: rank > 1, by: device, over: 30d, cap: 5}",
    "{distinct: device, of: order, where: rank > 1, over: 31d, cap: 5}",
    "{distinct: device, of: order, where: rank > 1, cap: 5}",
    "{distinct: device, of: order, where: rank > 1, over: 30d, cap: 6}",
    "{first: device, of: order, where: rank > 1, over: 30d}",
]


@pytest.mark.parametrize("text", SAME)
def test_layout_titles_and_spelling_change_no_meaning(text: str) -> None:
    assert fact(text).definition() == fact(BASE).definition()
    assert fact(text, "g").meaning == fact(BASE).meaning


@pytest.mark.parametrize("text", OTHER)
def test_what_can_change_a_value_changes_the_meaning(text: str) -> None:
    assert fact(text).definition() != fact(BASE).definition()
    assert fact(text).meaning != fact(BASE).meaning


def test_the_unit_of_an_age_and_the_currency_of_a_sum_are_part_of_the_meaning() -> None:
    pairs = [
        ("{age: signup, unit: day}", "{age: signup, unit: hour}"),
        ("{sum: price, currency: EUR}", "{sum: price, currency: JPY}"),
    ]
    for one, two in pairs:
        assert fact(one).definition() != fact(two).definition()


def test_a_cap_matters_to_distinct_counts_only_and_order_of_types_to_none() -> None:
    assert fact("{count: order}").definition()["cap"] is None
    assert fact(BASE).definition()["cap"] == 5
    one, two = (fact(f"{{count: [{of}]}}") for of in ("order, return", "return, order"))
    assert one.definition() == two.definition()


def test_the_segments_of_a_schema_are_facts() -> None:
    assert declared_facts(PLATFORM, "segments") == {
        "spend": fact("{sum: amount, of: order}", "spend")
    }
    assert declared_facts(PLATFORM, "stake") == {}


def test_facts_that_cannot_be_resolved_are_left_out() -> None:
    shapes = {
        "good": shape_of("{count: order}"),
        "two_kinds": shape_of("{count: order, sum: amount}"),
        "no_attribute": shape_of("{sum: nothing}"),
        "no_condition": shape_of("{count: order, where: rank >}"),
    }
    document = read_document(SCHEMA, "events.yaml")
    assert set(Declared(document, PLATFORM, "facts", shapes).facts) == {"good"}


def test_columns_beside_the_facts_are_reserved() -> None:
    assert {"event_id", "account", "time_us", "cause", "changes"} <= RESERVED
