"""The work that everyone does in the benchmarks: ten facts and ten conditions over them."""

from __future__ import annotations

from bench.making import schema
from habeas.core.facts import Fact, fact_of
from habeas.core.shapes import FactShape

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


def facts() -> dict[str, Fact]:
    own = schema()
    found = {}
    for name, (kind, attribute, of, by, days) in FACTS.items():
        listed = [of] if of else None
        declared: dict[str, object] = {kind: listed if kind == "count" else attribute}
        if kind != "count" and listed:
            declared["of"] = listed
        if kind == "distinct":
            declared["cap"] = CAP
        shape = FactShape.model_validate({**declared, "by": by, "over": f"{days}d"})
        found[name] = fact_of(name, shape, own)
    return found
