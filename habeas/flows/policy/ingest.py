"""Ingest: raw records in, events out. Every record read is accepted, a duplicate, or in
quarantine with its file, line, field and reason; the three counts always add up."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from habeas.core.policy import Event
from habeas.core.policy.events import EventValue, Refusal, accept
from habeas.core.policy.schema import ENVELOPE
from habeas.ports.arrivals import RefusedRecord
from habeas.ports.files import apart, written
from habeas.ports.mappings import EventMapping, Mapper, read_mapping
from habeas.ports.sources import Chunk, chunks
from habeas.ports.tables import events_table, events_writer

Advance = Callable[[int], None]
# What a reason says of one record only: values as Python writes them, in quotes, first, or last
# after "not"; the place of a byte.
QUOTED = re.compile(
    r"""'(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" | ^-?\d\S* | ^\[.*?\](?=\ ) | ^\{.*?\}(?=\ )
      | (?<=,\ not\ ).*$ | (?<=^byte\ )\d+""",
    re.VERBOSE,
)
PLACE = re.compile(r": line \d+ column \d+ \(char \d+\)$")


@dataclass(slots=True)
class IngestReport:
    """read = accepted + duplicate + quarantined."""

    read: int = 0
    accepted: int = 0
    duplicate: int = 0
    quarantined: int = 0
    differing: int = 0  # of the duplicates: same id as an accepted event, other content
    reasons: Counter[str] = field(default_factory=Counter)  # "field: reason" of the quarantined
    types: Counter[str] = field(default_factory=Counter)  # event types of the accepted
    ignored: Counter[str] = field(default_factory=Counter)  # values that their type does not have
    first_us: int | None = None
    last_us: int | None = None

    def as_json(self) -> dict[str, object]:
        return {
            "read": self.read,
            "accepted": self.accepted,
            "duplicate": self.duplicate,
            "duplicate_differing": self.differing,
            "quarantined": self.quarantined,
            "reasons": dict(self.reasons.most_common()),
            "types": dict(self.types.most_common()),
            "ignored": dict(self.ignored.most_common()),
            "first_us": self.first_us,
            "last_us": self.last_us,
        }


def ingest(
    inputs: Sequence[Path],
    mapping: Path,
    out: Path,
    quarantine: Path,
    now_us: int,
    schema: Path | None = None,
    progress: Advance = lambda _: None,
) -> IngestReport:
    """Import `inputs` in the order given; their order is the order of the log.

    Both outputs appear together at the end, the quarantine first: a crash leaves neither, or
    the quarantine alone, and the same call made again gives the same files.
    """
    apart(out, [quarantine, mapping, schema, *inputs])
    apart(quarantine, [mapping, schema, *inputs])
    found = read_mapping(mapping, schema)
    with (
        events_writer(out, found.schema) as events,
        written(quarantine) as part,
        # names of files and values may hold what UTF-8 cannot; JSON's own escape can
        part.open("w", encoding="utf-8", errors="backslashreplace") as refused,
    ):
        run = _Run(found, now_us, refused)
        for path in inputs:
            for chunk in chunks(path, found.shape.delimiter):
                events.write_table(events_table(run.take(chunk), found.schema))
                progress(chunk.read)
    return run.counts


class _Run:
    """One import: what was seen so far, and where refusals go."""

    def __init__(self, mapping: EventMapping, now_us: int, refused: IO[str]) -> None:
        self.mapping, self.now_us, self.refused = mapping, now_us, refused
        self.mapper = Mapper(mapping)
        self.counts = IngestReport()
        self.seen: dict[str, int] = {}  # id of each accepted event, and a hash of its content

    def take(self, chunk: Chunk) -> list[Event]:
        counts = self.counts
        counts.read += chunk.read
        for broken in chunk.broken:
            refusal = Refusal("record", broken.reason)
            self._quarantine(chunk.file, broken.line, refusal, broken.raw)
        fields, failed = self.mapper.fields(chunk)
        accepted = []
        for i, values in enumerate(zip(*fields.values(), strict=True)):
            raw = dict(zip(fields, values, strict=True))
            try:
                if i in failed:
                    raise failed[i]
                event = accept(raw, self.mapping.schema, self.now_us, self.mapping.zone)
            except Refusal as refusal:
                self._quarantine(chunk.file, chunk.lines[i], refusal, chunk.raw(i).encode())
                continue
            if self._is_new(event):
                accepted.append(event)
                self._note(event, raw)
        return accepted

    def _is_new(self, event: Event) -> bool:
        # of the text, as Python gives -1 and -2 one hash
        content = hash(repr((event.time_us, event.account, event.type, event.attributes)))
        first = self.seen.setdefault(event.id, content)
        if len(self.seen) == self.counts.accepted:
            self.counts.duplicate += 1
            self.counts.differing += first != content
            return False
        self.counts.accepted += 1
        return True

    def _note(self, event: Event, raw: Mapping[str, EventValue]) -> None:
        counts = self.counts
        counts.types[event.type] += 1
        if counts.first_us is None or counts.last_us is None:
            counts.first_us = counts.last_us = event.time_us
        counts.first_us = min(event.time_us, counts.first_us)
        counts.last_us = max(event.time_us, counts.last_us)
        for name, value in raw.items():
            if value is not None and name not in event.attributes and name not in ENVELOPE:
                counts.ignored[f"{name} of {event.type}"] += 1

    def _quarantine(self, file: str, line: int, refusal: Refusal, raw: bytes) -> None:
        self.counts.quarantined += 1
        self.counts.reasons[f"{refusal.field}: {_kind(refusal.reason)}"] += 1
        entry = RefusedRecord(file, line, refusal.field, refusal.reason, raw).as_json()
        self.refused.write(json.dumps(entry, ensure_ascii=False) + "\n")


def _kind(reason: str) -> str:
    """A reason without the value it quotes, so that like reasons are counted together."""
    return QUOTED.sub("…", PLACE.sub("", reason))
