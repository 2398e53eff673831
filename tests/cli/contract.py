"""One life of the sample folder by every command, and the shapes that docs/contract.md promises.

A shape is JSON: an object with its keys, a list of one shape, `{"*": shape}` for names that depend
on the data, or a word: text, number, truth, time, length (of time), money, hash, any, null; of
several one, as in `text|null`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from tests import ROOT
from tests.flows.letter.telling import PLATFORM
from tests.flows.shop import Shop

PAGE = ROOT / "docs" / "contract.md"
SECTION = re.compile(r"^### `habeas ([a-z -]+)`.*?^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z\Z")
LENGTH = re.compile(r"\d+(us|[smhd])\Z")
HASH = re.compile(r"[0-9a-f]{64}\Z")
AMOUNT = re.compile(r"-?\d+(\.\d+)?\Z")


def promised() -> dict[str, Any]:
    """The shape of each command's answer, by the words of the command."""
    return {name: json.loads(text) for name, text in SECTION.findall(PAGE.read_text("utf-8"))}


def differences(value: Any, shape: Any, place: str = "") -> Iterator[str]:
    """Where a value is not of its shape."""
    if isinstance(shape, str):
        if not any(_is(value, word) for word in shape.split("|")):
            yield f"{place or 'it'} is {str(value)[:60]!r}, not {shape}"
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{place} is no list"
            return
        for number, one in enumerate(value):
            yield from differences(one, shape[0], f"{place}[{number}]")
    elif not isinstance(value, dict):
        yield f"{place} is no object"
    elif "*" in shape:
        for name, one in value.items():
            yield from differences(one, shape["*"], f"{place}.{name}")
    else:
        for name in shape.keys() ^ value.keys():
            yield f"{place}.{name} is {'missing' if name in shape else 'not in the contract'}"
        for name in shape.keys() & value.keys():
            yield from differences(value[name], shape[name], f"{place}.{name}")


def _is(value: Any, word: str) -> bool:
    match word:
        case "any":
            return True
        case "null":
            return value is None
        case "truth":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "text":
            return isinstance(value, str)
        case "time" | "length" | "hash":
            form = {"time": TIME, "length": LENGTH, "hash": HASH}[word]
            return isinstance(value, str) and form.match(value) is not None
        case "money":
            keys = isinstance(value, dict) and value.keys() == {"amount", "currency"}
            return keys and AMOUNT.match(str(value["amount"])) is not None
    raise ValueError(f"{word} is no word of the contract")


def untidy(value: Any, place: str = "") -> Iterator[str]:
    """What no answer has, whatever it is of: microseconds, amounts of minor units."""
    if isinstance(value, list):
        for one in value:
            yield from untidy(one, place)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name.endswith("_us"):
                yield f"{place}.{name} is in microseconds"
            if name == "amount" and not isinstance(one, str):
                yield f"{place}.{name} is no decimal text"
            yield from untidy(one, f"{place}.{name}")


class Life:
    """The sample of `habeas init`, from events to a proof. `answers` are by the command's words."""

    def __init__(self, root: Path) -> None:
        self.shop = Shop(root)
        self.answers: dict[str, Any] = {}
        self.live()

    def ask(self, command: str, *words: object) -> Any:
        """Run a command with --json and keep what it answers."""
        done = self.shop.run(*command.split(), *words, "--json")
        assert done.code == 0, f"{command}: {done.err}{done.out}"
        self.answers[command] = json.loads(
            done.out.splitlines()[0] if command in LINES else done.out
        )
        return self.answers[command]

    def live(self) -> None:
        self.begin()
        self.act()
        self.hear()
        self.prove()

    def begin(self) -> None:
        """From the sample to a plan in force."""
        assert self.shop.run("init", "--staff").code == 0
        self.ask("staff add", "ines", "--name", "Ines", "--role", "agent", "--as", "ada")
        self.ask("staff role", "ines", "--give", "treasury", "--as", "ada")
        self.ask("staff leave", "ines", "--as", "ada")
        self.ask("staff list")
        self.ask("import", "--map", "mapping.yaml", "sample.ndjson", "--out", "events.parquet",
                 "--quarantine", "bad.ndjson")  # fmt: skip
        self.ask("check", "policies")
        given = ("--policies", "policies", "--events", "events.parquet")
        plan = self.ask("plan", *given, "--labels", "labels.csv", "--mode", "enforce")
        self.ask("findings", *given, "--out", "findings.parquet")
        self.ask("facts", *given, "--out", "facts.parquet")
        self.ask("why", "boris")
        self.ask("apply", plan["hash"], "--as", "fay")
        self.ask("apply", plan["hash"], "--as", "gus")
        self.ask("run", "--events", "events.parquet", "--policies", "policies", "--once")
        (self.shop.root / "platform.yaml").write_text(PLATFORM, encoding="utf-8")

    def act(self) -> None:
        """Decisions, by policy and by people, told and in force."""
        self.ask("decide")
        finding = self.answers["why"]["findings"][-1]["finding"]
        self.ask("declare", finding, "--step", "suspend", "--as", "dora", "--why", "a stolen card")
        self.ask("queue")
        people = {"boris", *(one["account"] for one in self.answers["queue"]["items"])}
        rows = "".join(f"{name},{name}@mail.example,en\n" for name in sorted(people))
        (self.shop.root / "contacts.csv").write_text("account,email,lang\n" + rows, "utf-8")
        wallet = {"kind": "balance", "id": "w", "amount": "20.00", "currency": "EUR"}
        line = json.dumps({"account": "boris", "holdings": [wallet]})
        (self.shop.root / "holdings.ndjson").write_text(line + "\n", "utf-8")
        self.ask("contacts", "contacts.csv")
        self.ask("holdings", "holdings.ndjson")
        self.ask("ledger")
        self.ask("letters")
        self.ask("notify")
        self.ask("work", "--once")
        self.ask("tick")
        self.ask("standing", "boris")
        self.ask("brake")
        self.ask("waves")
        self.ask("board")

    def hear(self) -> None:
        """What a customer does with the letter, and what follows."""
        bound = self.answers["standing"]["bindings"][0]["decision"]
        self.ask("notice", bound)
        text = self.letter("suspended")
        code = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", text)
        reference = re.search(r"Case reference:\s*([A-Z0-9-]+)", text)
        assert code is not None
        assert reference is not None
        door = (reference[1], "--code", code[0])
        appeal = self.ask("appeal", *door, "--text", "It was not me.")["appeal"]["appeal"]
        self.ask("case", *door)
        self.ask("appeals")
        self.ask("hear", appeal, "--as", "emil")
        self.ask(
            "rule", appeal, "--as", "emil", "--verdict", "overturn", "--reasons", "He is right."
        )
        self.ask("relieve", "--policy", "returns-abuse", "--why", "counted twice")
        relief = self.answers["relieve"]["relief"]
        self.ask("relieve approve", relief, "--as", "dora")
        self.ask("relieve approve", relief, "--as", "ada")
        self.ask("relieve show", relief)
        self.ask("relieve apply", relief)

    def letter(self, about: str) -> str:
        """What was mailed about something, as plain text."""
        for path in (self.shop.folder.root / "mail").glob("*.eml"):
            mail = message_from_bytes(path.read_bytes(), policy=default)
            body = mail.get_body(("plain",))
            if about in str(mail["subject"]) and body is not None:
                return str(body.get_content())
        raise AssertionError(f"nothing was mailed about {about}")

    def prove(self) -> None:
        """The log, and what a customer takes along."""
        self.ask("init-key", "shop.example/log")
        self.ask("seal")
        self.ask("rotate-key", "--as", "ada")
        head = self.ask("checkpoint")["checkpoint"]
        (self.shop.root / "head.txt").write_text(head, "utf-8")
        self.ask("consistency", "--from", "head.txt", "--out", "consistency.json")
        self.ask("verify", "--policies", "policies", "--events", "events.parquet")
        self.ask("export", "boris", "--out", "boris.zip")
        self.ask("erase", "boris", "--as", "ada", "--why", "he asked")


LINES = ("work", "declare", "run")
