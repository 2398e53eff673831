"""Labels: which accounts a person has found abusive or innocent, from CSV, NDJSON or Parquet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from habeas.core.errors import InvalidInput, nearest
from habeas.ports.sources import chunks

WORDS: Mapping[object, bool] = {
    **dict.fromkeys((True, 1, "1", "true", "yes", "abuse", "abusive"), True),
    **dict.fromkeys((False, 0, "0", "false", "no", "innocent"), False),
}


def read_labels(path: Path) -> dict[str, bool]:
    """Whether each labelled account is abusive. The file has the columns `account` and `label`
    (true/false, 1/0, yes/no, abuse/innocent). Raises InvalidInput with the line."""
    found: dict[str, bool] = {}
    for chunk in chunks(path):
        if chunk.broken:
            broken = chunk.broken[0]
            raise _wrong(path, broken.line, broken.reason)
        for name in ("account", "label"):
            if name not in chunk.columns:
                hint = f"columns: {', '.join(chunk.columns)}; {nearest(name, chunk.columns)}"
                raise InvalidInput(f"the labels '{path}' have no column `{name}`", hint)
        rows = zip(chunk.lines, chunk.columns["account"], chunk.columns["label"], strict=True)
        for line, account, label in rows:
            word = label.strip().lower() if isinstance(label, str) else label
            abusive = WORDS.get(word) if isinstance(word, str | int | float) else None
            if account is None or abusive is None:
                raise _wrong(path, line, f"'{label}' for account '{account}' is no label")
            if found.setdefault(str(account), abusive) is not abusive:
                raise _wrong(path, line, f"account '{account}' is labelled in two ways")
    return found


def _wrong(path: Path, line: int, reason: str) -> InvalidInput:
    return InvalidInput(f"the labels '{path}', line {line}: {reason}", "use true or false")
