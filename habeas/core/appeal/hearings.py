"""Hearings: what the reviewer of an appeal is given, and what the customer is told of the ruling.

The evidence pack has all on which the decision rests and all that the customer said, and names
what is missing. The notice of the ruling names the ways that are left (DSA article 20(5))."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from habeas.core.appeal.appeals import Appeal, AppealState
from habeas.core.appeal.complaints import Attachment
from habeas.core.appeal.rulings import Ruling
from habeas.core.decision import Actor, Decision
from habeas.core.errors import IllegalMove, InvalidInput


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One decision under appeal. `notice` is the statement of reasons word for word, None where
    none was sent; `missing` are events of its evidence that the log no longer has, a point for
    the customer (law 9)."""

    decision: Decision
    notice: str | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """All that a reviewer needs, and who cannot be the reviewer (law 7). `others` are the other
    decisions on the account and `earlier` its other appeals, the oldest first."""

    appeal: str
    text: str
    attachments: tuple[Attachment, ...]
    due_us: int
    exhibits: tuple[Exhibit, ...]
    others: tuple[Decision, ...]
    earlier: tuple[Appeal, ...]
    barred: tuple[Actor, ...]


def pack(
    appeal: Appeal,
    decisions: Sequence[Decision],
    appeals: Sequence[Appeal],
    notices: Mapping[str, str],
    events: Collection[str],
) -> Pack:
    """The pack for the reviewer. `decisions` and `appeals` are all that there are on the account,
    `notices` are texts by id, `events` the ids that the log has. Raises InvalidInput where a
    decision of the appeal is not given."""
    found = {d.id: d for d in decisions if d.account == appeal.account}
    if lost := [name for name in appeal.decisions if name not in found]:
        raise InvalidInput(f"the decision {lost[0]} is not there")
    ruled_on = [found[name] for name in appeal.decisions]
    others = [d for d in found.values() if d.id not in appeal.decisions]
    mine = [a for a in appeals if a.account == appeal.account and a.id != appeal.id]
    return Pack(
        appeal=appeal.id,
        text=appeal.text,
        attachments=appeal.attachments,
        due_us=appeal.due_us,
        exhibits=tuple(_exhibit(d, notices, events) for d in ruled_on),
        others=tuple(sorted(others, key=lambda d: (d.proposed_us, d.id))),
        earlier=tuple(sorted(mine, key=lambda a: (a.opened_us, a.id))),
        barred=_barred(ruled_on),
    )


def _exhibit(decision: Decision, notices: Mapping[str, str], events: Collection[str]) -> Exhibit:
    missing = tuple(sorted(e for e in decision.reason.events if e not in events))
    return Exhibit(decision, notices.get(decision.notice or ""), missing)


def _barred(decisions: Sequence[Decision]) -> tuple[Actor, ...]:
    said_yes = {actor for d in decisions for actor in d.approvers}
    declared = {d.emergency.by for d in decisions if d.emergency}
    return tuple(sorted(said_yes | declared, key=lambda a: (a.name, a.person)))


@dataclass(frozen=True, slots=True)
class Redress:
    """A way that is left: a certified body of out-of-court settlement, a court, an authority."""

    name: str
    address: str  # of its page
    out_of_court: bool


@dataclass(frozen=True, slots=True)
class RulingNotice:
    """What the notice of a ruling says. The reviewer is not named; that it was a person who had
    not taken the decision is said (article 20(6))."""

    reference: str
    account: str
    ruled_us: int
    rulings: tuple[Ruling, ...]
    redress: tuple[Redress, ...]
    by_person: bool = True


def ruling_notice(appeal: Appeal, redress: Sequence[Redress]) -> RulingNotice:
    """Raises IllegalMove before there is a ruling and while what it gives back is not back, and
    InvalidInput where no body of out-of-court settlement is named (articles 20(5) and 21)."""
    if appeal.ruled_us is None or appeal.state not in (AppealState.RULED, AppealState.ANSWERED):
        raise IllegalMove(f"appeal {appeal.id} is {appeal.state}; there is no ruling to tell")
    if missing := sorted(appeal.granted - appeal.restored):
        raise IllegalMove(f"{missing[0]} was not restored yet", "restore it, then tell")
    if not any(way.out_of_court for way in redress):
        raise InvalidInput(
            "no body of out-of-court settlement is named",
            "name one that is certified under DSA article 21",
        )
    return RulingNotice(
        appeal.reference, appeal.account, appeal.ruled_us, appeal.rulings, tuple(redress)
    )
