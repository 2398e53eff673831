"""Fetch: accounts as they are recorded, decoded and folded from birth and moves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from habeas.core.custody import Custody
from habeas.core.decisions import Decision, Event, step
from habeas.core.errors import NotFound
from habeas.core.holdings import Holding
from habeas.core.proposals import Exemption
from habeas.core.settlement import Settlement, applied
from habeas.store.changes import Account
from habeas.store.codec import decoded, read
from habeas.store.rows import select_in

OPEN = False  # the brake: what is recorded did take force

# The version comes first: where somebody commits between two of these questions, it is too old,
# and the commit that rests on it is refused.
VERSIONS = "SELECT name, version FROM habeas_account WHERE name IN ({names})"
TEXTS = (
    "SELECT r.{key}, t.text FROM habeas_{table} r JOIN habeas_leaftext t ON t.leaf = r.leaf "
    "WHERE r.{by} IN ({{names}}) ORDER BY r.leaf"
)
BIRTHS = TEXTS.format(table="decision", key="account", by="account")
ONE_BY_ONE = TEXTS.format(table="decision", key="account", by="id")
MOVES = TEXTS.format(table="decisionmove", key="subject", by="subject")
EXEMPTIONS = TEXTS.format(table="exemption", key="account", by="account")
INVENTORIES = (
    "SELECT r.account, r.version, t.text FROM habeas_inventory r "
    "JOIN habeas_leaftext t ON t.leaf = r.leaf WHERE r.account IN ({names}) AND r.version = "
    "(SELECT max(version) FROM habeas_inventory n WHERE n.account = r.account)"
)
SETTLEMENTS = (
    "SELECT r.account, r.version, t.text FROM habeas_settlement r "
    "JOIN habeas_leaftext t ON t.leaf = r.leaf WHERE r.account IN ({names}) ORDER BY r.leaf"
)


def account(name: str) -> Account:
    """An account that nothing is recorded on is empty and has version 0."""
    return accounts([name])[name]


def accounts(names: Iterable[str]) -> dict[str, Account]:
    """Many accounts, by name, with a few questions for each 500 of them."""
    named = sorted(set(names))
    versions: dict[str, int] = dict(select_in(VERSIONS, named))
    decisions = _by_account(BIRTHS, named)
    moves = moves_of([d for own in decisions.values() for d in own])
    exemptions: defaultdict[str, list[Exemption]] = defaultdict(list)
    for name, text in select_in(EXEMPTIONS, named):
        exemptions[name].append(decoded(read(text), Exemption))
    custodies = _custodies(named)
    return {
        name: Account(
            name,
            versions.get(name, 0),
            {d: folded(born, moves[d]) for d, born in decisions[name].items()},
            {d: len(moves[d]) for d in decisions[name]},
            tuple(exemptions[name]),
            custodies.get(name, Custody(())),
        )
        for name in named
    }


def _by_account(sql: str, names: Sequence[str]) -> defaultdict[str, dict[str, Decision]]:
    found: defaultdict[str, dict[str, Decision]] = defaultdict(dict)
    for name, text in select_in(sql, names):
        born: Decision = decoded(read(text), Decision)
        found[name][born.id] = born
    return found


def moves_of(decisions: Sequence[str]) -> defaultdict[str, list[Event]]:
    """The events of decisions, by id, in their order."""
    found: defaultdict[str, list[Event]] = defaultdict(list)
    for name, text in select_in(MOVES, decisions):
        found[name].append(decoded(read(text)["event"], Event))
    return found


def folded(born: Decision, events: Iterable[Event]) -> Decision:
    """The decision after its events. They go through the same door as when they were made, so
    that what reads is checked: IllegalMove is a fault of the database."""
    for event in events:
        born = step(born, event, brake_closed=OPEN)
    return born


def _custodies(names: Sequence[str]) -> dict[str, Custody]:
    """What the platform reported last, with the settlements since then on top."""
    since: defaultdict[str, int] = defaultdict(int)
    found: dict[str, Custody] = {}
    for name, version, text in select_in(INVENTORIES, names):
        since[name] = version
        found[name] = Custody(decoded(read(text)["holdings"], tuple[Holding, ...]))
    for name, version, text in select_in(SETTLEMENTS, names):
        one: Settlement = decoded(read(text), Settlement)
        custody = found.get(name, Custody(()))
        holdings: Any = custody.holdings
        if version >= since[name]:
            holdings = applied(holdings, one)
        found[name] = Custody(holdings, (*custody.recorded, one))
    return found


def account_of(decision: str) -> str:
    """The account that a decision is on. Raises NotFound."""
    for name, _ in select_in(ONE_BY_ONE, [decision]):
        return str(name)
    raise NotFound(
        f"there is no decision {decision}", "`habeas queue` lists those that wait for a person"
    )
