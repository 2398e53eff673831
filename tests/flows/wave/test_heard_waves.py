"""Waves that the public noticed: a burst opens one while the brake is quiet, belongs to the brake's
where one is open, and leads to relief."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from habeas.config import Database
from habeas.core.errors import InvalidInput, NotFound
from habeas.core.languages import Lang
from habeas.core.letter.announcements import announcement
from habeas.core.signal.bursts import WaveSource
from habeas.core.wave import Wave
from habeas.core.wave.hours import VersionShare, plainly
from habeas.core.wave.waves import cause_of, timeline
from habeas.flows.appeal import relieve
from habeas.flows.audit import verify
from habeas.flows.wave import waves
from habeas.flows.wave.traces import weighed
from habeas.flows.wave.waves import wave
from habeas.pages.wave import report
from tests.core.appeal.casework import EMIL, FAY
from tests.flows.brake.braked import NAME, Braked, braked
from tests.flows.deciding import DECIDED_US
from tests.flows.signal.listening import (
    DAY,
    FIVE,
    HOUR,
    UNTIL_STORM_US,
    Listening,
    listening,
    stream,
)

pytestmark = pytest.mark.slow  # whole ways by commands, or many lives

ID = "signal:posts.1"


@dataclass
class Town:
    """A shop that tells its decisions two hours before people complain."""

    shop: Braked
    ears: Listening
    storm_us: int = DECIDED_US + 2 * HOUR

    def storm(self) -> None:
        """Listen before it and in it."""
        self.ears.posts = stream(self.storm_us - UNTIL_STORM_US)
        self.ears.at(self.storm_us - DAY)
        self.ears.at(self.storm_us + 2 * FIVE)

    def wave(self, name: str = ID) -> Wave:
        return wave(name, self.shop.shop.folder)


@pytest.fixture
def town(store: Database, tmp_path: Path) -> Iterator[Town]:
    """Four are told, as the cap lets them; the brake is quiet."""
    with listening(tmp_path) as ears:
        yield Town(braked(tmp_path, ("DE",) * 4, "{floor: 0.5, caps: {'*': 4}}"), ears)


def test_a_burst_opens_a_wave_with_what_was_told_before_it(town: Town) -> None:
    assert town.shop.notify().told == {"measure": 4}
    town.storm()
    (found,) = waves.waves(town.shop.shop.folder)
    assert (found.id, found.source, found.until_us) == (ID, WaveSource.SIGNAL, None)
    assert sorted(one.account for one in found.told) == list(town.shop.names)
    assert found.policy == NAME
    (share,) = found.shares
    assert (share.policy, share.version, share.told) == (NAME, 1, 4)
    assert share.expected == pytest.approx(0.5 / 24 * len(found.hours))
    assert {one.feed for one in found.counts} == {"posts"}
    assert found.spell is not None
    assert "My account closed overnight [name]" in found.spell.burst.samples
    said = [what for _, what in timeline(found)]
    assert said[0].startswith("public signals rose, posts: ")
    assert said[1] == "those who work here were told of it"


def test_it_ends_six_hours_after_the_last_rare_count(town: Town) -> None:
    town.storm()
    town.ears.at(town.storm_us + 10 * HOUR)
    found = town.wave()
    assert found.spell is not None
    assert found.until_us == found.spell.burst.last_us + 6 * HOUR + 2 * FIVE
    assert found.spell.burst.samples
    assert len(found.hours) == 48 + 7
    # a month later the words are gone, the wave is not
    town.ears.at(town.storm_us + 40 * DAY)
    found = town.wave()
    assert found.spell is not None
    assert found.spell.burst.samples == ()
    assert found.spell.burst.keywords


def test_while_a_brake_is_closed_a_burst_belongs_to_its_wave(town: Town) -> None:
    town.shop.settings("{floor: 0.5, caps: {'*': 2}}")
    town.shop.notify()
    town.storm()
    (found,) = waves.waves(town.shop.shop.folder)
    assert found.id == "many-returns.1"
    assert [(m.source, m.wave) for m in found.moments] == [
        (WaveSource.BRAKE, "many-returns.1"), (WaveSource.SIGNAL, "many-returns.1"),
    ]  # fmt: skip
    assert any(what.startswith("public signals rose, posts") for _, what in timeline(found))
    _, judged = weighed(found, town.shop.shop.folder)
    assert report(found, "en", judged).count("<circle") == 2


def test_a_burst_before_the_brake_closes_has_a_wave_of_its_own(town: Town) -> None:
    town.storm()
    town.shop.settings("{floor: 0.5, caps: {'*': 2}}")
    town.shop.at(3)
    assert {one.id for one in waves.waves(town.shop.shop.folder)} == {ID, "many-returns.1"}
    assert len(town.wave("many-returns.1").moments) == 2


def test_relief_in_one_step_where_one_policy_is_plainly_named(town: Town) -> None:
    town.shop.notify()
    town.storm()
    folder = town.shop.shop.folder
    plan = waves.relieve(ID, "every return was counted twice", folder, town.ears.now_us, None).plan
    for who in (EMIL, FAY):
        relieve.approve(plan.hash, who, town.ears.now_us)
    relieve.apply(plan.hash, town.ears.now_us)
    assert set(town.shop.states().values()) == {"reversed"}
    assert town.wave().undone == 4


def test_where_none_is_plainly_named_a_person_names_it(town: Town) -> None:
    town.shop.settings("{floor: 40}")
    town.shop.notify()
    town.storm()
    found = town.wave()
    assert found.policy == ""
    with pytest.raises(InvalidInput, match="plainly points to no policy") as caught:
        cause_of(found)
    assert caught.value.hint == f"name one with --policy: {NAME}"
    with pytest.raises(InvalidInput, match="tells of no decision of 'other'"):
        cause_of(found, "other")
    cause = cause_of(found, NAME)
    assert (cause.policy, cause.version, cause.from_us) == (NAME, 1, DECIDED_US)


def test_only_the_version_that_is_plainly_named_is_relieved(town: Town) -> None:
    town.shop.notify()
    town.storm()
    found = town.wave()
    older = [replace(one, decision=f"{one.decision} 0", version=0) for one in found.told[:1]]
    both = replace(found, told=(*older, *found.told))
    assert cause_of(both).version == 1
    assert cause_of(both, NAME).version is None


def test_without_anybody_told_there_is_nothing_to_relieve(town: Town) -> None:
    town.storm()
    with pytest.raises(InvalidInput, match=r"no decision of wave signal:posts\.1 reached"):
        waves.relieve(ID, "a fault", town.shop.shop.folder, DECIDED_US, None)
    with pytest.raises(NotFound, match=r"there is no wave 'signal:posts\.2'"):
        town.wave("signal:posts.2")


def test_plainly_is_above_the_slack_and_more_than_all_others() -> None:
    first, second = VersionShare("a", 1, 40, 10.0), VersionShare("b", 2, 30, 10.0)
    assert plainly([first, second], 1.75) is first
    assert plainly([first, VersionShare("b", 2, 41, 10.0)], 1.75) is None
    assert plainly([VersionShare("a", 1, 17, 10.0)], 1.75) is None
    assert plainly([], 1.75) is None


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ("4 customers were told", "messages in 5 min", "<h2>What people write</h2>")),
        ("fr", ("4 clients ont été informés", "messages en 5 min", "Ce que l&#x27;on écrit</h2>")),
    ],
)
def test_its_page_and_its_draft(town: Town, lang: Lang, said: tuple[str, ...]) -> None:
    town.shop.notify()
    town.storm()
    found = town.wave()
    _, judged = weighed(found, town.shop.shop.folder)
    page = report(found, lang, judged)
    for text in said:
        assert text in page
    assert "<script" not in page
    assert page.count("<polyline") == 6  # posts, made and told, each with what was expected
    assert page.count("<circle") == 1


def test_a_draft_without_decisions(town: Town) -> None:
    town.storm()
    figures = town.wave().figures()
    assert "we told nobody of such a decision" in announcement(figures, "en")
    assert "nous n'avons notifié aucune décision" in announcement(figures, "fr")


def test_the_record_of_it_holds(town: Town) -> None:
    town.shop.notify()
    town.storm()
    town.ears.at(town.storm_us + 10 * HOUR)
    wrong = {check.name: check.wrong for check in verify.verify(None).checks if check.wrong}
    assert wrong == {}
