"""Release: two people, one after the other, for the same; what lies between voids it."""

from __future__ import annotations

from pathlib import Path

import pytest

from habeas.config import Database
from habeas.core.brake import Release, ReleaseRequest
from habeas.core.decision import Actor
from habeas.core.errors import IllegalMove, InvalidInput, NotFound
from habeas.flows.brake.release import release, statuses
from habeas.store import brakes
from tests.flows.brake.braked import HOUR, NAME, WHY, Braked, braked
from tests.flows.deciding import DECIDED_US, DORA, EMIL

LATER = DECIDED_US + HOUR


@pytest.fixture
def shop(store: Database, tmp_path: Path) -> Braked:
    made = braked(tmp_path, ("DE",) * 6)
    made.notify()
    return made


def test_one_person_asks_and_another_one_opens(shop: Braked) -> None:
    folder = shop.shop.folder
    first = release(NAME, DORA, WHY, folder, LATER, pace=3)
    assert (first.open, first.waits, first.pace) == (False, "dora", 3.0)
    assert brakes.closed() == {NAME}
    assert statuses(folder, LATER)[0].waits == "dora"
    with pytest.raises(IllegalMove, match="dora asked for this release already"):
        release(NAME, DORA, WHY, folder, LATER)
    second = release(NAME, EMIL, "I looked at ten of them", folder, LATER, pace=9)
    assert (second.open, second.waits, second.pace) == (True, "", 3.0)
    _, asked, done = brakes.turns(NAME)
    assert isinstance(asked, ReleaseRequest)
    assert isinstance(done, Release)
    assert (done.by, done.why) == ((DORA, EMIL), f"{WHY}; I looked at ten of them")
    (status,) = statuses(folder, LATER)
    assert (status.closing, status.waits) == (None, "")
    assert status.evidence < 60  # of a bin without decisions, seconds


def test_what_two_people_ask_for_must_be_the_same(shop: Braked) -> None:
    folder = shop.shop.folder
    release(NAME, DORA, WHY, folder, LATER)
    other = release(NAME, EMIL, WHY, folder, LATER, segments=["country=DE"])
    assert (other.open, other.waits) == (False, "emil")


def test_a_new_wave_voids_what_was_asked(shop: Braked) -> None:
    folder = shop.shop.folder
    release(NAME, DORA, WHY, folder, LATER, segments=["policy=many-returns@1"])
    release(NAME, EMIL, WHY, folder, LATER, segments=["policy=many-returns@1"])
    release(NAME, DORA, WHY, folder, LATER)
    assert brakes.closed() == {NAME}


@pytest.mark.parametrize(
    ("by", "why", "segments", "pace", "said"),
    [
        (Actor("worker", person=False), WHY, [], None, "two people release a brake"),
        (DORA, " ", [], None, "gives no reason"),
        (DORA, WHY, ["country"], None, "'country' names no segment"),
        (DORA, WHY, ["planet=Mars"], None, "does not watch planet Mars"),
        (DORA, WHY, [], 0.0, "a pace is a number"),
        (DORA, WHY, [], float("nan"), "a pace is a number"),
    ],
)
def test_a_request_that_could_never_open_is_refused_at_once(
    shop: Braked, by: Actor, why: str, segments: list[str], pace: float | None, said: str
) -> None:
    with pytest.raises((IllegalMove, InvalidInput), match=said):
        release(NAME, by, why, shop.shop.folder, LATER, segments=segments, pace=pace)
    assert len(brakes.turns(NAME)) == 1


def test_a_brake_that_nobody_asked_cannot_be_released(shop: Braked) -> None:
    with pytest.raises(NotFound, match="no brake of 'other' was ever asked"):
        release("other", DORA, WHY, shop.shop.folder, LATER)
