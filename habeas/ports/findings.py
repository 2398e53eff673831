"""Findings in files: Parquet as `habeas findings` and `habeas plan` write it, or NDJSON as
`habeas run` does."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from habeas.core.errors import InvalidInput
from habeas.core.policy import Finding
from habeas.ports.files import existing
from habeas.ports.tables import finding_rows

WHAT = "the findings file"
HINT = "make it with `habeas findings` or `habeas run`"


def read_all_findings(path: Path, facts: Mapping[str, Iterable[str]]) -> tuple[list[Finding], int]:
    """The findings of the policies whose facts are given, in the order of the file, and how many
    others there are. Raises NotFound, and InvalidInput with the line or the reason."""
    if path.suffix in (".ndjson", ".jsonl"):
        found = _lines(path)
        own = [f for f in found if f.policy in facts]
        return own, len(found) - len(own)
    return finding_rows(path, facts)


def _lines(path: Path) -> list[Finding]:
    existing(path, WHAT)
    found = []
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.endswith(b"\n"):
                break  # a line without its end is being written, or was cut by a crash
            try:
                found.append(Finding.of_json(json.loads(line)))
            except (ValueError, LookupError, TypeError) as error:
                raise InvalidInput(
                    f"line {number} of '{path}' is no finding ({type(error).__name__}: {error})",
                    HINT,
                ) from None
    return found
