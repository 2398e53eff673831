"""Lives that keep every law, for the tests of what finds that one was broken."""

from __future__ import annotations

from dataclasses import replace

from habeas.core.appeal import Ruling, Verdict
from habeas.core.appeal.appeals import Assign, Rule, opened
from habeas.core.appeal.complaints import Complaint
from habeas.core.decision.decisions import Approve, Notify, Reverse, TakeForce
from habeas.core.policy import Measure
from habeas.core.policy.applications import Application, AppliedPolicy
from habeas.core.policy.plans import Mode
from habeas.store import plans
from habeas.store.accounts import account
from habeas.store.changes import AccountChange, Notice
from habeas.store.commits import commit
from tests.core.appeal.casework import DAY, DORA, EMIL, FAY, NOW, POLICY, decision, finding, reason
from tests.core.property.owned import BORIS
from tests.core.samples import policy_from
from tests.staffing import hire
from tests.store.life import opened as entries_of

LATER = NOW + 14 * DAY
SAID = "I never sent these back."
RULED = "The terminal counted his returns twice."
TOLD = "Nous avons suspendu votre compte <b>aujourd'hui</b>."


# Its first step suspends
LADDER = POLICY.text[POLICY.text.index("  - {measure: warn}") : POLICY.text.index("notice:")]
STRICT = policy_from(
    POLICY.text.replace(LADDER, "  - {measure: suspend, for: 30d, review: person}\n")
)
STRICT_TEXTS = {STRICT.text_hash: STRICT.text}


def told(name: str) -> AccountChange:
    """Found, proposed as the first step, approved by Dora, told."""
    why = replace(reason(f"f {name}"), outcome=STRICT.outcome, text_hash=STRICT.text_hash)
    made = decision(Measure.SUSPEND, f"d {name}", account=name, index=0, reason=why, review=True)
    text = f"{TOLD} {name}"
    notice = Notice(f"n {name}", made.id, "statement", "fr", text, by_hand="by post (dora)")
    return (
        AccountChange.of(account(name), NOW)
        .found(finding(0, name=f"f {name}", account=name, policy=STRICT))
        .reported(tuple(BORIS), entries_of(name))
        .proposed(made)
        .moved(made.id, Approve(NOW, DORA))
        .told(notice)
        .moved(made.id, Notify(NOW, f"n {name}"))
    )


def suspended(name: str) -> None:
    commit([told(name)], STRICT_TEXTS)
    commit([AccountChange.of(account(name), LATER).moved(f"d {name}", TakeForce(LATER))])


def appealed(name: str) -> str:
    """The customer complains, Emil hears it, and overturns."""
    read = account(name)
    complaint = Complaint(f"R {name}", name, (f"d {name}",), SAID)
    made, _ = opened(complaint, [*read.decisions.values()], [], LATER + DAY)
    assert made is not None
    ruling = Ruling(f"d {name}", Verdict.OVERTURN, RULED)
    change = (
        AccountChange.of(read, LATER + DAY).appealed(made).heard(made.id, Assign(LATER + DAY, EMIL))
    )
    commit([change.heard(made.id, Rule(LATER + DAY, EMIL, (ruling,)))])
    return made.id


def restored(name: str) -> None:
    event = Reverse(LATER + 2 * DAY, (EMIL, FAY), RULED)
    commit([AccountChange.of(account(name), LATER + 2 * DAY).moved(f"d {name}", event)])


def open_for_work() -> None:
    """The staff is here, and two of them put the policy in force."""
    hire()
    named = AppliedPolicy(STRICT.name, STRICT.version, STRICT.outcome, STRICT.text_hash)
    made = Application(2, ("fay", "gus"), "p" * 64, Mode.ENFORCE, (named,))
    plans.record(made, 0, STRICT_TEXTS)


def record_lives() -> None:
    """Boris was suspended and had it reversed; Chen is suspended; Aline waits for her notice."""
    open_for_work()
    suspended("boris")
    appealed("boris")
    restored("boris")
    suspended("chen")
    change = told("aline")
    commit([replace(change)], STRICT_TEXTS)
