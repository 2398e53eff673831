"""Bets: one stream's wealth, step by step, and the book of all streams."""

from __future__ import annotations

from dataclasses import replace

import pytest

from habeas.core.brake import Brake, BrakeTerms
from habeas.core.brake.baselines import NEW, WHOLE, Stream
from habeas.core.brake.bets import Book, Wealth
from habeas.core.brake.brakes import BrakeInquiry
from habeas.core.brake.terms import Basis
from habeas.core.policy.plans import HOUR
from habeas.core.times import SECOND
from tests.core.brake.braking import DAY, MINUTE, START, asked, flat, released, terms

BETS = (1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0)
TODAY = START // DAY
FR: Stream = ("country", "FR")


def bet(stream: Stream = WHOLE, **given: object) -> Wealth:
    """As it is in the first hour, a decision every six minutes expected; bins of a minute."""
    made = Wealth(stream, **given)  # type: ignore[arg-type]
    made.enter(TODAY * 24, terms(240.0, bin_us=MINUTE))
    return made


def test_a_stream_learns_from_the_seven_days_before() -> None:
    days = [[TODAY - 8, 1000], [TODAY - 7, 50], [TODAY - 1, 118], [TODAY, 1000]]
    made = Wealth(("policy", "new@1"), days=days, in_hour=9)
    ground = BrakeTerms(30 * DAY, slack=2.0, bin_us=MINUTE)
    made.enter(TODAY * 24, ground)
    assert (made.allowed, made.basis, made.in_hour) == (2.0 / 60, Basis.LEARNED, 0)
    assert made.shrink == tuple(1 / (1 + (k - 1) * 2.0 / 60) for k in BETS)
    made.in_hour, made.days[2][1] = 9, 0
    made.enter(TODAY * 24, ground)
    assert (made.allowed, made.in_hour) == (2.0 / 60, 9), "within an hour nothing changes"
    made.enter(TODAY * 24 + 1, ground)
    assert made.allowed == pytest.approx(2.0 * 50 / 168 / 60)
    made.enter((TODAY + 1) * 24, ground)
    assert made.allowed == pytest.approx(2.0 * 1000 / 168 / 60)


def test_what_a_decision_adds_in_its_bin_is_there_when_it_ends() -> None:
    made = bet()
    begun = made.place(7.0)
    m = 1.75 * 10 / 60
    assert made.bets == pytest.approx([7.0 / (1 + (k - 1) * m) for k in BETS])
    assert begun == pytest.approx(sum(made.bets)) == pytest.approx(made.evidence)
    one, two = made.add(START), made.add(START)
    assert one == two == pytest.approx(sum(7.0 * (k - 1) / (1 + (k - 1) * m) for k in BETS))
    before = made.evidence
    assert before == pytest.approx(begun + one + two)
    assert (made.count, made.in_hour, made.seen, made.since_us) == (2, 2, 2, START)
    made.settle()
    assert sum(made.bets) == pytest.approx(before)
    assert made.count == 0
    made.settle()
    assert sum(made.bets) == pytest.approx(before), "a bin without decisions pays nothing"


def test_rest_is_so_many_bins_without_decisions_one_by_one() -> None:
    slow, fast = (bet(bets=[float(n) for n in range(7)], seen=9, due=0.5) for _ in range(2))
    for _ in range(20):
        slow.place(3.0)
    fast.rest(20, 3.0)
    assert fast.bets == pytest.approx(slow.bets, rel=1e-12)
    assert fast.due == pytest.approx(slow.due) == pytest.approx(0.5 + 20 * fast.allowed)


def test_a_run_is_over_when_as_many_were_due_as_came() -> None:
    made = bet()
    made.place(1.0)
    assert (made.seen, made.due) == (0, 0.0), "none was seen, and none is due"
    made.add(START)
    assert (made.seen, made.since_us, made.due) == (1, START, made.allowed)
    made.add(START + MINUTE)
    assert (made.seen, made.since_us) == (2, START), "of the same run"
    made.rest(int(1.9 / made.allowed) - 1, 1.0)
    assert made.seen == 2
    made.rest(2, 1.0)
    assert (made.seen, made.due) == (0, 0.0)
    exact = bet(seen=1, due=0.0, allowed=0.0)
    exact.allowed = 0.25
    exact.rest(4, 1.0)
    assert (exact.seen, exact.due) == (0, 0.0), "as many as were due is no excess"
    made.add(START + HOUR)
    assert (made.seen, made.since_us) == (1, START + HOUR)


def test_eight_days_are_kept_to_learn_from() -> None:
    made = bet()
    for day in range(20):
        made.learn(TODAY + day)
        made.learn(TODAY + day)
    assert made.days == [[TODAY + day, 2] for day in range(12, 20)]


def test_a_restart_leaves_what_was_learned_and_nothing_else() -> None:
    made = bet(bets=[1.0] * 7, edge=2.0, count=3, in_hour=4, seen=5, due=6.0, since_us=7,
               born_us=8, paid_us=9, days=[[TODAY, 2]])  # fmt: skip
    made.in_hour = 4
    made.restart()
    empty = replace(bet(), since_us=7, days=[[TODAY, 2]])
    assert made == empty


def test_a_copy_shares_nothing() -> None:
    made = bet(days=[[TODAY, 2]])
    other = made.copied()
    assert other == made
    other.place(1.0)
    other.learn(TODAY)
    assert made == bet(days=[[TODAY, 2]])


def test_the_cap_counts_an_hour_of_the_clock_over_its_bins() -> None:
    ground = terms(24_000.0, bin_us=MINUTE, caps={"country": 30})
    brake = Brake(ground)
    assert all(brake.ask(asked(HOUR - MINUTE)).passes for _ in range(30))
    assert all(brake.ask(asked(HOUR + n * MINUTE)).passes for n in range(30)), "another hour"
    resumed = Brake(ground, brake.state())
    for one in (brake, resumed):
        assert not one.ask(asked(HOUR + 40 * MINUTE)).passes
        assert one.closed
        assert one.closed.causes[0].stream == FR


def counted(ground: BrakeTerms, streams: int, minute: int = 0) -> Book:
    book = Book(ground, (), None, 0.0, None)
    book.move(START // ground.bin_us + minute)
    for n in range(streams):
        book.add([("policy", f"v@{n}")])
    return book


def test_what_comes_when_there_are_too_many_streams_is_new() -> None:
    ground = BrakeTerms(10**6 * DAY, bin_us=MINUTE)
    book = counted(ground, 2010)
    assert len(book.wealth) == 2_000
    assert ("policy", "v@1997") in book.wealth
    assert ("policy", "v@1998") not in book.wealth
    assert book.wealth["policy", NEW].count == 2010, "in its first bin, each counts as new as well"
    (pool,) = book.add([("policy", "v@1999")])
    assert pool.stream == ("policy", NEW)
    own, pool = book.add([("policy", "v@1")])
    assert (own.stream, own.count, pool.stream) == (("policy", "v@1"), 2, ("policy", NEW))
    book.move(book.now + 1)
    (own,) = book.add([("policy", "v@1")])
    assert own.stream == ("policy", "v@1"), "from its second bin on it bets itself"


def test_a_stake_is_half_for_the_whole_and_the_rest_in_equal_parts() -> None:
    ground = terms(240.0, bin_us=MINUTE, promise_us=10**6 * DAY)
    book = Book(ground, (), None, 0.0, None)
    book.move(START // MINUTE)
    others = len(book.wealth) - 1
    assert others == 6  # two versions, two countries, and the new ones of each
    for wealth in book:
        share = 0.5 if wealth.stream == WHOLE else 0.5 / others
        assert wealth.bets[0] == pytest.approx(60 / 7 * share / (1 + 0.5 * wealth.allowed))
    alone = Book(replace(ground, attributes=(), forecasts={WHOLE: flat(1.0)}), (), None, 0.0, None)
    alone.move(START // MINUTE)
    (only,) = alone
    assert only.bets[0] == pytest.approx(60 / 7 * 0.5 / (1 + 0.5 * only.allowed))


def test_a_stream_that_no_plan_foresaw_is_dropped_after_seven_days_of_rest() -> None:
    ground = BrakeTerms(10**6 * DAY, bin_us=HOUR)
    for days, there in ((7, True), (8, False)):
        book = counted(ground, 1)
        book.learn([book.wealth["policy", "v@0"]])
        assert book.wealth["policy", "v@0"].days == [[TODAY, 1]]
        book.move(book.now + 24 * days)
        assert (("policy", "v@0") in book.wealth) == there
        assert {WHOLE, ("policy", NEW)} <= book.wealth.keys()
    book = counted(ground, 1)
    book.move(book.now + 23)
    assert ("policy", "v@0") in book.wealth, "once a day"
    book.move(book.now + 1)
    assert ("policy", "v@0") not in book.wealth, "it let nothing through"


def test_what_is_dropped_is_no_evidence() -> None:
    book = counted(BrakeTerms(30 * DAY, bin_us=HOUR), 1)
    for _ in range(500):
        book.add([("policy", "v@0")])
    book.move(book.now + 1)
    for _ in range(500):
        book.add([("policy", "v@0")])
    book.move(book.now + 24)
    assert ("policy", "v@0") not in book.wealth
    assert 0 < book.evidence <= sum(w.evidence for w in book) <= book.total() * (1 + 1e-9)


SHORT = {"promise_us": DAY // 10, "floor": 100.0, "bin_us": MINUTE}  # so that little sleeps


def test_evidence_is_what_all_streams_have_but_for_those_that_sleep() -> None:
    brake = Brake(terms(240.0, **SHORT))
    for n in (0, 1, 1, 5, 90, 200):
        assert brake.ask(asked(n * MINUTE)).passes
        whole = sum(w.evidence for w in brake.state().wealth)
        assert whole - 0.001 * brake.terms.promise <= brake.evidence <= whole * (1 + 1e-12)
    assert whole <= brake.look(START + 200 * MINUTE) * (1 + 1e-12)
    assert brake.evidence > 100
    held = brake.evidence
    brake.state().wealth[0].bets[0] = 1e9
    assert brake.evidence == held, "a state shares nothing with it"
    assert Brake(brake.terms, brake.state()).evidence == held


@pytest.mark.parametrize(("back", "late"), [(1, 1), (10, 1), (11, 1), (3600, 1)])
def test_a_clock_a_little_behind_counts_in_the_bin_that_is_open(back: int, late: int) -> None:
    brake = Brake(terms())
    assert all(brake.ask(asked(HOUR)).passes for _ in range(2)), "in one bin, neither is late"
    assert brake.ask(asked(HOUR - back * SECOND)).passes
    state = brake.state()
    opened = HOUR if back <= 10 else HOUR - back * SECOND
    assert (state.bin_us, state.late) == (START + opened, late)


def test_a_first_decision_is_never_late() -> None:
    brake = Brake(terms())
    assert brake.ask(BrakeInquiry(0, {})).passes
    assert (brake.state().late, brake.state().bin_us) == (0, 0)


def test_a_release_forgets_the_bin_and_all_evidence() -> None:
    brake = Brake(terms())
    while brake.ask(asked(0)).passes:
        pass
    brake.release(released())
    state = brake.state()
    assert (state.bin_us, state.evidence, brake.evidence) == (None, 0.0, 0.0)
    assert all(w.paid_us is None and w.count == 0 for w in state.wealth)


def test_a_new_stream_changes_the_stakes_of_all_from_the_next_bin_on() -> None:
    """Of those that sleep as well: what they slept is paid by the stakes of then."""
    book = Book(BrakeTerms(30 * DAY, ("policy", "country"), bin_us=MINUTE), (), None, 0.0, None)
    book.move(START // MINUTE)
    book.move(START // MINUTE + 10)
    book.add([("policy", "v@0")])
    book.move(START // MINUTE + 11)
    book.total()
    pool = book.wealth["country", NEW]
    each = 60 / 7 * 0.5
    for found, k in zip(pool.bets, BETS, strict=True):
        exact = 0.0
        for stake in [each / 2] * 11 + [each / 3]:
            exact = (exact + stake) / (1 + (k - 1) * pool.allowed)
        assert found == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("given", [{}, SHORT])
def test_a_brake_that_is_resumed_goes_on_as_if_it_had_not_been(given: dict[str, object]) -> None:
    """To the last digit, with streams that sleep and streams that do not."""
    ground = terms(240.0, **({"bin_us": MINUTE} | given))
    kept = Brake(ground)
    saved = Brake(ground)
    steps = ((0, "FR"), (0, "FR"), (0, "FR"), (2, "NZ"), (3, "FR"), (40, "NZ"), (1500, "DE"))
    for minute, country in steps:
        one = asked(minute * MINUTE, country=country)
        assert saved.ask(one).passes == kept.ask(one).passes
        assert saved.state() == kept.state()
        saved = Brake(ground, saved.state())
        assert saved.state() == kept.state()


def test_a_rest_pays_each_hour_by_its_own_forecast() -> None:
    rising = tuple(float(hour) for hour in range(168))
    ground = BrakeTerms(30 * DAY, (), {WHOLE: rising}, MINUTE)
    slow, fast = (Book(ground, (), None, 0.0, None) for _ in range(2))
    for book in (slow, fast):
        book.move(START // MINUTE)
        book.add([])
    for minute in range(1, 301):
        slow.move(START // MINUTE + minute)
        slow.total()
    fast.move(START // MINUTE + 300)
    fast.total()
    ((one,), (two,)) = slow, fast
    assert two.bets == pytest.approx(one.bets, rel=1e-12)
    assert (two.hour, two.allowed) == (one.hour, one.allowed) == (START // HOUR + 5, 1.75 * 5 / 60)


def test_what_rests_longer_than_two_weeks_starts_again() -> None:
    for longer, seen in ((0, 60), (1, 0)):
        book = counted(BrakeTerms(30 * DAY, bin_us=HOUR), 60)
        assert book.wealth["policy", NEW].seen == 60
        book.move(book.now + 1 + 2 * 168 + longer)
        book.total()
        assert book.wealth["policy", NEW].seen == seen, "24 were due meanwhile"


@pytest.mark.parametrize(("part", "counts"), [(0.0019, True), (0.00105, True), (0.00095, False)])
def test_who_has_less_than_a_thousandth_of_the_promise_sleeps(part: float, counts: bool) -> None:
    ground = BrakeTerms(30 * DAY, (), {WHOLE: flat(24.0)}, SECOND)
    kept = Wealth(WHOLE, bets=[part * ground.promise / 7] * 7, paid_us=START)
    book = Book(ground, [kept], START, 0.0, 1)
    book.move(START // SECOND + 1)
    assert (book.evidence > 0) == counts
    assert book.total() > 0


def test_one_stream_beside_the_whole_has_all_of_the_other_half() -> None:
    book = Book(BrakeTerms(30 * DAY, bin_us=MINUTE), (), None, 0.0, None)
    book.move(START // MINUTE)
    pool = book.wealth["policy", NEW]
    assert len(book.wealth) == 2
    assert pool.bets[0] == pytest.approx(60 / 7 * 0.5 / (1 + 0.5 * pool.allowed))


def test_after_a_release_every_stream_bets_again_from_its_first_bin_on() -> None:
    used, fresh = Brake(terms()), Brake(terms())
    while used.ask(asked(0)).passes:
        pass
    used.release(released())
    for brake in (used, fresh):
        assert brake.ask(asked(HOUR)).passes
    now_us = START + HOUR + 30 * MINUTE
    assert used.look(now_us) == pytest.approx(fresh.look(now_us), rel=1e-12)
