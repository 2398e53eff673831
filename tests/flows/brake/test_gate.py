"""Brake: it holds before a customer is told, counts each decision once, and loses nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from habeas import wiring
from habeas.config import Database, Sqlite
from habeas.core.brake import Brake, BrakeState, Closing, Release
from habeas.core.brake.baselines import POLICY, WHOLE
from habeas.core.brake.brakes import BrakeInquiry
from habeas.core.brake.settings import Settings
from habeas.core.brake.terms import LEAST_CAP, Basis, terms_of
from habeas.core.decision import DecisionState
from habeas.core.errors import IllegalMove, InvalidInput, InvalidPolicy
from habeas.core.policy.plans import UNKNOWN
from habeas.flows.appeal.reverse import reverse
from habeas.flows.brake.gate import BrakeGround, Gate
from habeas.flows.brake.release import release, statuses
from habeas.flows.decision.decide import decide, declare
from habeas.flows.decision.tick import tick
from habeas.flows.letter.notify import hand_over
from habeas.ports.brake import read_settings
from habeas.ports.folder import Folder
from habeas.store import brakes, rows
from habeas.store.accounts import account
from habeas.store.brakes import Answered
from habeas.store.commits import commit
from tests.budgets import examples
from tests.core.appeal.casework import DAY, FAY
from tests.flows.brake.braked import HOUR, NAME, WHY, Braked, braked
from tests.flows.deciding import DECIDED_US, DORA, EMIL, decided_shop


@pytest.fixture
def shop(store: Database, tmp_path: Path) -> Braked:
    return braked(tmp_path)


def only(name: str) -> str:
    (one,) = account(name).decisions
    return one


def test_a_letter_too_many_is_not_sent_and_nothing_is_lost(shop: Braked) -> None:
    report = shop.notify()
    assert (report.told, report.held) == ({"measure": 4}, 8)
    assert shop.told() == list(shop.names[:4])
    assert brakes.closed() == {NAME}
    again = shop.at(1)
    assert (again.told, again.held, shop.told()) == ({}, 8, list(shop.names[:4]))
    (closing,) = brakes.turns(NAME)
    assert isinstance(closing, Closing)
    assert closing.causes[0].stream == WHOLE
    assert closing.causes[0].capped
    (status,) = statuses(shop.shop.folder, DECIDED_US)
    assert (status.held, status.wave, status.basis) == (12, "many-returns.1", Basis.PLAN)


def test_staff_are_told_once_by_mail_what_is_to_blame(shop: Braked) -> None:
    shop.notify()
    shop.at(1)
    assert shop.deliver().dead == 0
    (mail,) = [m for m in shop.messages() if m["To"] == "notices@marchand.example"]
    assert mail["Subject"].startswith("A brake is closed")
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    said = " ".join(text.split())
    assert "all decisions: 5 decisions where the plan expected" in said
    assert "habeas wave many-returns.1" in said


def test_what_was_told_is_held_on_its_day_and_reversals_pass(shop: Braked) -> None:
    shop.notify()
    shop.deliver()
    due = DECIDED_US + 15 * DAY
    assert tick(due, folder=shop.shop.folder).moves == {}
    assert tick(due).held == 4  # also without the folder
    done = reverse(only("account 00"), (EMIL,), "the shop miscounted", due)
    assert done.decision.state is DecisionState.REVERSED
    shop.release(hours=15 * 24 + 1)
    assert tick(due + 2 * HOUR, folder=shop.shop.folder).moves == {"TakeForce": 3}


def test_what_was_held_follows_at_a_pace_and_is_no_wave_itself(shop: Braked) -> None:
    shop.notify()
    shop.release(hours=1, pace=2)
    assert shop.at(1).told == {"measure": 1}
    assert shop.at(1).told == {}
    assert shop.at(2.5).told == {"measure": 3}
    assert shop.at(3).told == {"measure": 1}
    report = shop.at(9)
    assert (report.told, report.held, len(shop.told())) == ({"measure": 3}, 0, 12)
    assert brakes.closed() == frozenset()


def test_what_still_waits_for_a_release_is_passed_over_unread(shop: Braked) -> None:
    shop.notify()
    done = shop.release(hours=1, pace=2)
    assert done.open
    shop.at(1)
    gate = Gate(shop.shop.folder, shop.now_us)
    gate.look()
    waiting = [
        d
        for n in shop.names
        for d in account(n).decisions.values()
        if d.state is DecisionState.APPROVED
    ]
    gate.begin(waiting)
    assert not gate.passes_over(NAME, DECIDED_US), "nobody has asked how many may follow"
    assert all(gate.waits(one) for one in waiting)
    assert gate.passes_over(NAME, DECIDED_US)
    assert not gate.passes_over(NAME, shop.now_us + 1), "what is proposed later asks the brake"
    assert shop.at(1).held == len(waiting)


def test_after_a_week_away_a_day_of_them_follows(store: Database, tmp_path: Path) -> None:
    shop = braked(tmp_path, ("DE",) * 40)
    shop.notify()
    shop.release(hours=1, pace=0.5)
    assert shop.at(7 * 24).told == {"measure": 12}


def test_an_emergency_asks_too(store: Database, tmp_path: Path) -> None:
    shop = decided_shop(tmp_path)
    shop.write("brake.yaml", "caps: {'*': 1}\n")
    decide(shop.folder, DECIDED_US)
    one, two = (account(n).decisions[only(n)].reason.finding for n in ("account 0", "account 1"))
    why, later = "a stolen card is in use", DECIDED_US + 1
    assert declare(one, "3", DORA, why, shop.folder, later).state is DecisionState.IN_FORCE
    before = account("account 1").decisions
    for _ in range(2):
        with pytest.raises(IllegalMove, match=r"the brake of many-returns holds it \(law 11\)"):
            declare(two, "3", DORA, why, shop.folder, later)
    assert account("account 1").decisions == before
    assert [type(turn) for turn in brakes.turns(NAME)] == [Closing]
    assert rows.select("SELECT key FROM habeas_outbox") == [("wave many-returns.1",)]


def test_a_notice_by_hand_asks_too(shop: Braked) -> None:
    shop.notify()
    name = only("account 11")
    with pytest.raises(IllegalMove, match=r"the brake of many-returns holds it \(law 11\)"):
        hand_over(shop.teller(), name, "en", DORA, "registered letter")
    assert account("account 11").decisions[name].state is DecisionState.APPROVED
    shop.release(hours=1)
    shop.now_us += HOUR
    assert hand_over(shop.teller(), name, "en", DORA, "registered letter").by_hand


def test_the_segment_to_blame_is_named_and_others_can_go_on(
    store: Database, tmp_path: Path
) -> None:
    countries = ("FR",) * 10 + ("DE",) * 3
    shop = braked(tmp_path, countries, "caps: {country: 4}\n")
    assert shop.notify().told == {"measure": 4}
    (closing,) = brakes.turns(NAME)
    assert isinstance(closing, Closing)
    assert closing.causes[0].stream == ("country", "FR")
    done = shop.release("policy=many-returns@1")  # all of it but what else is to blame
    assert (done.open, done.streams) == (False, (("policy", "many-returns@1"),))
    assert shop.at(12).told == {"measure": 3}
    assert shop.told() == [*shop.names[:4], *shop.names[10:]]
    shop.deliver()
    moved = tick(DECIDED_US + 15 * DAY, folder=shop.shop.folder)
    assert (moved.moves, moved.held) == ({"TakeForce": 3}, 4)


def test_a_brake_that_somebody_else_asked_meanwhile_is_asked_again(shop: Braked) -> None:
    gate, other = (Gate(shop.shop.folder, DECIDED_US) for _ in range(2))
    decision = account("account 00").decision(only("account 00"))
    for one in (gate, other):
        one.begin([decision])
        assert one.lets(decision)
    assert gate.answered()[0].version == other.answered()[0].version
    shop.notify()
    gate.begin([decision])
    assert gate.holds(decision)


def test_without_a_plan_the_floor_is_expected_and_it_says_so(shop: Braked) -> None:
    terms = terms_of("other", BrakeGround.of(shop.shop.folder).plan, Settings())
    assert (WHOLE in terms.forecasts, terms.caps) == (False, {"*": LEAST_CAP})
    (shop.shop.folder.root / "applied.ndjson").unlink()
    gate = Gate(shop.shop.folder, DECIDED_US)
    decision = account("account 00").decision(only("account 00"))
    gate.begin([decision])
    assert gate.lets(decision)
    assert gate.attributes(decision) == {POLICY: "many-returns@1"}
    shut = BrakeState(closing=Closing(DECIDED_US, 1.0, ()))
    commit([], brakes=[Answered(NAME, shut, 0, 0, (Closing(DECIDED_US, 1.0, ()),))])
    (status,) = statuses(shop.shop.folder, DECIDED_US)
    assert status.basis is Basis.FLOOR


def test_events_that_were_moved_away_leave_attributes_unknown(shop: Braked) -> None:
    shop.shop.events.unlink()
    shop.settings("caps: {country: 4}\n")
    assert shop.notify().told == {"measure": 4}
    (closing,) = brakes.turns(NAME)
    assert isinstance(closing, Closing)
    assert closing.causes[0].stream == ("country", UNKNOWN)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("promise: soon\n", "wrong shape"),
        ("caps: {'*': -1}\n", "wrong shape"),
        ("slack: 0.5\n", "wrong shape"),
        ("bin: 7s\n", "does not divide an hour"),
        ("promise: 1d\n", "single decisions would close"),
        (b"\xff", "is not UTF-8"),
    ],
)
def test_bad_settings_are_told(tmp_path: Path, text: str | bytes, said: str) -> None:
    given = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "brake.yaml").write_bytes(given)
    with pytest.raises((InvalidInput, InvalidPolicy), match=said):
        terms_of(NAME, None, read_settings(Folder(tmp_path / ".habeas")))


def test_the_settings_have_defaults(shop: Braked) -> None:
    (shop.shop.root / "brake.yaml").unlink()
    assert read_settings(shop.shop.folder) == Settings()
    assert shop.notify().held == 0


# Properties: random runs of what can happen, in one database.

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("notify"), st.sampled_from([0.0, 0.001, 1.0, 30.0])),
        st.tuples(st.just("tick"), st.sampled_from([1.0, 14.5 * 24])),
        st.tuples(st.just("release"), st.just(0.1)),
        st.tuples(st.just("reverse"), st.just(0.0)),
    ),
    min_size=3,
    max_size=9,
)
QUICK = settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@QUICK
@given(steps=STEPS, cap=st.integers(0, 5))
def test_nothing_restrictive_moves_while_it_is_closed_and_its_wealth_is_in_the_record(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, float]], cap: int
) -> None:
    root = tmp_path_factory.mktemp("life")
    (root / ".habeas").mkdir()
    with wiring.opened(Sqlite(root / ".habeas" / "habeas.sqlite3")):
        shop = braked(root, ("DE", "FR", "FR", "DE", "FR", "DE", "DE"), f"caps: {{'*': {cap}}}\n")
        hours = 0.0
        for what, later in steps:
            hours += later
            _do(shop, what, hours)
        _check(shop)


def _do(shop: Braked, what: str, hours: float) -> None:
    now_us = DECIDED_US + round(hours * HOUR)
    shop.now_us = now_us
    match what:
        case "notify":
            shop.notify()
            shop.deliver()
        case "tick":
            tick(now_us, folder=shop.shop.folder)
        case "release" if NAME in brakes.closed():
            shop.release(hours=hours)
        case "reverse":
            for name in shop.told()[:1]:
                decision = account(name).decisions[only(name)]
                if decision.state in (DecisionState.NOTICED, DecisionState.IN_FORCE):
                    reverse(decision.id, (FAY,), "the shop miscounted", now_us)


MOVES = (
    "SELECT leaf, kind, subject, time_us FROM habeas_decisionmove UNION ALL "
    "SELECT leaf, kind, subject, time_us FROM habeas_brakemove ORDER BY 1"
)


def _check(shop: Braked) -> None:
    ground = BrakeGround.of(shop.shop.folder)
    brake, turns = Brake(ground.terms(NAME)), iter(brakes.turns(NAME))
    decisions = {d.id: d for name in shop.names for d in account(name).decisions.values()}
    gate = Gate(shop.shop.folder, DECIDED_US)
    gate.begin(decisions.values())
    last: Release | None = None
    waiting = [*decisions]  # in the order in which they ask
    for _, kind, subject, time_us in rows.select(MOVES):
        match kind:
            case "Notify":
                assert brake.closed is None
                waiting.remove(subject)
                if last is None:  # what waited for a release does not ask
                    assert brake.ask(
                        BrakeInquiry(time_us, gate.attributes(decisions[subject]))
                    ).passes
            case "TakeForce":
                assert brake.closed is None
            case "Closing":
                recorded = next(turns)
                held = gate.attributes(decisions[waiting[0]])
                assert brake.ask(BrakeInquiry(time_us, held)).closing == recorded
            case "ReleaseRequest":
                next(turns)
            case "Release":
                last = next(turns)  # type: ignore[assignment]
                assert isinstance(last, Release)
                brake.release(last)
                assert (brake.evidence, brake.closed) == (0.0, None)
    kept = brakes.brake(NAME).state
    assert kept is None or kept == brake.state()


def test_a_release_is_refused_while_it_is_open(shop: Braked) -> None:
    shop.settings("slack: 2.0\n")
    shop.notify()
    with pytest.raises(IllegalMove, match="the brake is open"):
        release(NAME, DORA, WHY, shop.shop.folder, DECIDED_US)
