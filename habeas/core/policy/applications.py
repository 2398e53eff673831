"""Applications: a plan is put in force by the people who answer for it, one record each (law 7).

A shadow decides nothing, and one person puts it in force. A canary and what is enforced take two:
both give the same command, one after the other, and the second makes it an application. A team of
one says so, and the record says it too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from habeas.core.errors import IllegalMove
from habeas.core.policy.plans import Mode


@dataclass(frozen=True, slots=True)
class AppliedPolicy:
    """One policy version in force, and the hash of its text."""

    policy: str
    version: int
    outcome: str
    text_hash: str


@dataclass(frozen=True, slots=True)
class ApplyRequest:
    """The first of two people asks for the plan of this hash; `by` is a staff id."""

    time_us: int
    by: str
    plan: str


@dataclass(frozen=True, slots=True)
class Application:
    """The plan is in force from here on: who put it there, and which policies. `alone` says that
    the team has one person only."""

    time_us: int
    by: tuple[str, ...]
    plan: str
    mode: Mode
    policies: tuple[AppliedPolicy, ...]
    alone: bool = False


ApplyMove = ApplyRequest | Application


def last(moves: Iterable[ApplyMove]) -> Application | None:
    """What is in force."""
    found = [m for m in moves if isinstance(m, Application)]
    return found[-1] if found else None


def texts(moves: Iterable[ApplyMove]) -> frozenset[str]:
    """The hashes of all policy texts that were ever put in force."""
    found = (m for m in moves if isinstance(m, Application))
    return frozenset(p.text_hash for m in found for p in m.policies)


def agreed(
    moves: Iterable[ApplyMove],
    asked: ApplyRequest,
    mode: Mode,
    policies: tuple[AppliedPolicy, ...],
    *,
    alone: bool,
) -> ApplyMove:
    """What follows when somebody asks: the request itself while a second person is missing, else
    the application by both. Raises IllegalMove where the same person asks again."""
    open_requests: dict[str, None] = {}
    for move in moves:
        if isinstance(move, Application):
            open_requests = {}
        elif move.plan == asked.plan:
            open_requests[move.by] = None
    others = tuple(by for by in open_requests if by != asked.by)
    single = mode is Mode.SHADOW or alone
    if not others and not single:
        if asked.by in open_requests:
            hint = "another person gives the same command (law 7)"
            raise IllegalMove(f"{asked.by} asked for this plan already", hint)
        return asked
    by = (asked.by,) if single else (others[0], asked.by)
    only = alone and mode is not Mode.SHADOW
    return Application(asked.time_us, by, asked.plan, mode, policies, only)


def too_few(moves: Iterable[ApplyMove]) -> Iterable[str]:
    """Applications by fewer people than law 7 asks for, as sentences."""
    for move in moves:
        if not isinstance(move, Application) or move.mode is Mode.SHADOW or move.alone:
            continue
        if len(set(move.by)) < 2:
            yield f"plan {move.plan[:12]} was put in force by {', '.join(move.by) or 'nobody'}"
