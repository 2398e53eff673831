"""Verify: what is sound is found sound; what was changed below the guards is named."""

from __future__ import annotations

from habeas.config import Database
from habeas.flows.erase import erase
from habeas.flows.verify import Report, verify
from habeas.store.accounts import account
from habeas.store.commits import commit
from tests.core.casework import EMIL
from tests.store.life import LATER, TEXTS, proposed, record_everything, suspended
from tests.store.sealing import LOG, sealed


def verified() -> Report:
    return verify(LOG.verifier)


def wrong(report: Report) -> dict[str, list[str]]:
    return {c.name: c.problems for c in report.checks if c.wrong}


def test_what_is_sound_is_found_sound(store: Database) -> None:
    assert wrong(verified()) == {}
    record_everything()
    commit([proposed("chen")], TEXTS)
    commit([suspended(account("chen"))])
    sealed()
    record_everything("aline")
    report = verified()
    assert wrong(report) == {}
    assert report.unsealed > 10
    looked = {c.name: c.looked_at for c in report.checks}
    assert looked["nothing owned is lost"] == 3
    assert looked["checkpoints are signed"] == 1
    erase("boris", None, EMIL, "he asked", LATER)
    sealed()
    report = verified()
    assert wrong(report) == {}
    assert report.erased == 1
