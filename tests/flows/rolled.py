"""A shop whose policy goes from version to version before a wave, step by step."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from habeas.core.wave import Wave
from habeas.flows.decision.decide import approve, decide
from habeas.flows.wave.waves import waves
from habeas.store.decisions import waiting
from tests.flows.brake.braked import FEW, Braked
from tests.flows.deciding import DECIDED_US, DORA, force, strict_policy
from tests.flows.letter.telling import PLATFORM, reach
from tests.flows.shop import DAY_US, START_US, event, open_shop

MINUTE_US = DAY_US // 1440
DECIDED_DAY = (DECIDED_US - START_US) // DAY_US


def version(number: int, least: int, first: str = "suspend") -> str:
    """Of a policy that finds so many returns, and suspends at once."""
    return strict_policy(number, first).replace("returns >= 3", f"returns >= {least}")


# It counts a login as if it were a return, so that it finds after two.
DOUBLED = version(2, 3).replace("{count: return,", "{count: [return, login],")


@dataclass
class Rolled(Braked):
    """`records` are all events so far."""

    records: list[dict[str, Any]] = field(default_factory=list)

    def sends_back(self, prefix: str, counts: list[int], day: int = DECIDED_DAY - 9) -> None:
        """Accounts that order, then send back so often, once a day, and then log in."""
        for number, count in enumerate(counts):
            name = f"{prefix} {number:02}"
            self.records.append(event(f"{name} order", name, "order", day))
            days = [day + 1 + i for i in range(count)]
            self.records += [event(f"{name} {d}", name, "return", d) for d in days]
            self.records.append(event(f"{name} login", name, "login", day + 1 + count))
            self.names += (name,)
        self.shop.take_all(self.records)
        reach(*self.names)

    def apply(self, text: str, minutes_before: float, mode: str = "enforce") -> None:
        """So long before the decisions of the wave."""
        self.shop.put(text)
        force(self.shop, mode, DECIDED_US - round(minutes_before * MINUTE_US))

    def decide(self, now_us: int = DECIDED_US, shown: bool = False) -> None:
        """From the events as they are now, or of what the plan had shown; all is approved."""
        path = self.shop.root / "findings.parquet"
        words = ("--policies", "policies", "--events", "events.parquet", "--out", path.name)
        made = self.shop.run("findings", *words)
        assert made.code == 0, made.err
        decide(self.shop.folder, now_us, None if shown else path)
        for one in waiting():
            approve(one.decision, DORA, now_us)

    def wave(self) -> Wave:
        """Four are told, and the brake closes on the rest."""
        self.settings(FEW)
        self.notify()
        (found,) = waves(self.shop.folder)
        return found


def rolling(root: Path) -> Rolled:
    """A shop with one customer who sends back nothing; call it with a store open."""
    made = Rolled(open_shop(root))
    (root / "platform.yaml").write_text(PLATFORM, encoding="utf-8")
    made.sends_back("calm", [0], day=1)
    return made


def faulty(root: Path) -> Rolled:
    """Version 2 counts double, and no plan could show the twelve customers that it hits; two of
    them sent back as often as version 1 asks."""
    made = rolling(root)
    made.apply(version(1, 3), minutes_before=3 * 1440)
    made.apply(DOUBLED, minutes_before=10)
    made.sends_back("hit", [2] * 10 + [3] * 2)
    made.decide()
    return made
