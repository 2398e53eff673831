"""April 2018, told again: a policy with a real fault hits hundreds of accounts in a night.

The story that must not happen again, on both databases: this time everyone is told before, with
the reason and what becomes of what they own; Chen, who cannot log in, appeals by the letter; a
person who did not decide it rules; Chen has everything back exactly; so have all whom the same
fault hit, by one plan of two people; and the old rule does not fire again.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from habeas.core.appeal import Ruling, Verdict
from habeas.core.appeal.relief import ReliefCause
from habeas.core.appeal.reversal import Snapshot, proved, snapshot
from habeas.core.decision import DecisionState
from habeas.core.decision.standing import RIGHTS
from habeas.core.errors import Forbidden, IllegalMove
from habeas.core.money import Money
from habeas.core.property.holdings import Balance, Licence, Membership
from habeas.flows.appeal import hear, relieve
from habeas.flows.appeal.foresee import foresee
from habeas.flows.audit.verify import verify
from habeas.flows.audit.verify_findings import FindingSource
from habeas.flows.decision.decide import approve, decide
from habeas.flows.decision.tick import tick
from habeas.flows.log.proof import proofs
from habeas.flows.property import holdings
from habeas.store import attachments, ledger
from habeas.store.accounts import account, accounts
from habeas.store.decisions import waiting
from tests import ROOT, cast
from tests.flows.deciding import force
from tests.flows.letter.telling import PLATFORM, Told, reach
from tests.flows.shop import DAY_US, SCHEMA, START_US, Shop, event, open_shop
from tests.store.sealing import LOG, sealed

DORA, EMIL, FAY = (person.actor for person in (cast.DORA, cast.EMIL, cast.FAY))
NOW = START_US + 400 * DAY_US
HIT = [*cast.FAMILY, *(f"member {n}" for n in range(12))]
SPARED = cast.ALINE.account
WITH_SCAN = SCHEMA.replace(
    "  login:  {attributes",
    "  return_scan: {attributes: [country], title: {en: scans of returns, fr: scans de retours}}\n"
    "  login:  {attributes",
)
POLICY = """\
policy: many-returns
version: {version}
title: {{en: Excessive returns, fr: Retours excessifs}}
clause: {{ref: "Conditions of Use 4.2", en: You may not send back most of what you buy., fr: Vous ne
  pouvez pas renvoyer la plupart de vos achats.}}
facts:
  orders:  {{count: order, over: 365d}}
  returns: {{count: {counted}, over: 365d}}
when: orders >= 10 and returns / orders > 0.5
ladder:
  - {{measure: suspend, for: 30d, review: person}}
notice: 14d
disclose: [orders, returns]
dsa: {{ground: incompatible, category: OTHER_VIOLATION_TC}}
"""
FAULTY = POLICY.format(version=2, counted="[return, return_scan]")  # each return counts twice
MENDED = POLICY.format(version=3, counted="return")


def history() -> list[dict[str, Any]]:
    """Ten orders each; the family of Chen and others sent back three in ten, scanned on arrival;
    Aline none; Boris eight."""
    records = []
    returned = dict.fromkeys(HIT, 3) | {SPARED: 0, cast.BORIS.account: 8}
    for name, count in returned.items():
        for day in range(10):
            records.append(event(f"{name} o{day}", name, "order", 100 + day, country="FR"))
        for day in range(count):
            records.append(event(f"{name} r{day}", name, "return", 120 + day, country="FR"))
            scan = event(f"{name} s{day}", name, "login", 120.5 + day, country="FR")
            records.append({**scan, "type": "return_scan"})
    return sorted(records, key=lambda one: one["time"])


def owned(name: str) -> list[Any]:
    year = 365 * DAY_US
    return [
        Balance(f"wallet {name}", "EUR", 20_00),
        Balance(f"card {name}", "EUR", 50_00, card=True),
        Membership(f"prime {name}", Money(49_00, "EUR"), year, year // 2, NOW - year // 2),
        Licence(f"books {name}", Money(9_99, "EUR")),
    ]


@dataclass
class Marketplace:
    told: Told

    @property
    def shop(self) -> Shop:
        return self.told.shop

    def at(self, days: float) -> int:
        """The time so many days later; the worker does its rounds then."""
        self.told.now_us = NOW + round(days * DAY_US)
        return self.told.now_us

    def works(self, days: float) -> None:
        now_us = self.at(days)
        self.told.notify()
        self.told.deliver()
        tick(now_us)
        hear.overdue(now_us)

    def news(self) -> list[str]:
        """What those who work here were told."""
        return [str(m["Subject"]) for m in self.told.messages() if "notices@" in str(m["To"])]

    def letters_to(self, name: str) -> list[EmailMessage]:
        address = f"<{name.replace(' ', '.')}@mail.example>"
        sent = self.told.messages()
        mine = [m for m in sent if address.strip("<>") in str(m["To"])]
        return sorted(mine, key=lambda m: m["Date"].datetime)  # type: ignore[attr-defined]


@pytest.fixture
def marketplace(tmp_path: Path, store: object) -> Marketplace:
    shop = open_shop(tmp_path)
    shop.write("events.yaml", WITH_SCAN)
    shop.put(FAULTY)
    shop.write("platform.yaml", PLATFORM)
    shop.take_all(history())
    everyone = [*HIT, SPARED, cast.BORIS.account]
    for name in everyone:
        holdings.report(name, owned(name), NOW - DAY_US)
    reach(*everyone)
    force(shop, now_us=NOW - DAY_US)
    return Marketplace(Told(shop, NOW))


def as_now(name: str, now_us: int, without: str = "") -> Snapshot:
    """All that law 6 speaks of, from the database; `without` is left out of it."""
    read = account(name)
    kept = [d for d in read.decisions.values() if d.id != without]
    return snapshot(name, kept, read.custody.holdings, ledger.entries(name), now_us)


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def door(mail: EmailMessage) -> tuple[str, str]:
    """The case reference and the code, as a person reads them in the letter."""
    text = text_of(mail)
    code = re.search(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b", text)
    reference = re.search(r"(?i:reference)[^A-Z0-9]*([A-Z0-9][A-Z0-9-]+)", text)
    assert code is not None
    assert reference is not None
    return reference[1], code[0]


CHEN = cast.CHEN.account
REASONS = "Each return was counted twice: once sent, once scanned."


def test_april_2018_does_not_happen_again(marketplace: Marketplace) -> None:
    before = {name: as_now(name, NOW) for name in HIT}
    decided = a_rule_with_a_fault_hits_many_and_nothing_happens_yet(marketplace)
    letter = all_are_told_before_it_takes_force(marketplace, decided)
    what_they_own_is_kept_while_it_is_in_force(marketplace)
    appeal = chen_appeals_by_the_letter(marketplace, letter)
    ruled_us = another_person_rules(marketplace, appeal, decided[CHEN])
    chen_has_everything_back(marketplace, before[CHEN], decided[CHEN], ruled_us)
    so_have_all_whom_the_fault_hit(marketplace)
    each_is_told_once(marketplace)
    the_old_rule_does_not_fire_again(marketplace)
    the_log_is_sound_and_proves_it(marketplace, decided[CHEN])


def a_rule_with_a_fault_hits_many_and_nothing_happens_yet(place: Marketplace) -> dict[str, str]:
    report = decide(place.shop.folder, NOW)
    assert report.decisions == len(HIT) + 1
    assert account(CHEN).standing(NOW).stands is None
    decided = {one.account: one.decision for one in waiting()}
    assert sorted(decided) == sorted([*HIT, cast.BORIS.account])
    return decided


def all_are_told_before_it_takes_force(place: Marketplace, decided: dict[str, str]) -> EmailMessage:
    """Dora believes the figures, and approves."""
    for name in decided.values():
        approve(name, DORA, place.at(0.1))
    place.works(0.2)
    (letter,) = place.letters_to(CHEN)
    said = text_of(letter)
    for word in ("Conditions of Use 4.2", "You may not send back", "returns", "30 days"):
        assert word in said
    assert account(CHEN).standing(place.at(14)).stands is None
    return letter


def what_they_own_is_kept_while_it_is_in_force(place: Marketplace) -> None:
    place.works(15)
    stands = account(CHEN).standing(place.at(15.1))
    assert stands.suspended
    assert stands.rights == RIGHTS
    held = {h.id: h for h in account(CHEN).custody.holdings}
    wallet, prime = held[f"wallet {CHEN}"], held[f"prime {CHEN}"]
    assert isinstance(wallet, Balance)
    assert (wallet.free, wallet.held) == (0, 20_00)
    assert isinstance(prime, Membership)
    assert prime.next_charge_us is None
    assert account(SPARED).standing(place.at(15.1)).stands is None


def chen_appeals_by_the_letter(place: Marketplace, letter: EmailMessage) -> str:
    """Chen cannot log in. The letter is enough; a guess is not."""
    reference, code = door(letter)
    with pytest.raises(Forbidden):
        hear.complain(hear.AppealForm(reference, "0000-0000-0000-0000", "?"), place.at(16))
    slip = ("slip.txt", b"Carrier's receipt: three parcels, not six.")
    sent = hear.AppealForm(reference, code, "I sent back three of ten, not six.", (slip,))
    intake = hear.complain(sent, place.at(16))
    assert intake.appeal is not None
    (file,) = hear.evidence(intake.appeal.id, place.shop.events).attachments
    assert attachments.file(file.sha256) == slip[1]
    return intake.appeal.id


def another_person_rules(place: Marketplace, appeal: str, decision: str) -> int:
    """Who approved it does not rule. Emil counts the parcels."""
    with pytest.raises(IllegalMove, match="law 7"):
        hear.assign(appeal, DORA, place.at(16.1))
    hear.assign(appeal, EMIL, place.at(16.2))
    ruling = Ruling(decision, Verdict.OVERTURN, REASONS)
    ruled = hear.rule(appeal, [ruling], EMIL, place.at(17))
    assert ruled.left == ()
    assert ruled.alike == {decision: len(HIT)}  # Boris among them: a person will look
    return ruled.appeal.latest_us


def chen_has_everything_back(
    place: Marketplace, before: Snapshot, decision: str, ruled_us: int
) -> None:
    """As if it had never been: the membership with the time that it had when it was paused."""
    after = as_now(CHEN, ruled_us, without=decision)
    paused = replace(before, now_us=NOW + 15 * DAY_US)
    assert proved(paused, after) == ()
    assert account(CHEN).standing(place.at(17.1)).stands is None
    place.works(17.1)
    assert REASONS in text_of(place.letters_to(CHEN)[-1])
    assert sorted(place.news()) == [
        "An appeal waits for a reviewer",
        "An appeal was ruled on and carried out",
    ]


def so_have_all_whom_the_fault_hit(place: Marketplace) -> None:
    """One plan, and two people."""
    cause = ReliefCause(policy="many-returns", version=2)
    plan = foresee(cause, REASONS, place.at(18), events=place.shop.events).plan
    assert plan.preview.decisions == len(HIT)
    with pytest.raises(IllegalMove):
        relieve.apply(plan.hash, place.at(18.1))
    relieve.approve(plan.hash, EMIL, place.at(18.2))
    relieve.approve(plan.hash, FAY, place.at(18.3))
    relieved = relieve.apply(plan.hash, place.at(18.4))
    assert (relieved.left, relieved.failed) == (0, {})
    for one in accounts([*HIT, cast.BORIS.account]).values():
        assert one.standing(place.at(18.5)).stands is None
        assert {d.state for d in one.decisions.values()} == {DecisionState.REVERSED}
    assert relieve.apply(plan.hash, place.at(18.6)).reversed == 0  # once


def each_is_told_once(place: Marketplace) -> None:
    """A notice, and an apology or the answer to the appeal."""
    place.works(18.7)
    place.works(18.8)
    counts = {name: len(place.letters_to(name)) for name in HIT}
    assert counts == dict.fromkeys(HIT, 2)
    assert place.letters_to(SPARED) == []


def the_old_rule_does_not_fire_again(place: Marketplace) -> None:
    """Nothing comes of what was overturned. The mended rule finds Boris alone; that rests in part
    on what was overturned, so that a person looks at him first."""
    assert decide(place.shop.folder, place.at(19)).decisions == 0
    place.shop.put(MENDED)
    force(place.shop, now_us=place.at(19.5))
    mended = decide(place.shop.folder, place.at(20))
    assert (mended.findings, mended.decisions, mended.approved) == (1, 1, 0)
    assert [one.account for one in waiting()] == [cast.BORIS.account]


def the_log_is_sound_and_proves_it(place: Marketplace, decision: str) -> None:
    """Gus believes what he can recompute: the laws, the findings from the events, and a proof that
    a script without Habeas checks."""
    sealed()
    given = FindingSource(place.shop.root / "policies", place.shop.events)
    report = verify(LOG.verifier, given)
    assert {c.name: c.problems for c in report.checks if c.wrong} == {}
    looked = {c.name: c.looked_at for c in report.checks}
    assert looked["reversal is exact"] > len(HIT)
    file = place.shop.write("proof.json", json.dumps(proofs(decision, LOG.verifier).as_json()))
    script = ROOT / "examples" / "check_proof.py"
    words = [sys.executable, "-I", str(script), str(file), str(LOG.verifier)]
    done = subprocess.run(words, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Each return was counted twice" in done.stdout
