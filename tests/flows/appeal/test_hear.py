"""Appeals from the door of the notice to the ruling carried out, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from habeas.core.appeal import AppealState, Ruling, Verdict
from habeas.core.appeal.appeals import DeclineReason
from habeas.core.appeal.cases import case_of
from habeas.core.appeal.reversal import proved, snapshot
from habeas.core.appeal.rulings import Lesser
from habeas.core.decision import Actor, DecisionState
from habeas.core.decision.decisions import TakeForce
from habeas.core.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from habeas.core.policy import Measure
from habeas.flows.appeal import hear
from habeas.flows.appeal.hear import AppealForm, complain
from habeas.store import commits, ledger
from habeas.store.accounts import account
from habeas.store.attachments import file
from habeas.store.changes import Account, AccountChange
from habeas.store.commits import commit
from habeas.store.rows import select
from tests.core.appeal.casework import DAY, DORA, EMIL, FAY, decision
from tests.store.life import LATER, TEXTS, proposed, suspended

pytestmark = pytest.mark.usefixtures("store")
CODE, DECISION = "8WF2-Q0ZD-7K3M-X9TR", "d boris"
SENT = AppealForm("C-1", CODE, "I was in hospital; my brother sent these back.")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
NOW = LATER + 3 * DAY
WHY = "The parcels were returned by the carrier."


def hit(**changes: object) -> Account:
    """Boris, suspended and told; his account as it was before that took force."""
    case = replace(case_of("C-1", "boris", (DECISION,), CODE), **changes)  # type: ignore[arg-type]
    commit([proposed().opens(case)], TEXTS)
    before = account("boris")
    commit([suspended(before)])
    return before


def opened() -> str:
    intake = complain(SENT, NOW)
    assert intake.appeal is not None
    return intake.appeal.id


def taken() -> str:
    name = opened()
    hear.assign(name, EMIL, NOW + 1)
    return name


def ruling(verdict: Verdict, lesser: Lesser | None = None) -> list[Ruling]:
    return [Ruling(DECISION, verdict, WHY, lesser)]


def messages() -> list[str]:
    return [key for (key,) in select("SELECT key FROM habeas_outbox ORDER BY id")]


def differences(before: Account, now_us: int) -> tuple[str, ...]:
    """Law 6, from what the database has."""
    after = account("boris")
    none: tuple[()] = ()
    was = snapshot("boris", none, before.custody.holdings, opening(), LATER)
    others = [d for d in after.decisions.values() if d.id != DECISION]
    now = snapshot("boris", others, after.custody.holdings, ledger.entries("boris"), now_us)
    return proved(was, now)


def opening() -> list[object]:
    from tests.core.property import owned

    return list(owned.opening(owned.BORIS, "boris"))


def test_an_appeal_needs_no_account_but_the_reference_and_the_code_of_the_notice() -> None:
    hit()
    intake = complain(replace(SENT, files=(("slip.png", PNG),), hardship=True), NOW)
    assert intake.appeal is not None
    assert (intake.appeal.state, intake.declined) == (AppealState.OPEN, ())
    assert account("boris").appeal(intake.appeal.id) == intake.appeal
    assert file(intake.appeal.attachments[0].sha256) == PNG
    seen = hear.look("C-1", CODE, NOW + 1)
    assert seen.appeals == (intake.appeal,)
    assert [notice.text for notice in seen.notices] == ["Nous avons suspendu votre compte."]


@pytest.mark.parametrize(("reference", "code"), [("C-1", "WRONG"), ("C-2", CODE), ("", "")])
def test_what_does_not_open_a_case_is_told_alike(reference: str, code: str) -> None:
    hit()
    with pytest.raises(Forbidden, match="this code does not open case"):
        complain(replace(SENT, reference=reference, code=code), NOW)


def test_who_guesses_is_stopped_and_the_customer_comes_in_an_hour_later() -> None:
    hit()
    for _ in range(5):
        with pytest.raises(Forbidden, match="does not open"):
            complain(replace(SENT, code="0000"), NOW)
    with pytest.raises(Forbidden, match="too many"):
        complain(SENT, NOW)
    assert complain(SENT, NOW + DAY).appeal is not None


def test_a_code_opens_one_appeal_and_adds_to_it() -> None:
    hit()
    name = opened()
    with pytest.raises(Forbidden, match="has opened its appeal"):
        complain(SENT, NOW + 1)
    hear.attach("C-1", CODE, [("slip.png", PNG)], NOW + 2)
    assert [a.name for a in account("boris").appeal(name).attachments] == ["slip.png"]
    with pytest.raises(IllegalMove, match="there already"):
        hear.attach("C-1", CODE, [("again.png", PNG)], NOW + 3)
    assert hear.withdraw("C-1", CODE, NOW + 4).state is AppealState.WITHDRAWN


def test_files_that_are_not_taken_in_leave_no_appeal() -> None:
    hit()
    with pytest.raises(InvalidInput, match=r"evil\.svg is 'unknown'"):
        complain(replace(SENT, files=(("evil.svg", b"<svg\x00>"),)), NOW)
    with pytest.raises(InvalidInput, match="says nothing"):
        complain(replace(SENT, text=" "), NOW)
    assert complain(SENT, NOW).appeal is not None  # the code was not used up


def files() -> int:
    found: int = select("SELECT count(*) FROM habeas_attachment")[0][0]
    return found


def test_what_is_refused_leaves_no_file(store: None) -> None:
    """Neither of an appeal that was not opened nor of files that were not taken; nor when tried
    again."""
    hit()
    large = tuple((f"{i}.txt", b"%d" % i + b"a" * (9 * 2**20)) for i in range(6))
    sent = replace(SENT, files=(("slip.png", PNG),))
    for _ in range(2):
        with pytest.raises(InvalidInput, match="at most 50 MiB together"):
            complain(replace(SENT, files=large), NOW)
        assert complain(replace(sent, decisions=("none",)), NOW).appeal is None
        with pytest.raises(NotFound, match="no appeal yet"):
            hear.attach("C-1", CODE, sent.files, NOW)
        assert files() == 0
    opened()
    for _ in range(2):
        with pytest.raises(IllegalMove, match="at most 50 MiB together"):
            hear.attach("C-1", CODE, large, NOW + 1)
        with pytest.raises(IllegalMove, match="there already"):
            hear.attach("C-1", CODE, [*sent.files, ("again.png", PNG)], NOW + 1)
        assert files() == 0
    hear.attach("C-1", CODE, sent.files, NOW + 1)
    hear.withdraw("C-1", CODE, NOW + 2)
    with pytest.raises(IllegalMove, match="no longer open"):
        hear.attach("C-1", CODE, [("new.png", PNG + b"1")], NOW + 3)
    assert files() == 1


def test_a_code_opens_the_decisions_of_its_own_notice_only() -> None:
    hit()
    other = decision(Measure.WARN, "d2", account="boris")
    commit([AccountChange.of(account("boris"), NOW).proposed(other)])
    intake = complain(replace(SENT, decisions=(DECISION, "d2", "none")), NOW)
    assert intake.appeal is not None
    assert intake.appeal.decisions == (DECISION,)
    assert {d.decision: d.why for d in intake.declined} == {
        "d2": DeclineReason.UNKNOWN,
        "none": DeclineReason.UNKNOWN,
    }


def test_trap_whoever_approved_does_not_rule() -> None:
    hit()
    name = opened()
    with pytest.raises(IllegalMove, match="law 7"):
        hear.assign(name, DORA, NOW + 1)
    with pytest.raises(IllegalMove, match="is no person"):
        hear.assign(name, Actor("robot", person=False), NOW + 1)
    hear.assign(name, EMIL, NOW + 1)
    with pytest.raises(IllegalMove, match="assigned to"):
        hear.rule(name, ruling(Verdict.UPHOLD), FAY, NOW + 2)
    assert hear.rule(name, ruling(Verdict.UPHOLD), EMIL, NOW + 3).appeal.state is AppealState.RULED


def test_trap_a_granted_appeal_gives_everything_back_in_the_same_commit() -> None:
    before = hit()
    name = taken()
    ruled = hear.rule(name, ruling(Verdict.OVERTURN), EMIL, NOW + 2)
    assert (ruled.left, ruled.appeal.restored) == ((), {DECISION})
    assert account("boris").standing(NOW + 5).stands is None
    assert differences(before, ruled.appeal.latest_us) == ()
    assert account("boris").decision(DECISION).state is DecisionState.REVERSED
    assert ruled.alike == {DECISION: 0}


def test_a_lesser_measure_is_proposed_and_the_first_one_is_undone() -> None:
    before = hit()
    name = taken()
    ruled = hear.rule(name, ruling(Verdict.LESSER, Lesser(Measure.WARN, 0)), EMIL, NOW + 2)
    after = account("boris")
    new = [d for d in after.decisions.values() if d.id != DECISION]
    assert [(d.measure, d.state) for d in new] == [(Measure.WARN, DecisionState.PROPOSED)]
    assert differences(before, ruled.appeal.latest_us) == ()


def test_upholding_changes_nothing_and_a_second_appeal_is_refused_with_its_reason() -> None:
    hit()
    name = taken()
    standing = account("boris").standing(NOW + 2)
    hear.rule(name, ruling(Verdict.UPHOLD), EMIL, NOW + 2)
    assert account("boris").standing(NOW + 2) == standing
    renew()
    again = complain(SENT, NOW + 9)
    assert again.appeal is None
    assert [(d.why, d.appeal) for d in again.declined] == [(DeclineReason.RULED, name)]


def renew() -> None:
    from habeas.store.appeals import case_of

    fresh = replace(case_of("C-1"), used_us=None)
    commit([AccountChange.of(account("boris"), NOW).opens(fresh)])


def test_trap_a_new_measure_does_not_close_an_open_appeal() -> None:
    hit()
    name = taken()
    warned = decision(Measure.WARN, "d2", account="boris")
    commit([AccountChange.of(account("boris"), NOW + 2).proposed(warned)])
    assert account("boris").appeal(name).state is AppealState.IN_REVIEW
    ruled = hear.rule(name, ruling(Verdict.OVERTURN), EMIL, NOW + 3)
    assert ruled.appeal.restored == {DECISION}


def test_interim_relief_frees_the_account_until_the_ruling() -> None:
    hit()
    name = taken()
    assert account("boris").standing(NOW).suspended
    hear.ease(name, FAY, "he cannot pay his rent", NOW + 2)
    assert not account("boris").standing(NOW + 3).suspended
    hear.rule(name, ruling(Verdict.UPHOLD), EMIL, NOW + 4)
    assert account("boris").standing(NOW + 5).suspended


def test_the_reviewer_sees_the_notice_the_complaint_and_who_cannot_rule() -> None:
    hit()
    pack = hear.evidence(opened())
    assert (pack.text, pack.barred) == (SENT.text, (DORA,))
    (exhibit,) = pack.exhibits
    assert exhibit.notice == "Nous avons suspendu votre compte."
    assert exhibit.missing == ()


def test_one_verdict_is_for_all_but_what_is_upheld() -> None:
    hit()
    name = opened()
    assert hear.take(name, EMIL, NOW + 1).appeal == name
    ruled = hear.rule_whole(name, Verdict.OVERTURN, WHY, EMIL, NOW + 2, upheld=[DECISION])
    assert ruled.appeal.rulings == tuple(ruling(Verdict.UPHOLD))
    assert account("boris").standing(NOW + 5).suspended


def test_people_are_told_once_of_what_is_late() -> None:
    hit()
    name = opened()
    start = messages()
    for days, expected in ((4, (0, 0)), (5, (1, 0)), (6, (0, 0)), (15, (0, 1)), (16, (0, 0))):
        report = hear.overdue(NOW + days * DAY)
        assert (report.reminded, report.escalated) == expected
    assert messages()[len(start) :] == [
        f"appeal {name} reminded 1 open",
        f"appeal {name} escalated 1 open",
    ]


def test_there_is_no_such_appeal() -> None:
    with pytest.raises(NotFound, match="no appeal a1"):
        hear.assign("a1", EMIL, NOW)


WRITES: list[tuple[str, Callable[[str], object]]] = [
    ("assign", lambda name: hear.assign(name, FAY, NOW + 5)),
    ("ease", lambda name: hear.ease(name, FAY, "rent", NOW + 5)),
    ("rule", lambda name: hear.rule(name, ruling(Verdict.OVERTURN), EMIL, NOW + 5)),
]


class Crash(Exception):
    pass


@pytest.mark.parametrize(("what", "write"), WRITES)
def test_a_crash_at_any_write_leaves_nothing_and_the_same_again_does_it_once(
    what: str, write: Callable[[str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    hit()
    name = taken()
    before, told = account("boris"), messages()
    crashes = 0
    while crashes < 30:
        left = crashes

        def broken(*args: object, real: Callable[..., object]) -> object:
            nonlocal left
            if not left:
                raise Crash
            left -= 1
            return real(*args)

        with monkeypatch.context() as patched:
            for step in ("insert", "upsert", "execute_many"):
                real = getattr(commits.rows, step)
                patched.setattr(
                    commits.rows, step, lambda *args, real=real: broken(*args, real=real)
                )
            try:
                write(name)
            except Crash:
                crashes += 1
                assert (account("boris"), messages()) == (before, told)
                continue
        break
    assert crashes > 3, what
    assert len(messages()) - len(told) == (what == "rule")


def test_what_takes_force_meanwhile_is_seen_by_the_ruling() -> None:
    """Somebody commits between the reading and the writing of a ruling: it is decided anew."""
    hit()
    name = taken()
    second = decision(
        Measure.SUSPEND, "d9", account="boris", state=DecisionState.NOTICED, approvers=(DORA,),
        approved_us=NOW, noticed_us=NOW - 30 * DAY, notice="n9", proposed_us=NOW - 31 * DAY,
    )  # fmt: skip
    commit([AccountChange.of(account("boris"), NOW + 1).proposed(second)])
    commit([AccountChange.of(account("boris"), NOW + 2).moved("d9", TakeForce(NOW + 2))])
    ruled = hear.rule(name, ruling(Verdict.OVERTURN), EMIL, NOW + 3)
    assert ruled.appeal.restored == {DECISION}
    assert account("boris").standing(NOW + 4).suspended  # by the other one
