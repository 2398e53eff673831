"""A small shop for the tests of ports, flows and commands: its schema, mapping, policies and
events, and the commands run on them."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow.parquet as pq

from habeas.cli import main
from habeas.flows.policy.ingest import IngestReport, ingest
from habeas.ports.folder import Folder
from tests.databases import another_store

NOW_US = 1_700_000_000_000_000  # 2023-11-14
DAY_US = 86_400_000_000
START_US = 1_577_836_800_000_000  # 2020-01-01

SCHEMA = """\
currencies: [EUR, USD]
attributes:
  amount:   {type: money, currency: EUR, title: {en: amount, fr: montant}}
  price:    {type: money, currency_in: currency}
  currency: {type: text}
  quantity: {type: integer, unit: piece}
  weight:   {type: number, unit: kg}
  gift:     {type: boolean}
  device:   {type: text, key: true}
  country:  {type: text}
types:
  order:
    attributes: [amount, price, currency, quantity, weight, gift, device, country]
    required: [amount]
    title: {en: orders, fr: commandes}
  return: {attributes: [amount, country], required: [amount], title: {en: returns, fr: retours}}
  login:  {attributes: [device, country]}
segments:
  country: {last: country}
  spend:   {sum: amount, of: order, bands: [100_00, 500_00]}
stake:
  revenue: {sum: amount, of: order}
"""
MAPPING = "schema: events.yaml\n"
POLICY = """\
policy: {name}
version: {version}
title: {{en: {title}, fr: Trop de retours}}
clause: {{ref: "Terms 4.2", en: Do not send back most of what you buy., fr: Gardez vos achats.}}
facts:
  orders:  {{count: order}}
  returns: {{count: return, over: {over}}}
when: {when}
ladder:
  - {{measure: warn}}
  - {{measure: limit, capability: returns, for: 90d, after: 14d}}
notice: 14d
disclose: [orders, returns]
dsa: {{ground: incompatible, category: OTHER_VIOLATION_TC}}
"""
WHEN = "returns >= 3 and orders > 0"
TESTS = """\
tests:
  - {given: {orders: 1, returns: 9}, expect: finding}
"""


def policy(
    name: str = "many-returns",
    version: int = 1,
    when: str = WHEN,
    over: str = "30d",
    title: str = "Many returns",
) -> str:
    """A policy file; with its first condition, it has a test."""
    text = POLICY.format(name=name, version=version, when=when, over=over, title=title)
    return text + TESTS if when == WHEN else text


def event(number: int | str, account: str, kind: str, day: float, **more: Any) -> dict[str, Any]:
    """A raw record, `day` days after the start of 2020."""
    time_us = START_US + round(day * DAY_US)
    given = {} if kind == "login" or "amount" in more else {"amount": 10_00}
    return {"id": str(number), "time": time_us, "account": account, "type": kind, **given, **more}


def history() -> list[dict[str, Any]]:
    """Three accounts: `calm` only buys, `often` sends back three of four within a month, `slow`
    sends back three over half a year. In log order."""
    return [
        event("c1", "calm", "order", 0, amount=600_00, country="FR"),
        event("o1", "often", "order", 1, amount=50_00, country="DE"),
        event("s1", "slow", "order", 2, amount=200_00),
        event("o2", "often", "return", 3, country="DE"),
        event("s2", "slow", "return", 4),
        event("o3", "often", "return", 10),
        event("o4", "often", "return", 20, country="DE"),
        event("c2", "calm", "order", 30, amount=20_00, country="FR"),
        event("s3", "slow", "return", 90),
        event("s4", "slow", "return", 180),
        event("o5", "often", "login", 181),
    ]


def random_history(seed: int, accounts: int = 25, events: int = 500) -> list[dict[str, Any]]:
    """Orders, returns and logins in no order of time, with ties and late events."""
    dice = random.Random(seed)  # noqa: S311 - it only makes examples
    kinds = ["order", "order", "return", "login"]
    return [
        event(
            i,
            f"account {dice.randrange(accounts)}",
            dice.choice(kinds),
            dice.randrange(200) + i / 10,
            country=dice.choice(["FR", "DE", None]),
        )
        for i in range(events)
    ]


def lines(records: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(json.dumps(r).encode() + b"\n" for r in records)


@dataclass(frozen=True)
class Shop:
    """A working folder with a schema, a mapping, a folder of policies and events."""

    root: Path

    @property
    def mapping(self) -> Path:
        return self.root / "mapping.yaml"

    @property
    def schema(self) -> Path:
        return self.root / "events.yaml"

    @property
    def policies(self) -> Path:
        return self.root / "policies"

    @property
    def events(self) -> Path:
        return self.root / "events.parquet"

    @property
    def quarantine(self) -> Path:
        return self.root / "bad.ndjson"

    @property
    def folder(self) -> Folder:
        return Folder(self.root / ".habeas")

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def put(self, text: str, file: str = "many-returns.yaml") -> Path:
        return self.write(f"policies/{file}", text)

    def take(self, *inputs: Path, mapping: str | None = None) -> IngestReport:
        if mapping is not None:
            self.write("mapping.yaml", mapping)
        return ingest(inputs, self.mapping, self.events, self.quarantine, NOW_US)

    def take_all(self, records: Iterable[Mapping[str, Any]]) -> IngestReport:
        return self.take(self.write("raw.ndjson", lines(records) or b"\n"))

    def rows(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = pq.read_table(self.events).to_pylist()
        return found

    def refused(self) -> list[dict[str, Any]]:
        text = self.quarantine.read_text(encoding="utf-8")
        return [json.loads(line) for line in text.split("\n") if line]

    def leftovers(self) -> list[Path]:
        """Half-written files, anywhere in the folder."""
        return [p for p in self.root.rglob("*") if p.name.endswith(".part")]

    def run(self, *words: object) -> Answer:
        return run(*words, inside=self.root)


def open_shop(root: Path) -> Shop:
    """A shop that has one policy and no events yet."""
    shop = Shop(root)
    shop.write("events.yaml", SCHEMA)
    shop.write("mapping.yaml", MAPPING)
    shop.put(policy())
    return shop


def busy_shop(root: Path) -> Shop:
    """A shop with its history imported."""
    shop = open_shop(root)
    shop.take_all(history())
    return shop


@dataclass(frozen=True)
class Answer:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


def run(*words: object, inside: Path) -> Answer:
    """Run the command line within this process: all of `main`, but not the time to load it."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    argv = ["habeas", *(str(w) for w in words)]
    before, code = Path.cwd(), 0
    os.chdir(inside)
    try:
        with (
            another_store(),
            mock.patch.object(sys, "argv", argv),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        os.chdir(before)
    texts = []
    for stream in (out, err):
        stream.flush()
        stream.seek(0)
        texts.append(stream.read())
    return Answer(code, *texts)


def command(*words: object, first: str = "pass") -> list[str]:
    """The words that run the command line as a process of its own; it does `first` first."""
    code = f"{first}\nfrom habeas.cli import main\nmain()"
    return [sys.executable, "-c", code, *(str(w) for w in words)]


def run_apart(*words: object, inside: Path, first: str = "pass") -> Answer:
    """Run the command line as a process of its own."""
    done = subprocess.run(
        command(*words, first=first), cwd=inside, capture_output=True, encoding="utf-8",
        timeout=60, check=False,
    )  # fmt: skip
    return Answer(done.returncode, done.stdout, done.stderr)
