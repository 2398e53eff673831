"""A random row of a random table is changed, deleted or put in below the guards: verify names it.

What no law rests on is said here, table by table, and in docs/store.md. HABEAS_ALTERED says how
often (`make lives` has 2,000 in each database); a failure prints the number that chance began with,
and HABEAS_BEGIN begins there.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from django.apps import apps
from django.db import DataError, IntegrityError, connection, transaction

from habeas.config import Database
from habeas.flows.audit.verify import verify
from habeas.store import rows
from tests.flows.audit.altering import Alteration, alter, chosen
from tests.flows.audit.recording import record_soundly
from tests.store.sealing import LOG

RUNS = int(os.environ.get("HABEAS_ALTERED", "25"))
BEGIN = int(os.environ.get("HABEAS_BEGIN", "0"))

# What nothing rests on, and why; "" is a row as a whole, put in or deleted.
CHANGES_FREELY = {
    "habeas_contact": "the platform reports it anew, and it is erased on demand; where a letter "
    "went is in the leaf of its sending",
    "habeas_feedcount": "a chart of public signals: what was told of it is in leaves (feedmove)",
}
FREE_COLUMNS = {
    ("habeas_outbox", "id"): "a number of the database's own, which nothing names",
    ("habeas_outbox", "attempts"): "how often a worker tried; what came of it is a leaf",
    ("habeas_outbox", "next_try_us"): "when it tries again",
    ("habeas_outbox", "error"): "what the last server said, for who looks at it",
    ("habeas_checkpoint", "id"): "their order alone: the notes say what follows what",
}
WAITS = {"unsent", "claimed", "dead"}  # of the outbox: none of them is sent, which law 2 asks
TRIES = {"failed", "shut_until_us"}  # of a case: wrong codes, and until when the door is shut
DELETED = {
    "habeas_cosignature": "others' witness, outside our log: a head without it is marked, and "
    "whoever cosigned has it",
}


def rests_on_nothing(one: Alteration) -> bool:
    name = rows.name(one.table)
    if name in CHANGES_FREELY or (one.verb == "DELETE" and name in DELETED):
        return True
    if one.verb != "UPDATE":
        return False
    if (name, one.column) in FREE_COLUMNS:
        return True
    if (name, one.column) == ("habeas_outbox", "state"):
        return {one.before["state"], one.after["state"]} <= WAITS
    return (name, one.column) == ("habeas_case", "value") and _but_tries(one.before) == _but_tries(
        one.after
    )


def _but_tries(row: dict[str, str]) -> object:
    try:
        return {k: v for k, v in json.loads(row["value"]).items() if k not in TRIES}
    except ValueError:
        return row["value"]


def altered(random: Random, table: rows.Table) -> Alteration | None:
    """None where the database does not allow it, or nothing rests on it."""
    one = chosen(random, table)
    if one.before == one.after or rests_on_nothing(one):
        return None
    try:
        with transaction.atomic():
            alter(one)
    except (IntegrityError, DataError):
        return None
    return one


class TakenBack(Exception):
    """So that the transaction leaves nothing."""


def named(one: Alteration) -> bool:
    found = verify(LOG.verifier)
    return any(p for c in found.checks for p in c.problems)


def test_verify_names_whatever_is_altered(store: Database) -> None:
    record_soundly()
    assert {c.name: c.problems for c in verify(LOG.verifier).checks if c.wrong} == {}
    tables = sorted(apps.get_app_config("habeas").get_models(), key=rows.name)
    asked = [t for t in tables if rows.name(t) not in CHANGES_FREELY]
    done: Counter[str] = Counter()
    number = BEGIN
    while done.total() < RUNS:
        random = Random(f"{connection.vendor} {number}")  # noqa: S311 - a test's chance
        number += 1
        try:
            with transaction.atomic():
                one = altered(random, random.choice(asked))
                if one is not None:
                    assert named(one), f"nothing was said of this ({number - 1}): {one}"
                    done[f"{one.verb} {rows.name(one.table)}"] += 1
                raise TakenBack
        except TakenBack:
            pass
    if RUNS >= 2000:
        assert len(done) > 2 * len(asked), done


def test_every_table_has_rows_and_is_asked_or_said_to_be_free(store: Database) -> None:
    record_soundly()
    names = {rows.name(t) for t in apps.get_app_config("habeas").get_models()}
    assert names >= {*CHANGES_FREELY, *DELETED, *(table for table, _ in FREE_COLUMNS)}
    for name in names:
        assert rows.select(f"SELECT 1 FROM {name} LIMIT 1"), f"{name} has no row to change"


@pytest.mark.parametrize(
    "table", sorted({*CHANGES_FREELY, *DELETED, *(t for t, _ in FREE_COLUMNS)})
)
def test_docs_say_what_changes_freely(table: str) -> None:
    said = Path(__file__).parents[3].joinpath("docs", "store.md").read_text()
    assert f"`{table}`" in said.partition("## What no law rests on")[2].partition("\n## ")[0]
