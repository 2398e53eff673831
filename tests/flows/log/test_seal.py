"""Sealing: places in order, nothing skipped, nothing twice, and one log for one key."""

from __future__ import annotations

import threading
from itertools import pairwise

import pytest

from habeas import wiring
from habeas.config import Database
from habeas.core.errors import Changed, Unproven
from habeas.core.log import Signer
from habeas.core.log.checkpoint import read_note, trusted
from habeas.core.log.merkle import check_consistency
from habeas.flows.log.seal import SealReport, seal
from habeas.store import tree
from habeas.store.tree import LATE_US, KeptTree
from tests.core.appeal.casework import NOW
from tests.store.life import record_everything
from tests.store.sealing import LOG, OTHER, add_leaves, assert_whole, numbers_in_place, sealed
from tests.store.tampering import tamper


def test_what_is_recorded_is_sealed_once(store: Database) -> None:
    assert sealed() == SealReport(0, 0, None)
    record_everything()
    report = sealed()
    assert report.sealed == report.size == len(numbers_in_place()) > 10
    assert numbers_in_place() == sorted(numbers_in_place())
    assert report.checkpoint is not None
    point = trusted(read_note(report.checkpoint), LOG.verifier)
    assert (point.origin, point.size) == ("shop.example/log", report.size)
    assert sealed() == SealReport(0, report.size, report.checkpoint)
    assert_whole()


def test_an_old_checkpoint_is_consistent_with_the_new(store: Database) -> None:
    for first in (1, 8, 300):
        add_leaves(first, 7)
        sealed()
    points = [trusted(read_note(k.note), LOG.verifier) for k in tree.checkpoints()]
    assert [p.size for p in points] == [7, 14, 21]
    for old, new in pairwise(points):
        path = KeptTree(new.size).consistency(old.size)
        check_consistency(old.size, new.size, old.root, new.root, path)


def test_a_smaller_number_that_comes_late_gets_a_later_place(store: Database) -> None:
    add_leaves(1, 2)
    add_leaves(5, 2)
    sealed()
    add_leaves(3, 2)
    add_leaves(7, 1)
    sealed(NOW + LATE_US - 1)
    assert numbers_in_place() == [1, 2, 5, 6, 3, 4, 7]
    assert_whole()


def test_what_is_later_than_an_hour_is_found_when_everything_is_asked(store: Database) -> None:
    add_leaves(2, 3)
    sealed()
    add_leaves(1, 1)
    late = NOW + 2 * LATE_US
    assert sealed(late).sealed == 0
    assert seal(LOG, late, everything=True).sealed == 1
    assert numbers_in_place() == [2, 3, 4, 1]


def test_many_leaves_are_sealed_in_several_checkpoints(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("habeas.flows.log.seal.TOGETHER", 300)
    add_leaves(1, 1000)
    assert sealed().sealed == 1000
    assert [k.size for k in tree.checkpoints()] == [300, 600, 900, 1000]
    assert_whole()


@pytest.mark.parametrize("signer", [OTHER, Signer("other.example/log", LOG.seed)])
def test_another_key_signs_nothing(store: Database, signer: Signer) -> None:
    add_leaves(1, 5)
    sealed()
    add_leaves(6, 5)
    with pytest.raises(Unproven, match="no signature of a trusted key"):
        sealed(signer=signer)
    assert tree.size() == 5
    assert len(tree.checkpoints()) == 1


def test_a_log_that_was_rewritten_is_not_signed(store: Database) -> None:
    add_leaves(1, 5)
    sealed()
    tamper("habeas_leaf", "UPDATE {table} SET kind = 'notice' WHERE number = 3")
    add_leaves(6, 1)
    with pytest.raises(Changed, match="no longer begins with the 5 leaves that were signed"):
        sealed()
    assert tree.size() == 5


def test_two_that_seal_at_once(database: Database) -> None:
    """Each leaf has one place; who was slower is told, or finds nothing left."""
    with wiring.opened(database):
        add_leaves(1, 2000)
    told: list[object] = []
    start = threading.Barrier(3)

    def run() -> None:
        with wiring.opened(database):
            start.wait()
            try:
                told.append(sealed().sealed)
            except Changed as error:
                told.append(error.message)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told.count(2000) == 1
    others = {0, "another process sealed these leaves meanwhile"}
    assert all(one in others for one in told if one != 2000)
    with wiring.opened(database):
        assert numbers_in_place() == list(range(1, 2001))
        assert_whole()
