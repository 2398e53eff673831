"""docs/privacy.md is the inventory of personal data: every column of a table and every field of a
value that is encoded into a leaf or a saved state is on it, once, as personal or as not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from django.apps import apps
from pydantic import BaseModel

from habeas.config import Database
from habeas.core.appeal import Appeal, Case, ReliefPlan, appeals
from habeas.core.appeal.approvals import Approval
from habeas.core.audit.records import AuditedErasure
from habeas.core.brake import BrakeState
from habeas.core.brake.brakes import BrakeMove
from habeas.core.decision import Decision, DecisionMove, Exemption
from habeas.core.decision.proposals import PassedFinding
from habeas.core.letter.delivery import MessageMove
from habeas.core.policy import Finding
from habeas.core.policy.applications import ApplyMove
from habeas.core.property import Settlement
from habeas.core.signal.feeds import FeedState, Swing
from habeas.core.staff import StaffMove
from habeas.store import rows
from habeas.store.codec import read
from habeas.store.leaves import PERSONAL
from habeas.store.recorded import (
    COMMIT,
    KINDS,
    Commit,
    CustomerWords,
    InventoryReport,
    LetterWords,
    MadeNotice,
)
from habeas.store.subjects import ALONE, MOVES, STATES
from tests import ROOT
from tests.store.test_guards import fill_every_table

PAGE = ROOT / "docs" / "privacy.md"
NAME = re.compile(r"`([A-Za-z_]+)\.([a-z_0-9]+)`")
ROW = re.compile(r"^\| `([A-Za-z_]+)` \| (.*) \|$", re.MULTILINE)
# What each kind of leaf encodes; None where it has names and hashes of ours alone.
LEAVES: Mapping[str, Any] = {
    "finding": Finding, "passed": PassedFinding, "decision": Decision,
    "decision_move": DecisionMove,
    "inventory": InventoryReport, "settlement": Settlement, "exemption": Exemption,
    "letter": LetterWords, "notice": MadeNotice, "complaint": CustomerWords, "appeal": Appeal,
    "appeal_move": appeals.AppealMove, "case": Case, "commit": Commit, "relief": ReliefPlan,
    "relief_move": Approval, "brake_move": BrakeMove, "feed_move": Swing,
    "message_move": MessageMove, "staff_move": StaffMove,
    "apply_move": ApplyMove, "erasure": AuditedErasure,
    "brake_state": None, "feed_state": None, "key_rotation": None,
}  # fmt: skip
SAVED = (FeedState, BrakeState)  # states that are saved as text
BARE = frozenset({"name", "version", "sha256", "by", "note", "time_us", "messages"})
MOVE = frozenset({"number", "event", "words"})  # beside the name of what moves


def walked(*kinds: Any) -> dict[str, set[str]]:
    """The fields of every value that is reached from these types, by its class."""
    found: dict[str, set[str]] = {}
    waiting = [*kinds]
    while waiting:
        kind = waiting.pop()
        if get_origin(kind) is not None or not isinstance(kind, type):
            waiting += get_args(kind)
        elif issubclass(kind, BaseModel) and kind.__name__ not in found:
            found[kind.__name__] = set(kind.model_fields)
            waiting += [one.annotation for one in kind.model_fields.values()]
        elif is_dataclass(kind) and kind.__name__ not in found:
            hints = get_type_hints(kind)
            own = [one.name for one in fields(kind) if one.init]
            found[kind.__name__] = set(own)
            waiting += [hints[name] for name in own]
    return found


def values() -> set[str]:
    made = walked(*filter(None, LEAVES.values()), *SAVED)
    return {f"{name}.{one}" for name, own in made.items() for one in own}


def columns() -> set[str]:
    return {
        f"{model._meta.db_table}.{one.column}"
        for model in apps.get_app_config("habeas").get_models()
        for one in model._meta.local_concrete_fields
        if one.column
    }


def inventory(text: str) -> Iterator[str]:
    """What the page names: as personal in the first table, as not personal in the second."""
    personal, _, plain = text.partition("## What is not personal")
    for line in personal.splitlines():
        if line.startswith("|"):
            yield from (f"{owner}.{one}" for owner, one in NAME.findall(line.split("|")[2]))
    for owner, listed in ROW.findall(plain):
        yield from (f"{owner}.{one}" for one in listed.split(", "))


def missing(text: str, wanted: set[str]) -> list[str]:
    """What is not on the inventory, what is on it and is not there, and what is on it twice."""
    named = [*inventory(text)]
    twice = {one for one in named if named.count(one) > 1}
    return sorted(wanted ^ set(named) | twice)


@dataclass(frozen=True)
class Kin:
    born: str


@dataclass(frozen=True)
class Household:
    address: str
    others: tuple[Kin | None, ...]


def test_every_column_and_every_field_is_on_the_inventory() -> None:
    assert missing(PAGE.read_text(encoding="utf-8"), columns() | values()) == []


def test_a_new_field_is_not_on_it() -> None:
    own = {f"{name}.{one}" for name, of in walked(Household).items() for one in of}
    assert own == {"Household.address", "Household.others", "Kin.born"}
    text = PAGE.read_text(encoding="utf-8")
    assert missing(text, columns() | values() | own) == sorted(own)
    assert missing(text, columns() | values() - {"CustomerWords.names"}) == ["CustomerWords.names"]
    again = text.replace("`CustomerWords.names`", "`CustomerWords.names`, `CustomerWords.text`")
    assert missing(again, columns() | values()) == ["CustomerWords.text"]


def test_every_kind_of_leaf_is_walked() -> None:
    assert LEAVES.keys() == {COMMIT, *KINDS, *MOVES, *STATES, *ALONE}
    text = PAGE.read_text(encoding="utf-8")
    for kind in PERSONAL:
        assert f"leaf `{kind}`" in text


@pytest.mark.usefixtures("store")
def test_what_is_recorded_has_no_other_fields(store: Database) -> None:
    """Leaves of every table, with the fields that their classes have and no other."""
    fill_every_table()
    sql = "SELECT l.kind, t.text FROM habeas_leaf l JOIN habeas_leaftext t ON t.leaf = l.number"
    seen = set()
    for kind, text in rows.select(sql):
        seen.add(kind)
        own = set(read(text))
        if LEAVES[kind] is None:
            assert own <= BARE, kind
        elif kind.endswith("_move"):
            assert own <= MOVE | {kind.removesuffix("_move")}, kind
            event = read(text)["event"]
            name = event.pop("type", "Approval")
            assert set(event) == walked(LEAVES[kind])[name], kind
        else:
            more = {"appeal": {"words"}, "relief": {"time_us"}}.get(kind, set())
            assert own == walked(LEAVES[kind])[LEAVES[kind].__name__] | more, kind
    assert len(seen) > 15
