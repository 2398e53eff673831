"""Attributes of accounts at a moment, from an events file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from habeas.core.brake.terms import watched
from habeas.core.errors import NotFound
from habeas.core.policy import Fact, Schema
from habeas.ports.attributes import last_known
from habeas.ports.folder import Folder
from tests.flows.deciding import force
from tests.flows.shop import DAY_US, START_US, Shop, busy_shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = busy_shop(tmp_path)
    force(made)
    return made


def facts(folder: Folder) -> dict[str, Fact]:
    frozen = folder.frozen(str(folder.applied_plan()))
    return watched(Schema.of_json(frozen.schema))


def at(day: float) -> int:
    return START_US + round(day * DAY_US)


def test_what_the_last_event_said_before_the_moment(shop: Shop) -> None:
    known = facts(shop.folder)
    assert list(known) == ["country"]  # `spend` is a sum over the history
    wanted = {
        "d1": ("often", at(20)), "d2": ("calm", at(0)), "d3": ("calm", at(-1)),
        "d4": ("slow", at(90)), "d5": ("nobody", at(90)), "d6": ("often", at(0.9)),
    }  # fmt: skip
    found = last_known(shop.events, wanted, known)
    assert found == {
        "d1": {"country": "DE"}, "d2": {"country": "FR"}, "d3": {}, "d4": {}, "d5": {}, "d6": {},
    }  # fmt: skip


def test_a_file_without_the_attribute_leaves_it_unknown(shop: Shop) -> None:
    (fact,) = facts(shop.folder).values()
    strange = {"planet": replace(fact, value="planet")}
    assert last_known(shop.events, {"d1": ("often", at(20))}, strange) == {"d1": {}}


def test_only_the_types_that_the_segment_names_count(shop: Shop) -> None:
    (fact,) = facts(shop.folder).values()
    only = {"country": replace(fact, of=("login",))}
    assert last_known(shop.events, {"d1": ("often", at(20))}, only) == {"d1": {}}


def test_a_file_that_is_gone_is_told(shop: Shop) -> None:
    shop.events.unlink()
    with pytest.raises(NotFound, match="the events file"):
        last_known(shop.events, {}, {})
