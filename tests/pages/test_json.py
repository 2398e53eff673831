"""Values in the form of the contract."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.money import Money, decimal, minor_units
from habeas.core.policy import Measure
from habeas.core.policy.shapes import Both
from habeas.pages.json import plain


@dataclass(frozen=True)
class Thing:
    measure: Measure
    index: int
    opened_us: int
    until_us: int | None
    notice_us: int
    owed: Money
    names: frozenset[str]
    title: Both


def test_a_thing_has_the_form_of_the_contract() -> None:
    thing = Thing(
        Measure.LIMIT, 1, 1_000_000, None, 86_400_000_000, Money(2_000, "EUR"),
        frozenset({"b", "a"}), Both(en="a", fr="un"),
    )  # fmt: skip
    assert plain(thing) == {
        "measure": "limit", "step": 2, "opened": "1970-01-01T00:00:01Z", "until": None,
        "notice_period": "1d", "owed": {"amount": "20.00", "currency": "EUR"},
        "names": ["a", "b"], "title": {"en": "a", "fr": "un"},
    }  # fmt: skip


def test_sums_beside_a_currency_and_parts_of_a_second() -> None:
    assert plain({"amount": 5, "currency": "JPY"}) == {"amount": "5", "currency": "JPY"}
    stake = {"name": "revenue", "currency": "EUR", "amount": 199, "before": -5}
    assert plain(stake) == stake | {"amount": "1.99", "before": "-0.05"}
    assert plain([{"time_us": 1}]) == [{"time": "1970-01-01T00:00:00.000001Z"}]
    assert plain(Path("a/b")) == "a/b"


def test_what_has_no_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no form in JSON"):
        plain(object())


@given(st.integers(-(10**12), 10**12), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_an_amount_is_read_back(amount: int, currency: str) -> None:
    assert minor_units(decimal(Money(amount, currency)), currency) == amount
