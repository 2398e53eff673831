"""The story of a wave: a policy version that counts returns twice ships on a Thursday.

With 50,000 accounts, to be quick; `HABEAS_ACCOUNTS` asks for others, as `make lives` does."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from habeas import wiring
from habeas.config import Sqlite
from habeas.core.letter.diagnosis_words import evidence_lines
from habeas.core.wave.readings import Reading
from habeas.core.wave.waves import cause_of
from habeas.flows.appeal import relieve
from habeas.flows.wave import waves
from habeas.flows.wave.traces import weighed
from habeas.store import decisions
from habeas.store.accounts import accounts
from tests.core.appeal.casework import EMIL, FAY
from tests.flows.shop import DAY_US, Shop
from tests.stories.faulty import NAME, THURSDAY_US, UNBRAKED, Faulty, faulty_shop, reach

ACCOUNTS = int(os.environ.get("HABEAS_ACCOUNTS", "50000"))
FRIDAY_US = THURSDAY_US + DAY_US


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Faulty:
    return faulty_shop(tmp_path_factory.mktemp("faulty"), ACCOUNTS)


@contextmanager
def opened(ready: Faulty, root: Path, settings: str = "") -> Iterator[Faulty]:
    """A copy of it with a store of its own, in which everybody can be reached."""
    shutil.copytree(ready.shop.root, root)
    shop = Shop(root)
    if settings:
        shop.write("brake.yaml", settings)
    with wiring.opened(Sqlite(shop.folder.root / "habeas.sqlite3")):
        reach(ACCOUNTS)
        yield Faulty(shop, ACCOUNTS)


def states() -> Counter[str]:
    """Of all decisions."""
    names = [decision.id for decision, _ in decisions.lives()]
    return Counter(str(one.state) for one in decisions.some(names))


def test_a_double_counting_version_restricts_at_most_twenty(ready: Faulty, tmp_path: Path) -> None:
    with opened(ready, tmp_path / "open", UNBRAKED) as without:
        harm = sum(without.thursday(60))
        assert waves.waves(without.shop.folder) == []
    with opened(ready, tmp_path / "braked") as braked:
        restricted = sum(braked.thursday(5))
        assert (restricted <= 20, harm > 150) == (True, True), (restricted, harm)
        folder = braked.shop.folder
        (wave,) = waves.waves(folder)
        assert len(wave.told) <= 20
        assert len(wave.told) + len(wave.held) == sum(states().values()) == harm

        found, judged = weighed(wave, folder, population=braked.population())
        assert found is not None
        assert found.causes[0].where == {"version": "2", "last_event": "refund"}
        assert (judged.reading, judged.gaps) == (Reading.SOFTWARE, ())
        assert weighed(wave, folder)[1].reading is Reading.SOFTWARE  # also without a population
        software, policy = judged.weighed[:2]
        replay, onset, named = evidence_lines(software, "en")
        kept = re.search(
            r"version 1, in force before .* decides so for only (\d+) of (\d+)", replay
        )
        assert kept is not None
        assert int(kept[1]) < 0.1 * int(kept[2])
        assert re.search(r"The first decision came \d+ min after version 2 was applied\.", onset)
        assert "version is 2 for" in named
        assert policy.weight < 1  # nothing of it was in the plan

        assert (cause_of(wave).policy, cause_of(wave).version) == (NAME, 2)
        plan = waves.relieve(wave.id, "every return was counted twice", folder, FRIDAY_US, None)
        for who in (EMIL, FAY):
            relieve.approve(plan.plan.hash, who, FRIDAY_US)
        relieve.apply(plan.plan.hash, FRIDAY_US)  # reversals pass while the brake is closed
        assert states() == {"reversed": harm}
        hit = accounts([one.account for one in wave.told])
        assert [a for a in hit.values() if a.standing(FRIDAY_US).bindings] == []
