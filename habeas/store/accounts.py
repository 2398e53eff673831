"""Fetch: accounts as they are recorded, decoded and folded from birth and moves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

from habeas.core.appeal import Appeal, appeals
from habeas.core.decision import Decision, DecisionMove, Exemption
from habeas.core.decision.decisions import moved
from habeas.core.errors import NotFound
from habeas.core.property import Custody, Holding, Settlement
from habeas.core.property.settlement import applied
from habeas.store.changes import Account
from habeas.store.codec import decoded, read
from habeas.store.recorded import CustomerWords, named
from habeas.store.rows import select, select_in

# The version comes first: where somebody commits between two of these questions, it is too old,
# and the commit that rests on it is refused.
VERSIONS = (
    "SELECT account, max(version) FROM habeas_commit WHERE account IN ({names}) GROUP BY account"
)
TEXTS = (
    "SELECT r.{key}, t.text FROM habeas_{table} r JOIN habeas_leaftext t ON t.leaf = r.leaf "
    "WHERE r.{by} IN ({{names}}) ORDER BY r.leaf"
)
BIRTHS = TEXTS.format(table="decision", key="account", by="account")
MOVES = TEXTS.format(table="decisionmove", key="subject", by="subject")
HEARINGS = TEXTS.format(table="appealmove", key="subject", by="subject")
APPEALS = (
    "SELECT r.account, t.text, w.text FROM habeas_appeal r "
    "JOIN habeas_leaftext t ON t.leaf = r.leaf LEFT JOIN habeas_leaftext w ON w.leaf = r.words "
    "WHERE r.account IN ({names}) ORDER BY r.leaf"
)
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
    complaints = born_appeals(named)
    hearings = hearings_of([a for own in complaints.values() for a in own])
    return {
        name: Account(
            name=name,
            version=versions.get(name, 0),
            decisions={d: reduce(moved, moves[d], born) for d, born in decisions[name].items()},
            moves={d: len(moves[d]) for d in decisions[name]}
            | {a: len(hearings[a]) for a in complaints[name]},
            exemptions=tuple(exemptions[name]),
            custody=custodies.get(name, Custody(())),
            appeals={
                a: reduce(appeals.moved, hearings[a], born) for a, born in complaints[name].items()
            },
        )
        for name in named
    }


def _by_account(sql: str, names: Sequence[str]) -> defaultdict[str, dict[str, Decision]]:
    found: defaultdict[str, dict[str, Decision]] = defaultdict(dict)
    for name, text in select_in(sql, names):
        born: Decision = decoded(read(text), Decision)
        found[name][born.id] = born
    return found


def moves_of(decisions: Sequence[str]) -> defaultdict[str, list[DecisionMove]]:
    """The events of decisions, by id, in their order."""
    return _events(MOVES, decisions, DecisionMove)


def hearings_of(complaints: Sequence[str]) -> defaultdict[str, list[appeals.AppealMove]]:
    """The events of appeals, by id, in their order."""
    read_ = [(name, read(text)) for name, text in select_in(HEARINGS, complaints)]
    said = _words([plain["words"] for _, plain in read_ if "words" in plain])
    found: defaultdict[str, list[appeals.AppealMove]] = defaultdict(list)
    for name, plain in read_:
        event: appeals.AppealMove = decoded(plain["event"], appeals.AppealMove)
        words = said.get(plain.get("words"))
        if isinstance(event, appeals.Attach) and words is not None:
            (file,) = named((event.attachment,), words)
            event = replace(event, attachment=file)
        found[name].append(event)
    return found


WORDS = "SELECT leaf, text FROM habeas_leaftext WHERE leaf IN ({names})"


def _words(leaves: Sequence[int]) -> dict[int, CustomerWords]:
    """What customers wrote, by leaf; what was erased is not there."""
    return {leaf: decoded(read(text), CustomerWords) for leaf, text in select_in(WORDS, leaves)}


def _events(sql: str, names: Sequence[str], kind: Any) -> defaultdict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for name, text in select_in(sql, names):
        found[name].append(decoded(read(text)["event"], kind))
    return found


def born_appeals(names: Sequence[str]) -> defaultdict[str, dict[str, Appeal]]:
    """As they were opened, each with its words where these were not erased."""
    found: defaultdict[str, dict[str, Appeal]] = defaultdict(dict)
    for name, text, words in select_in(APPEALS, names):
        born: Appeal = decoded(read(text), Appeal)
        if words is not None:
            said: CustomerWords = decoded(read(words), CustomerWords)
            born = replace(born, text=said.text, attachments=named(born.attachments, said))
        found[name][born.id] = born
    return found


def _custodies(names: Sequence[str]) -> dict[str, Custody]:
    """What the platform reported last, with the settlements since then on top. Settlements are
    asked for first: one that came in between two questions may rest on a report that is not read
    yet, while a report without its settlements is whole, and only too old to commit on."""
    settlements = list(select_in(SETTLEMENTS, names))
    since: defaultdict[str, int] = defaultdict(int)
    found: dict[str, Custody] = {}
    for name, version, text in select_in(INVENTORIES, names):
        since[name] = version
        found[name] = Custody(decoded(read(text)["holdings"], tuple[Holding, ...]))
    for name, version, text in settlements:
        one: Settlement = decoded(read(text), Settlement)
        custody = found.get(name, Custody(()))
        holdings = custody.holdings
        if version >= since[name]:
            holdings = applied(holdings, one)
        found[name] = Custody(holdings, (*custody.recorded, one))
    return found


def account_of(decision: str) -> str:
    """The account that a decision is on. Raises NotFound."""
    for (name,) in select("SELECT account FROM habeas_decision WHERE id = %s", [decision]):
        return str(name)
    raise NotFound(
        f"there is no decision {decision}", "`habeas queue` lists those that wait for a person"
    )


def account_of_appeal(appeal: str) -> str:
    """The account that an appeal is on. Raises NotFound."""
    for (name,) in select("SELECT account FROM habeas_appeal WHERE id = %s", [appeal]):
        return str(name)
    raise NotFound(f"there is no appeal {appeal}", "the reference of the notice names its case")
