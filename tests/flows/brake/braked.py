"""A shop with more decisions to tell than its brake lets through, and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from habeas.core.brake import Release
from habeas.flows.brake.release import Released, release
from habeas.flows.decision.decide import approve, decide
from habeas.flows.letter.notify import NoticeReport
from habeas.store import brakes
from habeas.store.accounts import account
from habeas.store.decisions import waiting
from tests.flows.deciding import DECIDED_US, DORA, EMIL, force, strict_policy
from tests.flows.letter.telling import PLATFORM, Told, reach
from tests.flows.shop import event, open_shop

NAME = "many-returns"
HOUR = 3600 * 1_000_000
WHY = "a sale ended; each was checked by hand"
FEW = "caps: {'*': 4}\n"


@dataclass
class Braked(Told):
    """`names` are the accounts, each with an approved suspension that nobody was told of."""

    names: tuple[str, ...] = ()

    def settings(self, text: str) -> None:
        (self.shop.root / "brake.yaml").write_text(text, encoding="utf-8")

    def at(self, hours: float) -> NoticeReport:
        """Tell, so many hours after the decisions."""
        self.now_us = DECIDED_US + round(hours * HOUR)
        return self.notify()

    def release(self, *segments: str, hours: float = 1, pace: float | None = None) -> Released:
        """By both people."""
        now_us = DECIDED_US + round(hours * HOUR)
        for who in (DORA, EMIL):
            done = release(NAME, who, WHY, self.shop.folder, now_us, segments=segments, pace=pace)
        return done

    def states(self) -> dict[str, str]:
        found = {}
        for name in self.names:
            (one,) = account(name).decisions.values()
            found[name] = str(one.state)
        return found

    def told(self) -> list[str]:
        return [name for name, state in self.states().items() if state != "approved"]


def braked(root: Path, countries: tuple[str, ...] = ("DE",) * 12, text: str = FEW) -> Braked:
    """One account for each country, by number; call it with a store open."""
    shop = open_shop(root)
    shop.put(strict_policy(first="suspend"))
    names = tuple(f"account {i:02}" for i in range(len(countries)))
    records = []
    for name, country in zip(names, countries, strict=True):
        records.append(event(f"{name} order", name, "order", 1, country=country))
        records += [event(f"{name} {i}", name, "return", 3 + i) for i in range(3)]
    shop.take_all(records)
    force(shop, now_us=DECIDED_US)
    (root / "platform.yaml").write_text(PLATFORM, encoding="utf-8")
    decide(shop.folder, DECIDED_US)
    for one in waiting():
        approve(one.decision, DORA, DECIDED_US)
    reach(*names)
    made = Braked(shop, names=names)
    made.settings(text)
    return made


def releases() -> list[Release]:
    return [turn for turn in brakes.turns(NAME) if isinstance(turn, Release)]
