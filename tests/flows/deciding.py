"""A shop whose policy suspends, with a store, for the tests of what follows a finding."""

from __future__ import annotations

from pathlib import Path

from habeas.config import Sqlite
from tests import cast
from tests.flows.applying import agree_here, put_in_force
from tests.flows.shop import DAY_US, START_US, Shop, event, open_shop, policy

DORA, EMIL = cast.DORA.actor, cast.EMIL.actor
DECIDED_US = START_US + 400 * DAY_US
SUSPENDS = """\
  - {measure: suspend, for: 30d, after: 14d, review: person}
"""


def strict_policy(version: int = 1, first: str = "warn") -> str:
    """Warns, limits, then suspends with a person's approval; or suspends at once."""
    text = policy(version=version)
    if first == "suspend":
        ladder = text[text.index("  - {measure: warn}") : text.index("notice:")]
        return text.replace(ladder, "  - {measure: suspend, for: 30d, review: person}\n")
    return text.replace("notice:", f"{SUSPENDS}notice:")


def decided_shop(root: Path, accounts: int = 3, first: str = "warn", mode: str = "enforce") -> Shop:
    """A shop with a plan in force that finds each of its accounts once."""
    shop = open_shop(root)
    shop.put(strict_policy(first=first))
    records = []
    for number in range(accounts):
        name = f"account {number}"
        records.append(event(f"{number} order", name, "order", 1))
        records += [event(f"{number} {i}", name, "return", 3 + i) for i in range(3)]
    shop.take_all(records)
    force(shop, mode)
    return shop


def force(shop: Shop, mode: str = "enforce", now_us: int | None = None) -> None:
    """Plan the policies and put them in force; without a time, by the command and now."""
    words = ("--policies", "policies", "--events", "events.parquet", "--mode", mode, "--json")
    made = shop.run("plan", *words)
    assert made.code == 0, made.err
    if now_us is not None:
        agree_here(made.json()["hash"], shop.folder, now_us)
        return
    applied = put_in_force(shop, made.json()["hash"])
    assert applied.code == 0, applied.err


def database(shop: Shop) -> Sqlite:
    return Sqlite(shop.folder.root / "habeas.sqlite3")
