"""Origins: what an events file tells of the events that led to findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from habeas.core.appeal.relief import Origin
from habeas.core.errors import InvalidInput, NotFound
from habeas.ports.origins import first_seen, read_origins, read_traits
from tests.flows.shop import DAY_US, START_US, Shop, busy_shop, event


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return busy_shop(tmp_path)


def test_type_and_attributes_by_id(shop: Shop) -> None:
    found = read_origins(shop.events, ["o2", "o3", "c1", "nowhere"], ["country"])
    assert found == {
        "o2": Origin("return", {"country": "DE"}),
        "o3": Origin("return", {}),  # nobody knows its country
        "c1": Origin("order", {"country": "FR"}),
    }
    assert read_origins(shop.events, ["o5"], []) == {"o5": Origin("login", {})}
    assert read_origins(shop.events, [], ["country"]) == {}


def test_a_word_becomes_the_kind_of_value_that_the_file_has(shop: Shop) -> None:
    more = {"quantity": 3, "gift": True, "country": "12"}
    shop.take_all([event("e1", "aline", "order", 1, **more)])
    words = {"quantity": "3", "gift": "True", "country": "12"}
    traits = read_traits(shop.events, words)
    assert traits == {"quantity": 3, "gift": True, "country": "12"}
    (origin,) = read_origins(shop.events, ["e1"], list(words)).values()
    assert origin.traits == traits


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"land": "FR"}, "have no `land`"),
        ({"account": "aline"}, "have no `account`"),
        ({"quantity": "three"}, "`quantity` is int64, and 'three' is not"),
        ({"gift": "maybe"}, "`gift` is bool, and 'maybe' is not"),
        ({"weight": "2.5"}, "`weight` is a measured number"),
    ],
)
def test_what_no_event_can_be_asked(shop: Shop, words: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_traits(shop.events, words)


def test_a_file_that_is_none(shop: Shop) -> None:
    with pytest.raises(NotFound, match=r"none\.parquet"):
        read_origins(shop.root / "none.parquet", ["o1"], [])
    with pytest.raises(InvalidInput, match="is no whole Parquet file"):
        read_origins(shop.mapping, ["o1"], [])


def test_when_a_value_was_first_seen(shop: Shop) -> None:
    assert first_seen(shop.events, "country", "DE") == START_US + DAY_US
    assert first_seen(shop.events, "country", "FR") is None  # as long as the file goes back
    assert first_seen(shop.events, "country", "IT") is None
    with pytest.raises(InvalidInput, match="have no `land`"):
        first_seen(shop.events, "land", "FR")
    shop.take_all([])
    assert first_seen(shop.events, "country", "FR") is None
