"""A brake to test with: its terms, decisions that ask it, and people who release it."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import strategies as st

from habeas.core.brake import Brake, BrakeTerms, Release
from habeas.core.brake.baselines import WHOLE, Hours, Stream
from habeas.core.brake.brakes import BrakeInquiry, BrakeState
from habeas.core.decision import Actor
from habeas.core.policy.plans import HOUR, HOURS
from habeas.core.times import SECOND
from tests import cast

MINUTE = HOUR // 60
DAY = 24 * HOUR
WEEK = 7 * DAY
START = 1_523_232_000_000_000  # Monday, 9 April 2018, 00:00 UTC
DORA, EMIL, ROBOT = cast.DORA.actor, cast.EMIL.actor, Actor("worker", False)
VERSIONS = ("returns@3", "sharing@1")


def flat(a_day: float) -> Hours:
    return (a_day / 24,) * HOURS


def terms(a_day: float = 240.0, **more: object) -> BrakeTerms:
    """Two policy versions in two countries, each with half of the whole."""
    parts: dict[Stream, Hours] = {WHOLE: flat(a_day)}
    parts |= {("policy", v): flat(a_day / 2) for v in VERSIONS}
    parts |= {("country", c): flat(a_day / 2) for c in ("DE", "FR")}
    given = {"attributes": ("policy", "country"), "forecasts": parts}
    given |= {"promise_us": 30 * DAY, "bin_us": SECOND}
    return BrakeTerms(**given | more)  # type: ignore[arg-type]


def asked(time_us: int, policy: str = "returns@3", country: str | None = "FR") -> BrakeInquiry:
    return BrakeInquiry(START + time_us, {"policy": policy, "country": country})


def flooded(brake: Brake, time_us: int = 0, policy: str = "returns@3", country: str = "FR") -> int:
    """How many pass, one a second, before it closes; 100 where it does not."""
    ones = (asked(time_us + n * SECOND, policy, country) for n in range(100))
    return next((n for n, one in enumerate(ones) if not brake.ask(one).passes), 100)


def released(time_us: int = HOUR, *streams: Stream) -> Release:
    return Release(START + time_us, (DORA, EMIL), "checked by hand: a sale ended", streams)


TIMES = st.one_of(
    st.integers(0, 3 * MINUTE), st.integers(0, 2 * DAY), st.integers(-WEEK, 60 * WEEK)
)
POLICIES = st.sampled_from([*VERSIONS, "late@1", *(f"v@{n}" for n in range(4))])
ONE = st.builds(asked, TIMES, POLICIES, st.sampled_from(["DE", "FR", "XX", None, ""]))
BURST = st.tuples(ONE, st.integers(1, 40)).map(lambda b: [b[0]] * b[1])
LATER = 90 * WEEK  # than all of them
RECORDS = st.lists(BURST, max_size=12).map(lambda bursts: [one for b in bursts for one in b])


def fold(
    terms: BrakeTerms, records: Iterable[BrakeInquiry | Release], state: BrakeState | None = None
) -> Brake:
    """The brake as the recorded stream leaves it, from the start or from a saved state."""
    brake = Brake(terms, state)
    for record in records:
        match record:
            case BrakeInquiry():
                brake.ask(record)
            case Release():
                brake.release(record)
    return brake
