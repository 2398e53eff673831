"""The conditions in the languages of the peers.

SQL's answers are three-valued: a comparison with NULL and x / 0 are unknown, NOT unknown is
unknown, and unknown does not fire. No peer's language has that: a comparison with null is an
error, and x / 0 an error, null or infinite. So each text below guards what may be null or 0,
by hand, so that its answer is true where SQL's is true, and false elsewhere.
"""

from __future__ import annotations

import re

from bench.work import CONDITIONS as TEN

# The ten never negate what can be unknown, which is where guards are easiest to get wrong.
CONDITIONS = {
    **TEN,
    "p10": "NOT sharing_30d > 100 AND orders_30d >= 6",
    "p11": "NOT returned_90d / spent_90d <= 1.5",
}
# As zen-engine and rule-engine take them; both divide in decimals, whatever the numbers are.
GUARDED = {
    "p0": "orders_365d >= 20 and spent_365d != 0 and returned_365d / spent_365d > 0.6",
    "p1": "spent_90d != 0 and returned_90d / spent_90d > 0.8",
    "p2": "returned_30d > 50000",
    "p3": "orders_30d >= 4 and returned_30d > 30000",
    "p4": "sharing_30d != null and sharing_30d >= 5",
    "p5": "products_90d > 12 and returned_90d > 40000",
    "p6": "orders_90d >= 3 and orders_90d <= 5 and spent_90d != 0 "
    "and returned_90d / spent_90d > 0.5",
    "p7": "spent_365d > 400000 and not (returned_365d > 100000)",
    "p8": "orders_365d == 0 and returned_365d > 20000",
    "p9": "returned_90d > spent_90d or (sharing_30d != null and sharing_30d > 100)",
    "p10": "sharing_30d != null and not (sharing_30d > 100) and orders_30d >= 6",
    "p11": "spent_90d != 0 and not (returned_90d / spent_90d <= 1.5)",
}


def python() -> str:
    """One expression, a tuple of all answers."""
    return "(" + ", ".join(GUARDED.values()).replace("!= null", "is not None") + ")"


def zen() -> str:
    """One expression, a list of all answers."""
    return "[" + ", ".join(GUARDED.values()) + "]"


def cel() -> list[str]:
    """As the Common Expression Language has them: its `/` of whole numbers would round down."""
    divided = (re.sub(r"(\w+) / (\w+)", r"double(\1) / double(\2)", t) for t in GUARDED.values())
    return [
        text.replace(" and ", " && ").replace(" or ", " || ").replace("not (", "!(")
        for text in divided
    ]


def cel_python() -> str:
    """One list of all answers; cel-python cannot compare a number with null, only their types."""
    return "[" + ", ".join(cel()).replace("sharing_30d != null", "type(sharing_30d) == int") + "]"
