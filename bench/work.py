"""The work that everyone does in the benchmarks: ten facts and ten conditions over them."""

from __future__ import annotations

import json
from pathlib import Path

from bench.making import SCHEMA, schema
from habeas.core.policy import Fact
from habeas.core.policy.conditions import names
from habeas.core.policy.facts import fact_of
from habeas.core.policy.parsing import parse
from habeas.core.policy.shapes import FactShape

# name: kind, attribute or None, event type, key, days
FACTS = {
    "orders_30d": ("count", None, "order", "account", 30),
    "orders_90d": ("count", None, "order", "account", 90),
    "orders_365d": ("count", None, "order", "account", 365),
    "returned_30d": ("sum", "amount", "return", "account", 30),
    "returned_90d": ("sum", "amount", "return", "account", 90),
    "returned_365d": ("sum", "amount", "return", "account", 365),
    "spent_90d": ("sum", "amount", "order", "account", 90),
    "spent_365d": ("sum", "amount", "order", "account", 365),
    "products_90d": ("distinct", "product", "order", "account", 90),
    "sharing_30d": ("distinct", "account", None, "device", 30),
}
# Policies as a platform would have them: each finds something, all together about one event in
# seven hundred. The conditions below hold far more often, so that decisions differ when they can.
RULES = {
    "r0": "orders_365d >= 40 AND returned_365d / spent_365d > 0.62",
    "r1": "returned_90d / spent_90d > 60",
    "r2": "returned_30d > 200000",
    "r3": "orders_30d >= 20 AND returned_30d > 150000",
    "r4": "sharing_30d > 2 AND orders_30d BETWEEN 20 AND 22 AND returned_30d > 120000",
    "r5": "products_90d > 42 AND returned_90d > 340000",
    "r6": "orders_90d BETWEEN 3 AND 5 AND returned_90d / spent_90d > 6",
    "r7": "spent_365d > 600000 AND NOT returned_365d > 60000",
    "r8": "orders_365d = 0 AND returned_365d > 60000",
    "r9": "returned_90d > 700000 AND sharing_30d >= 1",
}
CAP = 1_000_000  # above every distinct count, so that peers without caps do the same work
CONDITIONS = {
    "p0": "orders_365d >= 20 AND returned_365d / spent_365d > 0.6",
    "p1": "returned_90d / spent_90d > 0.8",
    "p2": "returned_30d > 50000",
    "p3": "orders_30d >= 4 AND returned_30d > 30000",
    "p4": "sharing_30d >= 5",
    "p5": "products_90d > 12 AND returned_90d > 40000",
    "p6": "orders_90d BETWEEN 3 AND 5 AND returned_90d / spent_90d > 0.5",
    "p7": "spent_365d > 400000 AND NOT returned_365d > 100000",
    "p8": "orders_365d = 0 AND returned_365d > 20000",
    "p9": "returned_90d > spent_90d OR sharing_30d > 100",
}


def declared(name: str) -> dict[str, object]:
    """A fact as a policy file declares it."""
    kind, attribute, of, by, days = FACTS[name]
    listed = [of] if of else None
    found: dict[str, object] = {kind: listed if kind == "count" else attribute}
    if kind != "count" and listed:
        found["of"] = listed
    if kind == "distinct":
        found["cap"] = CAP
    return {**found, "by": by, "over": f"{days}d"}


def facts() -> dict[str, Fact]:
    shapes = {name: FactShape.model_validate(declared(name)) for name in FACTS}
    return {name: fact_of(name, shape, schema()) for name, shape in shapes.items()}


def write_policies(folder: Path) -> None:
    """The ten rules as policy files (JSON is YAML), and the schema beside them."""
    folder.mkdir()
    (folder / "events.yaml").write_text(SCHEMA)
    both = {"en": "made up", "fr": "inventée"}
    for name, when in RULES.items():
        used = names(parse(when))
        policy = {
            "policy": name,
            "version": 1,
            "title": both,
            "clause": {"ref": "1", **both},
            "facts": {fact: declared(fact) for fact in used},
            "when": when,
            "ladder": [{"measure": "warn"}, {"measure": "warn", "after": "90d"}],
            "notice": "14d",
            "disclose": list(used),
            "dsa": {"ground": "incompatible", "category": "OTHER_VIOLATION_TC"},
        }
        (folder / f"{name}.yaml").write_text(json.dumps(policy, ensure_ascii=False))
