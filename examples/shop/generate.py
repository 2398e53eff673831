"""A made-up marketplace, to try Habeas on: the raw records of its accounts, good and bad.

    python examples/shop/generate.py --events 200000 --seed 1 --out DIR

writes DIR/events.ndjson (one record a line, in order of arrival) and DIR/labels.csv (whether each
account is abusive). The same seed gives the same bytes. No person in it exists.

What is in it: about 400 days with a weekly and a daily rhythm, two currencies, accounts of which
few are very busy and most are not; records that arrive late, at the same second, or twice; a
handful that cannot be used. About one account in 200 is abusive: some send back nearly all they
buy, some are rings of accounts on one device. Some innocent accounts look like them: families on
one tablet, people who return often but little, people who were sent broken goods.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

Array = Any  # of numpy
Record = dict[str, Any]

DAY = 86_400
DAYS = 400
START = np.datetime64("2024-01-01T00:00:00", "s")
YEAR = int(365.25 * DAY)
FEWEST = 1000  # events; the cast alone takes some hundreds
ABSENT = -1  # of a number: the record does not have it
# The account's place, seconds from START, and numbers into the tables below.
COLUMNS = ("account", "time", "type", "amount", "dollars", "order", "reason")
EVENT = np.dtype([(name, np.int64) for name in COLUMNS])

# How busy each day of the week is (the first day is a Monday), and each hour of the day (UTC).
WEEK = (1.0, 0.95, 0.95, 1.0, 1.1, 1.25, 1.3)
HOURS = (4, 2, 1, 1, 1, 2, 5, 9, 12, 14, 15, 16, 18, 17, 15, 15, 16, 19, 23, 27, 29, 25, 17, 9)

COUNTRIES = ("FR", "DE", "US", "ES", "IT", "NL", "BE", "IE", "GB", "PL")
SHARES = (0.24, 0.2, 0.22, 0.08, 0.08, 0.05, 0.04, 0.03, 0.04, 0.02)
IN_DOLLARS = {"US": 1.0, "GB": 0.2}  # how often an order from there is in dollars

SIGNUP, LOGIN, ORDER, RETURN, GIFT_CARD, PASSWORD, CONTACT, CHARGEBACK = range(8)
TYPES = (
    "signup", "login", "order", "return", "gift_card", "password_change", "contact", "chargeback",
)  # fmt: skip
REASONS = ("changed_mind", "too_small", "damaged", "wrong_item")
FAULTY = 2  # from this reason on, the shop is at fault


@dataclass(frozen=True)
class Behaviour:
    """How an account acts. Rates are per visit, returns per order; `part` is which share of an
    order's value comes back, `faulty` how often because the goods were bad. Without `visits`
    an account takes its share of what is left."""

    order: float = 0.35
    returns: float = 0.08
    part: tuple[float, float] = (0.3, 1.0)
    faulty: float = 0.3
    gift_card: float = 0.03
    chargeback: float = 0.001
    visits: tuple[int, int] | None = None
    abusive: bool = False


ORDINARY = Behaviour()
OFTEN_BUT_LITTLE = Behaviour(order=0.6, returns=0.7, part=(0.05, 0.2), visits=(40, 70))
BORDERLINE = Behaviour(order=0.65, returns=0.64, part=(0.75, 1.0), faulty=0.1, visits=(45, 70))
UNLUCKY = Behaviour(order=0.6, returns=0.85, part=(0.9, 1.0), faulty=0.9, visits=(45, 60))
RETURNS_ALL = Behaviour(
    order=0.85, returns=0.92, part=(0.9, 1.0), faulty=0.05, visits=(24, 60), abusive=True
)
RING = Behaviour(
    order=0.4, returns=0.4, part=(1.0, 1.0), faulty=0.0, gift_card=0.5, chargeback=0.5,
    visits=(7, 14), abusive=True,
)  # fmt: skip
SCRIPTED = {RETURNS_ALL: 0.0022, OFTEN_BUT_LITTLE: 0.006, BORDERLINE: 0.001, UNLUCKY: 0.001}
FAMILY = Behaviour(visits=(28, 40))
ALINE = Behaviour(order=0.5, returns=0.06, visits=(48, 48))
BORIS = replace(RETURNS_ALL, order=0.9, visits=(38, 38))
CHEN = Behaviour(order=0.7, returns=0.6, part=(0.05, 0.2), faulty=0.2, visits=(36, 36))


@dataclass
class Account:
    """`signup` and `until` are seconds from START; a signup before it is below 0."""

    name: str
    behaviour: Behaviour
    country: str
    signup: int
    until: int
    shared: int  # a device, and a card, that other accounts use as well
    sharing: float  # how often the device is in use; it need not be the only one


class Town:
    """Everyone who has an account, in a fixed order: the cast, groups, kinds, then the rest."""

    def __init__(self, size: int, random: np.random.Generator) -> None:
        self.random = random
        self.accounts: list[Account] = []
        self.groups = 0
        self.numbers = iter(random.permutation(np.arange(10_000, 10_000 + 2 * size)).tolist())
        self._cast()
        for _ in range(max(1, size // 3000)):
            self._ring()
        for _ in range(size // 1000):
            self._family()
        for behaviour, share in SCRIPTED.items():
            for _ in range(max(1, round(share * size))):
                self._single(behaviour)
        while len(self.accounts) < size:
            self._single(ORDINARY)

    def _cast(self) -> None:
        """The people of the stories: a member of many years, an abuser, a wrongly caught one."""
        self._add("aline", ALINE, "NL", -11 * YEAR)
        self._add("boris", BORIS, "DE", 20 * DAY)
        home = self._group()
        for i, name in enumerate(("chen", "mei", "lan", "tao")):
            self._add(name, FAMILY if i else CHEN, "FR", (205 + 2 * i) * DAY, home, 1.0)

    def _ring(self) -> None:
        device, start = self._group(), int(self.random.integers(30, 330)) * DAY
        for _ in range(int(self.random.integers(7, 13))):
            signup = start + int(self.random.integers(0, 6 * DAY))
            self._add(None, RING, "US", signup, device, 0.97, until=signup + 35 * DAY)

    def _family(self) -> None:
        """Three to five people on one tablet; some of them are new here."""
        device, country = self._group(), self._country()
        for _ in range(int(self.random.integers(3, 6))):
            self._add(None, FAMILY, country, self._signup(), device, 0.85)

    def _single(self, behaviour: Behaviour) -> None:
        latest = 1.0 if behaviour is ORDINARY else 0.3
        self._add(None, behaviour, self._country(), self._signup(latest))

    def _add(
        self, name: str | None, behaviour: Behaviour, country: str, signup: int,
        shared: int = ABSENT, sharing: float = 0.0, until: int = DAYS * DAY,
    ) -> None:  # fmt: skip
        chosen = name or f"c{next(self.numbers)}"
        self.accounts.append(Account(chosen, behaviour, country, signup, until, shared, sharing))

    def _group(self) -> int:
        """The number of the next group's device and card."""
        self.groups += 1
        return 900_000 + self.groups

    def _country(self) -> str:
        return COUNTRIES[int(np.searchsorted(np.cumsum(SHARES), self.random.random() * 0.999))]

    def _signup(self, latest: float = 1.0) -> int:
        """Two in five came before the log begins, up to fifteen years ago."""
        if self.random.random() < 0.4:
            return -int(self.random.random() ** 2 * 15 * YEAR)
        return int(self.random.random() * latest * (DAYS - 10) * DAY)


def rows_of(account: Array, time: Array, kind: int, **given: Array) -> Array:
    """Events as rows; what is not given is absent."""
    rows = np.full(len(account), ABSENT, EVENT)
    for name, values in {"account": account, "time": time, "type": kind, **given}.items():
        rows[name] = values
    return rows


class Season:
    """When things happen: the day by week and year, the second by hour of the day."""

    def __init__(self, random: np.random.Generator) -> None:
        self.random = random
        days = np.arange(DAYS)
        christmas = 1.0 + 0.8 * np.exp(-(((days - 345) / 14.0) ** 2))
        busy = np.tile(WEEK, DAYS // 7 + 1)[:DAYS] * christmas * (1.0 + days / DAYS / 2)
        self.by_day = np.append(0.0, np.cumsum(busy) / busy.sum())
        self.by_hour = np.append(0.0, np.cumsum(HOURS) / np.sum(HOURS))

    def times(self, first: Array, last: Array) -> Array:
        """One time for each pair, between `first` and `last` (seconds)."""
        low, high = (np.interp(t / DAY, np.arange(DAYS + 1), self.by_day) for t in (first, last))
        chosen = low + (high - low) * self.random.random(len(first))
        day = np.interp(chosen, self.by_day, np.arange(DAYS + 1)).astype(np.int64)
        return np.clip(day * DAY + self.in_day(len(first)), first, last)

    def in_day(self, count: int) -> Array:
        hours = np.interp(self.random.random(count), self.by_hour, np.arange(25))
        return (hours * 3600).astype(np.int64)


class Market:
    """Turns accounts into events."""

    def __init__(self, accounts: list[Account], random: np.random.Generator) -> None:
        self.accounts, self.random, self.season = accounts, random, Season(random)
        self.signup = np.array([a.signup for a in accounts])
        self.until = np.array([a.until for a in accounts])
        self.in_dollars = np.array([IN_DOLLARS.get(a.country, 0.0) for a in accounts])

    def rate(self, name: str, account: Array) -> Array:
        """A number of each account's behaviour."""
        return np.array([getattr(a.behaviour, name) for a in self.accounts])[account]

    def events(self, count: int) -> Array:
        """`count` events in no order."""
        known = np.flatnonzero(self.signup >= 0)
        signups = rows_of(known, self.signup[known], SIGNUP)
        scripted = self._visits(self._scripted())
        left = count - len(signups) - len(scripted)
        # a visit makes 1.47 events; some too many are made, and logins of ordinary accounts go
        ordinary = self._visits(self._ordinary(int(left * 1.08 / 1.47)))
        logins = self.random.permutation(np.flatnonzero(ordinary["type"] == LOGIN))
        ordinary = np.delete(ordinary, logins[: max(0, len(ordinary) - left)])
        return np.concatenate([signups, scripted, ordinary])

    def _scripted(self) -> Array:
        wanted = [a.behaviour.visits or (0, 0) for a in self.accounts]
        counts = [int(self.random.integers(low, high + 1)) for low, high in wanted]
        return np.repeat(np.arange(len(counts)), counts)

    def _ordinary(self, count: int) -> Array:
        """Visits of the rest: few accounts make many, many make few (after Zipf)."""
        rest = np.flatnonzero([a.behaviour.visits is None for a in self.accounts])
        weights = (np.arange(len(rest)) + 10.0) ** -0.8
        bounds = np.cumsum(self.random.permutation(weights))
        chosen = np.searchsorted(bounds, self.random.random(count) * bounds[-1])
        return np.take(rest, chosen, mode="clip")

    def _visits(self, account: Array) -> Array:
        """A visit is a login and what follows it, often within the same second."""
        first, last = np.maximum(self.signup, 0)[account], self.until[account]
        time = self.season.times(first, last - 3600)
        parts = [rows_of(account, time, LOGIN)]
        for kind, rate in ((PASSWORD, 0.01), (CONTACT, 0.02)):
            chosen = self.random.random(len(account)) < rate
            parts.append(rows_of(account[chosen], time[chosen] + self._pause(chosen.sum()), kind))
        for kind, name, typical in ((ORDER, "order", 45.0), (GIFT_CARD, "gift_card", 30.0)):
            chosen = self.random.random(len(account)) < self.rate(name, account)
            parts.append(self._paid(account[chosen], time[chosen], kind, typical))
        orders = parts[-2]
        return np.concatenate([*parts, self._returns(orders), self._chargebacks(orders)])

    def _pause(self, count: int) -> Array:
        """Up to a quarter of an hour; one in ten is at once."""
        return (np.maximum(self.random.random(count) - 0.1, 0.0) * 1000).astype(np.int64)

    def _paid(self, account: Array, time: Array, kind: int, typical: float) -> Array:
        amount = np.exp(self.random.standard_normal(len(account)) * 0.7) * typical * 100
        dollars = self.random.random(len(account)) < self.in_dollars[account]
        number = self.random.integers(10**10, 10**11, len(account))
        given = {"amount": np.maximum(amount, 100), "dollars": dollars}
        given |= {"order": number} if kind == ORDER else {}
        return rows_of(account, time + self._pause(len(account)), kind, **given)

    def _returns(self, orders: Array) -> Array:
        """Goods come back after 3 to 25 days, if at all."""
        rows = self._later(orders, "returns", 3, 25)
        low, high = self.rate("part", rows["account"]).reshape(-1, 2).T
        share = low + (high - low) * self.random.random(len(rows))
        faulty = self.random.random(len(rows)) < self.rate("faulty", rows["account"])
        rows["amount"] = np.maximum(rows["amount"] * share, 1)
        rows["reason"] = self.random.integers(0, 2, len(rows)) + FAULTY * faulty
        rows["type"] = RETURN
        return rows

    def _chargebacks(self, orders: Array) -> Array:
        """The holder of the card disputes a payment, 20 to 60 days later."""
        rows = self._later(orders, "chargeback", 20, 60)
        rows["type"] = CHARGEBACK
        return rows

    def _later(self, orders: Array, rate: str, low: int, high: int) -> Array:
        """Some of the orders, some days on; what comes after the end of the log does not come."""
        rows = orders[self.random.random(len(orders)) < self.rate(rate, orders["account"])]
        days = rows["time"] // DAY + self.random.integers(low, high + 1, len(rows))
        rows["time"] = days * DAY + self.season.in_day(len(rows))
        return rows[rows["time"] < DAYS * DAY]


class Export:
    """Writes events as the shop's systems would: in order of arrival, with their faults."""

    def __init__(self, accounts: list[Account], random: np.random.Generator) -> None:
        self.accounts, self.random = accounts, random

    def records(self, rows: Array) -> list[Record]:
        """One record an event. One in 60 arrives up to four days after it happened."""
        late = self.random.random(len(rows)) < 1 / 60
        delay = np.where(late, self.random.random(len(rows)) ** 3 * 4 * DAY, 0)
        sent = rows[np.argsort(rows["time"] + delay, kind="stable")]
        times = np.datetime_as_string(START + sent["time"].astype("timedelta64[s]")).tolist()
        dice = self.random.random((len(sent), 4)).tolist()
        made = enumerate(zip(times, sent.tolist(), dice, strict=True), 1)
        return [self._record(i, f"{time}Z", row, luck) for i, (time, row, luck) in made]

    def _record(self, i: int, when: str, row: tuple[int, ...], luck: list[float]) -> Record:
        place, time, kind, amount, dollars, order, reason = row
        who = self.accounts[place]
        made: Record = {"id": f"e{i:07d}", "happened": when, "customer": who.name}
        made["event"] = TYPES[kind]
        if luck[0] > 0.03 and kind != CHARGEBACK:  # some browsers tell nothing of the device
            own = 2 * place + (luck[1] > 0.8)
            made["device_id"] = f"d{who.shared if luck[2] < who.sharing else own:06d}"
        # the app writes small letters, the web site capitals
        made["country"] = who.country.lower() if luck[3] < 0.3 else who.country
        if kind in (LOGIN, ORDER):
            made["member_years"] = (time - who.signup) // YEAR
        if order != ABSENT:
            made["order_id"] = f"o{order}"
        if amount != ABSENT:
            made |= {"amount": amount, "currency": "USD" if dollars else "EUR"}
        if kind in (ORDER, GIFT_CARD, CHARGEBACK):
            made["card"] = f"k{place if who.shared == ABSENT else who.shared:06d}"
        if reason != ABSENT:
            made["reason"] = REASONS[reason]
        return made

    def lines(self, records: list[Record], twice: int, copies: int, worst: bool) -> list[bytes]:
        """The records with `twice` of them delivered again, `copies` of each kind of bad one
        between, and the last cut short."""
        lines = [line_of(record) for record in records]
        extra = [lines[i] for i in self.random.integers(0, len(lines), twice - 1).tolist()]
        paid = [record for record in records if record["event"] == "order"]
        extra.append(line_of(paid[0] | {"amount": paid[0]["amount"] + 1}))
        extra += [bad for order in paid[:copies] for bad in bad_lines(order, worst)]
        # what is extra comes after the first tenth, so that a second delivery is a second one
        places = self.random.integers(len(lines) // 10, len(lines), len(extra)).tolist()
        for place, line in sorted(zip(places, extra, strict=True), reverse=True):
            lines.insert(place, line)
        lines.append(lines[-1][: len(lines[-1]) * 2 // 3])
        return lines


def line_of(record: Record) -> bytes:
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


# What is wrong with a bad record, and how an order becomes one.
BAD: dict[str, Callable[[Record], Record]] = {
    "no account": lambda r: {k: v for k, v in r.items() if k != "customer"},
    "no id": lambda r: r | {"id": ""},
    "no amount": lambda r: {k: v for k, v in r.items() if k != "amount"},
    "bad time": lambda r: r | {"happened": "31/12/2024 11h30"},
    "far ahead": lambda r: r | {"happened": "2099-01-01T00:00:00Z"},
    "unknown type": lambda r: r | {"event": "log_in"},
    "wrong unit": lambda r: r | {"amount": "12.50 GBP"},
    "no unit": lambda r: r | {"amount": 12.5},
    "wrong currency": lambda r: r | {"currency": "euro"},
}


def bad_lines(order: Record, worst: bool) -> list[bytes]:
    """One of each kind; with `worst`, also bytes that are not UTF-8."""
    bad = [
        line_of(change(order | {"id": f"x-{name.replace(' ', '-')}"}))
        for name, change in BAD.items()
    ]
    bad += [b"2024-12-31 login c10001 FR\n", b'["x-no-object","c10001","login"]\n']
    latin = line_of(order | {"id": "x-latin", "customer": "Ren\xe9"}).decode().encode("latin-1")
    return [*bad, latin] if worst else bad


def generate(events: int, seed: int, worst: bool = True) -> tuple[list[bytes], dict[str, bool]]:
    """`events` lines, and whether each account is abusive. Without `worst` all is UTF-8."""
    random = np.random.default_rng(seed)
    accounts = Town(max(180, events // 20), random).accounts
    twice, copies = max(4, events // 500), 1 if events < 20_000 else 4
    bad = copies * (len(BAD) + 2 + worst) + 1  # the last line is cut short
    export = Export(accounts, random)
    records = export.records(Market(accounts, random).events(events - twice - bad))
    lines = export.lines(records, twice, copies, worst)
    return lines, {a.name: a.behaviour.abusive for a in accounts}


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the records of a made-up marketplace.")
    parser.add_argument("--events", type=int, default=200_000, help=f"at least {FEWEST}")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="the folder to write to")
    parser.add_argument("--utf8", action="store_true", help="leave out what is not UTF-8")
    asked = parser.parse_args()
    if asked.events < FEWEST:
        parser.error(f"--events must be {FEWEST} or more")
    lines, labels = generate(asked.events, asked.seed, worst=not asked.utf8)
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / "events.ndjson").write_bytes(b"".join(lines))
    listed = [f"{name},{str(abusive).lower()}\n" for name, abusive in sorted(labels.items())]
    (asked.out / "labels.csv").write_text("account,label\n" + "".join(listed), encoding="utf-8")
    print(f"wrote {len(lines):,} records of {len(labels):,} accounts to {asked.out}")


if __name__ == "__main__":
    main()
