"""Foresee: the plan of a relief, before anybody approves it.

What decisions share is asked of the store (policy, version, time) and of the events that led to
them (type, attributes). Of which it cannot be told they are left out and counted: a person looks
at these (law 9). Accounts are read some hundreds at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from types import MappingProxyType

from habeas.core.appeal import relief
from habeas.core.appeal.rulings import UNDONE
from habeas.core.errors import InvalidInput, NotFound
from habeas.core.policy import Fact
from habeas.core.progress import Progress, silent
from habeas.core.property import SettlementRules
from habeas.core.property.rules import SAFE
from habeas.flows.work import TOGETHER, uncollected
from habeas.ports.attributes import last_known
from habeas.ports.origins import read_origins, read_traits
from habeas.store import findings, reliefs
from habeas.store.accounts import account, account_of, accounts

NO_EVENTS = "the events that led to decisions are needed to tell what they share"
NO_SEGMENTS: Mapping[str, Fact] = MappingProxyType({})
NAME_EVENTS = "name the file that `habeas import` made of them with --events"


def foresee(
    cause: relief.ReliefCause,
    why: str,
    now_us: int,
    *,
    events: Path | None = None,
    segments: Mapping[str, Fact] = NO_SEGMENTS,
    size: int = TOGETHER,
    rules: SettlementRules = SAFE,
    progress: Progress = silent,
) -> relief.Foreseen:
    """Make the plan and keep it under its hash; the same state gives the same plan. `events` is
    needed where the fault speaks of events. What `segments` has is not asked of the event that
    led to a decision, but of the account at that moment, as the brake does. Raises NotFound,
    InvalidInput."""
    fault = _fault(cause, events, segments)
    by_account: defaultdict[str, list[str]] = defaultdict(list)
    for owner, name in reliefs.hit(fault):
        by_account[owner].append(name)
    hit = [*chain.from_iterable(by_account.values())]
    origins = _origins(hit, fault, events, segments)
    names, parts, unsure = sorted(by_account), [], []
    with uncollected():
        for i in range(0, len(names), TOGETHER):
            some = {name: by_account[name] for name in names[i : i + TOGETHER]}
            part, unknown = _part(some, fault, origins, now_us, rules)
            parts.append(part)
            unsure += unknown
            progress(min(i + TOGETHER, len(names)), len(names))
    if not any(part.relieved for part in parts):
        raise _nothing(fault, unsure)
    plan = relief.joined(fault, parts, why=why, size=size)
    reliefs.keep(plan, now_us)
    return relief.Foreseen(plan, tuple(unsure))


def _nothing(fault: relief.Fault, unsure: Sequence[str]) -> NotFound:
    if unsure:
        message = f"of {len(unsure):,} decisions it cannot be told whether they share this fault"
        return NotFound(message, "name events that have their attributes, or share less")
    version = f" version {fault.version}" if fault.version is not None else ""
    where = f"of {fault.policy}{version} " if fault.policy else ""
    return NotFound(
        f"no decision {where}that can be reversed shares this fault",
        "`habeas queue` and `habeas standing ACCOUNT` show what there is",
    )


def _part(
    wanted: Mapping[str, Iterable[str]],
    fault: relief.Fault,
    origins: Mapping[str, relief.Origin],
    now_us: int,
    rules: SettlementRules,
) -> tuple[relief.ReliefPart, list[str]]:
    read = accounts(wanted)
    own = [read[owner].decisions[name] for owner, names in wanted.items() for name in names]
    found = relief.siblings(own, fault, origins)
    part = relief.foreseen(
        found.shared,
        chain.from_iterable(one.decisions.values() for one in read.values()),
        {name: one.custody for name, one in read.items()},
        time_us=now_us,
        rules=rules,
        appeals=chain.from_iterable(one.appeals.values() for one in read.values()),
    )
    return part, [decision.id for decision in found.unsure]


def _origins(
    names: Sequence[str], fault: relief.Fault, events: Path | None, segments: Mapping[str, Fact]
) -> dict[str, relief.Origin]:
    """By the decision's id; none where the fault does not speak of events."""
    if fault.event_type is None and not fault.traits:
        return {}
    if events is None:
        raise InvalidInput(NO_EVENTS, NAME_EVENTS)
    return _read(names, events, [name for name, _ in fault.traits], segments)


def _read(
    names: Sequence[str],
    events: Path,
    traits: Sequence[str],
    segments: Mapping[str, Fact] = NO_SEGMENTS,
) -> dict[str, relief.Origin]:
    led = findings.events_of(names)
    own = [name for name in traits if name not in segments]
    known = read_origins(events, {one.event for one in led.values()}, own)
    found = {name: known[one.event] for name, one in led.items() if one.event in known}
    asked = {name: fact for name, fact in segments.items() if name in traits}
    if not asked:
        return found
    moments = {name: (one.account, one.time_us) for name, one in led.items()}
    told = last_known(events, moments, asked)
    return {n: replace(o, traits={**o.traits, **told[n]}) for n, o in found.items()}


def _fault(
    cause: relief.ReliefCause, events: Path | None, segments: Mapping[str, Fact]
) -> relief.Fault:
    if cause.like is not None:
        return _pointed_to(cause, cause.like, events)
    words = {name: word for name, word in cause.shared if word is not None}
    if len(words) < len(cause.shared):
        raise InvalidInput("an attribute needs a value", "write for example deployment=blue")
    if words and events is None:
        raise InvalidInput(NO_EVENTS, NAME_EVENTS)
    own = {name: word for name, word in words.items() if name not in segments}
    traits = words | (read_traits(events, own) if events is not None else {})
    return relief.Fault(
        cause.policy, cause.version, cause.event_type, tuple(sorted(traits.items())),
        cause.from_us, cause.until_us,
    )  # fmt: skip


def _pointed_to(cause: relief.ReliefCause, name: str, events: Path | None) -> relief.Fault:
    """What a wrong decision points to: its policy in its version, and what a person names of its
    event. Raises NotFound, and InvalidInput where it was not found wrong."""
    decision = account(account_of(name)).decision(name)
    if decision.state not in UNDONE:
        message = f"decision {name} is {decision.state}: nobody found it wrong"
        raise InvalidInput(message, "overturn it by a ruling or `habeas reverse`, then relieve")
    said = (cause.policy, cause.version, cause.event_type, *(word for _, word in cause.shared))
    if any(one is not None for one in said):
        message = "a decision that was wrong says policy, version, type and values itself"
        raise InvalidInput(message, "name attributes without a value, or leave out the decision")
    shared = [attribute for attribute, _ in cause.shared]
    if events is None and not shared:
        fault = relief.Fault(decision.reason.policy, decision.reason.version)
    elif events is None:
        raise InvalidInput(NO_EVENTS, NAME_EVENTS)
    else:
        found = _read([name], events, shared)
        if name not in found:
            message = f"'{events}' does not have the event that led to decision {name}"
            raise NotFound(message, NAME_EVENTS)
        fault = relief.fault_of(decision, found[name], shared)
    return replace(fault, from_us=cause.from_us, until_us=cause.until_us)
