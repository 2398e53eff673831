"""Live gives the findings of one replay, each once: in batches of any size, with duplicates, over
any number of starts, with a snapshot or without."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.policy import Event, Finding, Policy
from habeas.core.policy.findings import MOST_EVIDENCE
from habeas.engine.judgement import findings
from habeas.engine.live import SNAPSHOT, Live
from habeas.engine.log import Log
from habeas.flows.policy.check import check_texts
from habeas.ports.tables import events_table
from tests.engine.making import (
    DAY,
    HOUR,
    SCHEMA,
    START,
    event,
    examples,
    facts,
    histories,
    logged,
    policy,
    policy_text,
)
from tests.engine.test_findings import AFTERS, FACTS, WHENS

pytestmark = pytest.mark.slow  # whole ways by commands, or many lives


def named(name: str, text: str, version: int = 1) -> str:
    """The text of a policy under another name."""
    return json.dumps(json.loads(text) | {"policy": name, "version": version})


def policies_of(*texts: str) -> list[Policy]:
    given = [(f"{i}.yaml", text) for i, text in enumerate(texts)]
    return list(check_texts(given, SCHEMA, {}).sound().policies.values())


class Desk:
    """A log in a folder, and the process that judges on it. `kept` are the findings that are
    acknowledged; those of a process that is lost before that are cut, as `habeas run` does."""

    def __init__(self, folder: Path, policies: Sequence[Policy]) -> None:
        self.folder, self.kept = folder, list[Finding]()
        self.made: list[Finding] = []
        self.start(policies)

    def start(self, policies: Sequence[Policy]) -> None:
        self.log = Log(self.folder, SCHEMA)
        self.live = Live(self.log, policies)
        self.made = self.live.start()
        self.used = self.live.snapped
        self.acknowledge()

    def acknowledge(self) -> None:
        self.log.acknowledge()
        self.kept += self.made
        self.made = []

    def take(self, events: Sequence[Event], lost: bool = False) -> int:
        new, found = self.live.take(events_table(events, SCHEMA), {"position": {}, "quarantine": 0})
        self.made += found
        if not lost:
            self.acknowledge()
        return new

    def again(self, policies: Sequence[Policy] | None = None, snapshot: bool = False) -> Desk:
        """The process ends, and another starts."""
        if snapshot:
            self.live.snapshot()
        self.log.close()
        self.start(self.live.policies if policies is None else policies)
        return self


@contextmanager
def desk(policies: Sequence[Policy]) -> Iterator[Desk]:
    with tempfile.TemporaryDirectory() as folder:
        one = Desk(Path(folder) / "log", policies)
        try:
            yield one
        finally:
            one.log.close()


def one_replay(policies: Sequence[Policy], made: Sequence[Event]) -> list[Finding]:
    return findings(policies, logged(made).events)


# How a batch ends: it is followed by the next, or by another process; with a snapshot before, or
# lost before it was acknowledged, or both: then the snapshot is newer than the mark.
ENDS = ("next", "next", "start", "snapshot", "lost", "snapshot and lost")
BATCHES = st.lists(st.tuples(st.integers(1, 30), st.sampled_from(ENDS)), min_size=1, max_size=10)
AGAIN = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), st.booleans()), max_size=8)


def with_duplicates(made: Sequence[Event], again: Sequence[tuple[int, int, bool]]) -> list[Event]:
    """Some events come again, later; some of those say something else under the same id."""
    listed = list(made)
    for place, of, other in again:
        if made:
            first = made[of % len(made)]
            copy = event(int(first.id[1:]), first.time_us + DAY, "ada", "login", points=3)
            low = next(i for i, one in enumerate(listed) if one.id == first.id) + 1
            listed.insert(max(low, place % len(listed)), copy if other else first)
    return listed


def fed(one: Desk, listed: Sequence[Event], batches: Sequence[tuple[int, str]]) -> int:
    """All events, the batches over and over until there are none left. Returns how many were
    new."""
    new, start = 0, 0
    for size, end in cycle(batches):
        lost = end.endswith("lost")
        new += one.take(listed[start : start + size], lost)
        start += size
        if end != "next":
            one.again(snapshot=end.startswith("snapshot"))
        if start >= len(listed):
            return new
    raise AssertionError


def agrees(
    policies: Sequence[Policy], made: Sequence[Event], listed: Sequence[Event],
    batches: Sequence[tuple[int, str]],
) -> None:  # fmt: skip
    with desk(policies) as one:
        assert fed(one, listed, batches) == len(made)
        assert one.kept == one_replay(policies, made)
        assert len({f.id for f in one.kept}) == len(one.kept)


@examples(60)
@given(histories(40), WHENS, st.none() | WHENS, AFTERS, WHENS, BATCHES, AGAIN)
def test_live_equals_one_replay(
    made: list[Event], when: str, unless: str | None, afters: list[str], other: str,
    batches: list[tuple[int, str]], again: list[tuple[int, int, bool]],
) -> None:  # fmt: skip
    first = policy_text(FACTS, when, unless, afters)
    second = named("second", policy_text(FACTS, other, None, afters[:1]))
    agrees(policies_of(first, second), made, with_duplicates(made, again), batches)


@examples(60)
@given(histories(40), facts(5), BATCHES, AGAIN)
def test_every_kind_of_fact_and_key_is_the_same_live(
    made: list[Event], declared: dict[str, Any], batches: list[tuple[int, str]],
    again: list[tuple[int, int, bool]],
) -> None:  # fmt: skip
    """Facts of any kind, by any key, over any window: read by conditions that change often."""
    told = [f"coalesce(nullif({name}, {name}), {name}) is null" for name in declared]
    one = policy(declared, f"not ({' and '.join(told)})", None, ["10s", "1h"])
    agrees([one], made, with_duplicates(made, again), batches)


# Snapshots

COUNTING = {"n": {"count": "login", "over": "2d"}}
WAVES = [event(i, START + i * HOUR, "ada", "login", points=i % 5) for i in range(60)]
POINTS = {"newest": {"last": "points"}}
LOW = policy_text(POINTS, "newest < 2", None, ["24h"])
SAME_FACTS = policy_text(POINTS, "newest < 3", None, ["24h"])


def test_a_start_goes_on_from_the_snapshot() -> None:
    one = policies_of(LOW)
    with desk(one) as here:
        here.take(WAVES[:23])
        here.again(snapshot=True)
        assert here.used == 23
        here.take(WAVES[23:30])
        here.again()
        assert here.used == 23
        here.take(WAVES)
        assert here.kept == one_replay(one, WAVES)


def test_a_snapshot_of_other_facts_is_not_used() -> None:
    one, other = policies_of(LOW), policies_of(LOW, named("second", policy_text(COUNTING, "n > 3")))
    with desk(one) as here:
        here.take(WAVES[:23])
        here.again(other, snapshot=True)
        assert here.used == 0
        here.take(WAVES[23:])
        first = [f for f in here.kept if f.policy == "made"]
        assert first == one_replay(one, WAVES)


def test_a_snapshot_of_policies_that_decide_otherwise_is_not_used() -> None:
    """It was taken of events that the next policies judged, since they were not acknowledged."""
    old, new = policies_of(LOW), policies_of(SAME_FACTS)
    with desk(old) as here:
        here.take(WAVES[:20])
        here.take(WAVES[20:30], lost=True)
        here.again(new, snapshot=True)
        assert here.used == 0
        here.again()
        assert here.used == 0
        here.take(WAVES[30:])
        before = [f for f in one_replay(old, WAVES) if f.sequence < 20]
        assert here.kept == before + judged_from(new, WAVES, 20)


def judged_from(policies: Sequence[Policy], made: Sequence[Event], start: int) -> list[Finding]:
    """What policies find that are put in force at sequence `start`, in one process."""
    with desk([]) as here:
        here.take(made[:start])
        here.again(policies)
        here.take(made[start:])
        return here.kept


DAMAGES: list[Callable[[bytes], bytes]] = [
    lambda whole: whole[:0],
    lambda whole: whole[:10],
    lambda whole: whole[: len(whole) // 2],
    lambda whole: whole[:-70],
    lambda whole: b"X" + whole[1:],
    lambda whole: whole[:20] + bytes([whole[20] ^ 1]) + whole[21:],
    lambda whole: whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:],
    lambda whole: bytes(len(whole)),
]


@pytest.mark.parametrize("damage", range(len(DAMAGES)))
def test_a_damaged_snapshot_is_not_used(damage: int) -> None:
    one = policies_of(LOW)
    with desk(one) as here:
        here.take(WAVES[:23])
        here.live.snapshot()
        path = here.folder / SNAPSHOT
        path.write_bytes(DAMAGES[damage](path.read_bytes()))
        here.again()
        assert here.used == 0
        here.take(WAVES[23:])
        assert here.kept == one_replay(one, WAVES)


def test_a_snapshot_newer_than_the_mark_is_not_used() -> None:
    one = policies_of(LOW)
    with desk(one) as here:
        here.take(WAVES[:20])
        here.take(WAVES[20:30], lost=True)
        here.again(snapshot=True)
        assert here.used == 0
        here.take(WAVES[30:])
        assert here.kept == one_replay(one, WAVES)


def test_a_snapshot_is_due_when_half_as_much_again_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("habeas.engine.live.FEWEST_BETWEEN", 10)
    with desk(policies_of(LOW)) as here:
        due = []
        for start in range(0, 40, 4):
            here.take(WAVES[start : start + 4])
            due.append(here.live.snapshot_due())
            if due[-1]:
                here.live.snapshot()
        assert [4 * (i + 1) for i, one in enumerate(due) if one] == [12, 24]


# Evidence


@pytest.mark.parametrize("sizes", [[1000], [7], [211, 1, 350]])
@pytest.mark.parametrize("over", ["1w", None])
def test_more_evidence_than_a_finding_names(sizes: list[int], over: str | None) -> None:
    """Late and tied events among those that are named."""
    made = [
        event(
            i, START + (i // 3) * HOUR // 4 - (i % 7 == 0) * 9 * HOUR, f"a{i % 2}", "login",
            device="d1" if i % 11 else "d2", points=i % 4,
        )
        for i in range(600)
    ]  # fmt: skip
    window = {"over": over} if over else {}
    declared = {
        "n": {"count": "login", **window},
        "shared": {"distinct": "account", "by": "device", **window},
        "newest": {"last": "points"},
    }
    one = [policy(declared, "newest < 2 and n > 3 and shared > 0")]
    with desk(one) as here:
        fed(here, made, [(size, end) for size in sizes for end in ("next", "snapshot")])
        assert here.kept == one_replay(one, made)
        most = {name: max(len(f.evidence[name]) for f in here.kept) for name in ("n", "shared")}
        assert most == {"n": MOST_EVIDENCE, "shared": MOST_EVIDENCE}
