"""What a brake says of itself: to people in each language, and to programs."""

from __future__ import annotations

from dataclasses import replace

from habeas.core.brake import BrakeStatus, Closing, Release, ReleaseRequest
from habeas.core.brake.baselines import WHOLE
from habeas.core.brake.brakes import BrakeCause, waiting
from habeas.core.brake.releases import joined
from habeas.core.brake.terms import Basis
from tests.core.brake.braking import DORA, EMIL, START

CAUSE = BrakeCause(("country", "FR"), 0.625, 1204, 2.5, START, Basis.PLAN)
LEARNED = replace(CAUSE, stream=WHOLE, basis=Basis.LEARNED, seen=5, capped=True)


def test_a_cause_in_each_language() -> None:
    assert CAUSE.times == 481.6
    assert (
        str(CAUSE)
        == CAUSE.words("en")
        == (
            "country FR: 1,204 decisions where the plan expected 2.5, 482 times as many "
            "(62.5% of the evidence)"
        )
    )
    assert LEARNED.words("en") == (
        "all decisions: 5 decisions where no plan; learned is 2.5, 2 times as many "
        "(62.5% of the evidence), above its hard cap"
    )
    assert CAUSE.words("fr").startswith("country FR, 1")
    assert CAUSE.words("fr").endswith("décisions au lieu de 2,5 prévues, 482 fois plus")
    assert LEARNED.words("fr") == (
        "toutes les décisions, 5 décisions au lieu de 2,5 attendues sans plan, 2 fois plus, "
        "au-delà de son plafond"
    )


def test_a_closing_names_all_its_causes() -> None:
    closing = Closing(START, 9.0, (CAUSE, LEARNED))
    assert str(closing) == closing.words("en") == f"{CAUSE}; {LEARNED}"
    assert closing.words("fr") == f"{CAUSE.words('fr')}; {LEARNED.words('fr')}"


def test_a_cause_as_json() -> None:
    assert LEARNED.as_json() == {
        "segment": "all decisions", "seen": 5, "expected": 2.5, "times": 2.0, "share": 0.625,
        "basis": "learned", "capped": True,
    }  # fmt: skip


OPEN = BrakeStatus(
    "returns", None, "", 1.5, 9.0, Basis.PLAN, 0.5, 0, (), "", ("country",), 20
)  # fmt: skip


def test_a_status_as_json() -> None:
    assert OPEN.as_json() == {
        "policy": "returns", "closed": False, "wave": None, "since_us": None, "causes": (),
        "released": [], "waits_for_second": None, "evidence_s": 1.5, "promise_s": 9.0,
        "expected_this_hour": 0.5, "basis": "plan", "watched": ["country"], "cap_per_hour": 20,
        "held": 0,
    }  # fmt: skip
    closed = replace(
        OPEN, closing=Closing(START, 9.0, (CAUSE,)), wave="returns.1", held=3, waits="dora",
        released=(("country", "DE"),),
    )  # fmt: skip
    assert closed.as_json() == OPEN.as_json() | {
        "closed": True, "wave": "returns.1", "since_us": START, "causes": (CAUSE,),
        "released": ["country DE"], "waits_for_second": "dora", "held": 3,
    }  # fmt: skip


def test_the_last_turn_waits_and_for_the_same_streams_only() -> None:
    asked = ReleaseRequest(START, DORA, "a sale", (("country", "FR"),))
    closing = Closing(START, 9.0, (CAUSE,))
    done = Release(START, (DORA, EMIL), "a sale", asked.streams)
    assert waiting([closing, asked], asked.streams) is asked
    assert waiting([closing, asked], ()) is None
    assert waiting([], asked.streams) is None
    for later in (closing, done):
        assert waiting([asked, later], asked.streams) is None


def test_of_two_paces_the_one_that_is_named() -> None:
    first = ReleaseRequest(1, DORA, "a sale", (), None)
    assert joined(first, replace(first, by=EMIL, pace=4.0)).pace == 4.0
    assert joined(replace(first, pace=4.0), replace(first, by=EMIL)).pace == 4.0
