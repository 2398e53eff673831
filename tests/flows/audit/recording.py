"""A sound record in which every table has rows: what a test changes, `verify` must name."""

from __future__ import annotations

from dataclasses import replace

from habeas.core.appeal.appeals import Assign, Attach, Rule, opened
from habeas.core.appeal.approvals import approve
from habeas.core.appeal.cases import case_of, code_of
from habeas.core.appeal.complaints import Complaint, attached
from habeas.core.appeal.rulings import Ruling, Verdict
from habeas.core.brake import Brake, BrakeState, BrakeTerms, Release
from habeas.core.decision import Exemption
from habeas.core.decision.decisions import TakeForce
from habeas.core.decision.proposals import PassedFinding, PassReason
from habeas.core.signal import Burst
from habeas.core.signal.feeds import FeedState, Rise
from habeas.core.signal.signals import ScoredRow
from habeas.flows.log.cosign import cosign
from habeas.flows.log.erase import erase
from habeas.ports.witnesses import given_witness
from habeas.store import brakes, contacts, feeds, outbox, reliefs
from habeas.store.accounts import account
from habeas.store.changes import AccountChange, Message
from habeas.store.commits import commit
from tests import cast
from tests.core.appeal.casework import DAY, DORA, EMIL, FAY, NOW, finding
from tests.ports.witnessing import witnessing
from tests.store.lawful import LATER, STRICT, STRICT_TEXTS, record_lives, suspended, told
from tests.store.sealing import LOG, sealed
from tests.store.test_appeals import yes
from tests.store.test_codec import PLAN

PASSED = 140  # findings that led to nothing: with all else more than 256 leaves, a node of the tree


def record_soundly() -> None:
    """Three seals, and what came after the last; every table has rows, and no law is broken. The
    clock of the seals stands still, so that what is recorded after one is not dated before it."""
    record_lives()
    sealed(NOW)
    _sent_by_mail("dave")
    _heard("eve")
    suspended("gwen")
    commit([_passed("hal")])
    erase("gwen", None, cast.ADA.actor, "she asked", LATER + 4 * DAY)
    _beside()
    sealed(NOW + 1)
    with witnessing(str(LOG.verifier)) as server:
        cosign([given_witness(server.url, server.vkey)])
    suspended("ivy")
    sealed(NOW + 2)
    commit([told("kim")], STRICT_TEXTS)


def _sent_by_mail(name: str) -> None:
    """His notice went by mail; it took force, and he is exempt from the next time."""
    change = told(name)
    (notice,) = change.notices
    message = Message(f"mail {notice.id}", "mail", {"notice": notice.id})
    other = Message(f"webhook {notice.id}", "webhook", {"notice": notice.id})
    sends = replace(change, notices=(replace(notice, by_hand=""),), messages=(message, other))
    commit([sends], STRICT_TEXTS)
    mail, *_ = outbox.claim(NOW)
    assert outbox.sent(mail, "250 OK", NOW)
    change = AccountChange.of(account(name), LATER).moved(f"d {name}", TakeForce(LATER))
    commit([change.exempted(Exemption(name, STRICT.name, "a fault of ours", LATER + DAY))])
    contacts.save([contacts.Contact(name, "dave@example.com", "en")], NOW)


def _heard(name: str) -> None:
    """She came in by her door and sent two files; her suspension was upheld."""
    suspended(name)
    case = case_of(f"R {name}", name, (f"d {name}",), code_of(b"0123456789"))
    commit([AccountChange.of(account(name), LATER).opens(case)])
    read = account(name)
    slip, photo = (attached(n, c) for n, c in FILES.items())
    sent = Complaint(case.reference, name, case.decisions, "Here is the slip.", (slip,))
    made, _ = opened(sent, [*read.decisions.values()], [], LATER + DAY)
    assert made is not None
    change = (
        AccountChange.of(read, LATER + DAY)
        .appealed(made)
        .heard(made.id, Attach(LATER + DAY, photo))
        .keeps(*FILES.values())
    )
    ruling = Ruling(f"d {name}", Verdict.UPHOLD, "The slip is of another parcel.")
    heard = change.heard(made.id, Assign(LATER + DAY, EMIL))
    commit([heard.heard(made.id, Rule(LATER + DAY, EMIL, (ruling,)))])


FILES = {"slip.pdf": b"%PDF-1.7 a slip", "photo.jpg": b"\xff\xd8\xff a photo"}


def _passed(name: str) -> AccountChange:
    change = AccountChange.of(account(name), LATER)
    for number in range(PASSED):
        one = finding(0, name=f"f {number} {name}", account=name, policy=STRICT)
        passed = PassedFinding(one.id, name, STRICT.name, PassReason.SHADOW)
        change = change.found(one).passes(passed)
    return change


def _beside() -> None:
    """What is of no account: a relief plan, a brake, a feed that told of a burst."""
    reliefs.keep(PLAN, NOW)
    first = approve(PLAN, (), yes(DORA), ())
    reliefs.approved(PLAN.hash, (), first)
    reliefs.approved(PLAN.hash, first, approve(PLAN, first, yes(FAY), ()))
    release = Release(NOW, (DORA, EMIL), "the sale is on")
    state = Brake(BrakeTerms(promise_us=365 * DAY), BrakeState()).state()
    commit([], brakes=[brakes.Answered(STRICT.name, state, 0, 0, (release,))])
    known, row = FeedState(NOW, DAY), ScoredRow(NOW, 9.0, 1.0, 0.999)
    rise = Rise(NOW, Burst(NOW, NOW, NOW, 9.0, 1.0, 0.999))
    tells = Message("wave posts 0", "mail", {"wave": "posts 0"})
    update = feeds.FeedUpdate(feeds.StoredFeed("posts"), known, [row], [rise], [tells])
    feeds.commit(update, NOW)
