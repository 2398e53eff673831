"""A shop of many accounts, on whose Thursday a policy version begins to count returns twice.

From that day on the shop sends a `refund` beside each `return`, and version 2 of the policy, in
force for half of the accounts, counts both. Its plan was made from weeks without refunds, so the
plan cannot show it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from habeas import wiring
from habeas.config import Sqlite
from habeas.core.policy.plans import in_canary
from habeas.flows.decision.decide import decide
from habeas.flows.decision.tick import tick
from habeas.flows.letter.notify import notify, teller
from habeas.ports.codes import codes
from habeas.ports.platform import read_platform
from habeas.store import contacts, outbox
from habeas.store.contacts import Contact
from tests.flows.deciding import force
from tests.flows.letter.telling import PLATFORM
from tests.flows.shop import DAY_US, SCHEMA, START_US, Shop, open_shop, policy

NAME, CANARY = "many-returns", 50
THURSDAY = 29  # 30 January 2020, in days from the start
THURSDAY_US = START_US + THURSDAY * DAY_US
MINUTE_US = DAY_US // 1440
LIMITS = "  - {measure: limit, capability: returns, for: 90d}\n"
UNBRAKED = "slack: 1000000\ncaps: {'*': 1000000}\n"


def text_of(version: int) -> str:
    text = policy(version=version, when="returns >= 3")
    ladder = text[text.index("  - {measure: warn}") : text.index("notice:")]
    text = text.replace(ladder, LIMITS)
    return text if version == 1 else text.replace("{count: return,", "{count: [return, refund],")


@dataclass(frozen=True)
class Faulty:
    """`settings` are those of the brake."""

    shop: Shop
    accounts: int

    def thursday(self, minutes: int) -> Iterator[int]:
        """In rounds of so many minutes, as a worker does: decide, tell, send, tick. How many were
        restricted in each."""
        folder, found = self.shop.folder, pq.read_table(self.shop.root / "findings.parquet")
        voice, secret = read_platform(folder), codes({}, folder)
        path = self.shop.root / "round.parquet"
        step = minutes * MINUTE_US
        for start in range(THURSDAY_US, THURSDAY_US + DAY_US, step):
            now_us = start + step
            late = pc.less(found["time_us"], now_us)
            own = found.filter(pc.and_(pc.greater_equal(found["time_us"], start), late))
            pq.write_table(own, path)
            decide(folder, now_us, path)
            notify(teller(folder, voice, secret, now_us))
            while claimed := outbox.claim(now_us, 1000):
                for one in claimed:  # a mail server that takes all
                    outbox.sent(one, "250 OK", now_us)
            yield tick(now_us, folder=folder).moves.get("TakeForce", 0)

    def population(self) -> Path:
        """All accounts: under which version, the type of their last event, country, size."""
        last = pq.read_table(self.shop.events, columns=["account", "type"]).to_pylist()
        types = {row["account"]: row["type"] for row in last}
        names = sorted(types)
        table = {
            "account": names,
            "version": ["2" if in_canary(n, NAME, CANARY) else "1" for n in names],
            "last_event": [types[n] for n in names],
            "country": [country(int(n[1:])) for n in names],
            "size": [("small", "large")[int(n[1:]) // 5 % 2] for n in names],
        }
        path = self.shop.root / "population.parquet"
        pq.write_table(pa.table(table), path)
        return path


def country(number: int) -> str:
    return ("FR", "DE", "BE", "ES")[number % 4]


def line(number: int, account: int, kind: str, day: float) -> str:
    time_us = START_US + round(day * DAY_US)
    money = '"amount": 1000, ' if kind != "login" else ""
    return (
        f'{{"id": "e{number}", "time": {time_us}, "account": "a{account:06}", "type": "{kind}", '
        f'{money}"country": "{country(account)}"}}\n'
    )


def events(accounts: int) -> tuple[list[str], list[str]]:
    """Four weeks and a day, in order of time; then the Thursday. A third of the accounts sent
    something back, one in 500 three times; on the Thursday one in 33 does."""
    dice = random.Random(4)  # noqa: S311 - it only makes examples
    before: list[tuple[float, int, str]] = []
    for account in range(accounts):
        before.append((dice.random() * 14, account, "order"))
        luck = dice.random()
        count = 3 if luck < 0.002 else 2 if luck < 0.006 else 1 if luck < 0.3 else 0
        before += [(14 + dice.random() * 14, account, "return") for _ in range(count)]
    today = []
    for account in dice.sample(range(accounts), accounts // 33):
        day = THURSDAY + dice.random() * 0.999
        today += [(day, account, "return"), (day + 1e-5, account, "refund")]
    return _lines(before, 0), _lines(today, len(before))


def _lines(found: Iterable[tuple[float, int, str]], first: int) -> list[str]:
    return [line(first + i, a, kind, day) for i, (day, a, kind) in enumerate(sorted(found))]


def faulty_shop(root: Path, accounts: int) -> Faulty:
    """Version 1 was in force; version 2 is planned, and applied when the Thursday begins, whose
    findings are ready. Nothing is decided."""
    shop = open_shop(root)
    schema = SCHEMA.replace("  login:", "  refund: {attributes: [amount, country]}\n  login:")
    shop.write("events.yaml", schema)
    before, today = events(accounts)
    shop.take(shop.write("raw.ndjson", "".join(before)))
    shop.folder.prepare()
    with wiring.opened(Sqlite(shop.folder.root / "habeas.sqlite3")):
        shop.put(text_of(1))
        force(shop, now_us=THURSDAY_US - DAY_US)
        shop.put(text_of(2))
        force(shop, f"canary:{CANARY}", THURSDAY_US)
    shop.take(shop.write("raw.ndjson", "".join([*before, *today])))
    words = ("--policies", "policies", "--events", "events.parquet", "--out", "findings.parquet")
    made = shop.run("findings", *words)
    assert made.code == 0, made.err
    shop.write("platform.yaml", PLATFORM)
    return Faulty(shop, accounts)


def reach(accounts: int) -> None:
    made = [Contact(f"a{i:06}", f"a{i}@mail.example", "en") for i in range(accounts)]
    contacts.save(made, THURSDAY_US)
