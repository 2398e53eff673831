"""What the tests of `habeas run` share: the flow called as the command calls it, and what one
replay of the same events finds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from habeas.core.policy import Schema
from habeas.engine.judgement import findings
from habeas.engine.logged import Reader
from habeas.flows.policy.check import check_folder, load_schema
from habeas.flows.policy.run import FINDINGS, QUARANTINE, RunReport, RunRequest, line_of, run
from habeas.ports.tables import read_events
from tests.flows.shop import NOW_US, Shop

Json = dict[str, Any]


def following(
    shop: Shop, source: str | Path = "raw.ndjson", log: str = "log", once: bool = True,
    stopped: Callable[[], bool] = lambda: False, tell: Callable[[RunReport], None] = lambda _: None,
    **more: Any,
) -> RunReport:  # fmt: skip
    """One run on a source of the shop, with the shop's policies."""
    given = {"policies": shop.policies, "size": 7} | more
    request = RunRequest(str(shop.root / source), shop.root / log, follow=not once, **given)
    return run(request, shop.folder, lambda: NOW_US, stopped, tell)


def text_lines(path: Path) -> list[str]:
    """The lines of a file; each is ended."""
    text = path.read_text(encoding="utf-8")
    assert not text or text.endswith("\n")
    return text.split("\n")[:-1]


def found(shop: Shop, log: str = "log") -> list[str]:
    return text_lines(shop.root / log / FINDINGS)


def refused(shop: Shop, log: str = "log") -> list[Json]:
    return [json.loads(line) for line in text_lines(shop.root / log / QUARANTINE)]


def replayed(shop: Shop) -> list[str]:
    """The lines of findings of one replay of the events that the shop has imported."""
    schema = load_schema(shop.schema)
    policies = check_folder(shop.policies, schema).sound().policies
    return list(map(line_of, findings(policies.values(), read_events(shop.events, schema))))


def rows(folder: Path, schema: Schema) -> list[Json]:
    """The events of a log, in order, with texts for codes."""
    log = Reader(folder, schema)
    try:
        made = list(_rows(log))
    finally:
        log.close()
    return made


def _rows(log: Reader) -> Iterator[Json]:
    for _, table in log.tables():
        for row in table.to_pylist():
            yield {
                name: value if not pa.types.is_int32(table.schema.field(name).type)
                else log.texts[value] if value >= 0 else None
                for name, value in row.items()
            }  # fmt: skip
