"""Findings computed again from the log of a live run, as from a file of events."""

from __future__ import annotations

from pathlib import Path

import pytest

from habeas.core.errors import NotFound
from habeas.flows.audit.verify_findings import FindingSource
from tests.flows.policy.running import following
from tests.flows.shop import busy_shop


def test_a_log_has_the_events_of_the_file(tmp_path: Path) -> None:
    shop = busy_shop(tmp_path)
    following(shop)
    file = FindingSource(shop.policies, events=shop.events).read()
    log = FindingSource(shop.policies, log=shop.root / "log").read()
    assert list(log.id) == list(file.id)
    assert log.time_us.tolist() == file.time_us.tolist()
    with pytest.raises(NotFound, match="there is no log"):
        FindingSource(shop.policies, log=shop.root / "nowhere").read()
