"""The house rules that no linter knows: sizes, names, and words that must not stay.

Run by pytest through test_tidy.py; `python -m tests.tidy` prints what it finds."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
LONGEST_MODULE = 400
LONGEST_FUNCTION = 70
LONGEST_LINE = 100
BANNED = frozenset("utils util helpers helper common manager base misc".split())
LEFTOVERS = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError|pragma: no cover)\b")
# `at` is a reserved word in DuckDB 2: a column of that name breaks hand-written SQL.
RESERVED_COLUMN = re.compile(r"""(["'])at\1\s*[:,\]]|\bAS at\b|\bat (BIGINT|TIMESTAMP|INTEGER)\b""")
# What differs between languages is data: texts by language, rules in core/languages.
BRANCH = re.compile(r"""\blang(\.value)? *(==|!=|\bin\b) *[("'[{]|["'](en|fr)["'] *(==|!=)""")
IMPURE = re.compile(r"\b(datetime\.now|utcnow|datetime\.today|date\.today|open)\(")
FOLDERS = ("habeas", "tests", "examples", "bench")


def python_files() -> list[Path]:
    return sorted(p for folder in FOLDERS for p in (ROOT / folder).rglob("*.py"))


def complaints(path: Path) -> Iterator[str]:
    """What is untidy in one file, as `path:line: what`."""
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT)
    lines = text.splitlines()
    if len(lines) > LONGEST_MODULE:
        yield f"{name}:1: {len(lines)} lines, more than {LONGEST_MODULE}; two rooms?"
    if path.stem in BANNED:
        yield f"{name}:1: a room named '{path.stem}' says nothing"
    for number, line in enumerate(lines, 1):
        yield from (f"{name}:{number}: {what}" for what in _line(line, path))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{name}:{node.lineno}: {node.name} has {length} lines"


def _line(line: str, path: Path) -> Iterator[str]:
    if len(line) > LONGEST_LINE:
        yield f"{len(line)} characters, more than {LONGEST_LINE}"
    if path.name == "tidy.py":
        return
    if found := LEFTOVERS.search(line):
        yield f"'{found[0]}' was left here"
    if RESERVED_COLUMN.search(line):
        yield "a column called 'at'"
    if "core" in path.parts and "habeas" in path.parts and IMPURE.search(line):
        yield "the core has no clock and opens no file"
    spoken = path.relative_to(ROOT).parts[0] == "habeas" and path.name != "languages.py"
    if spoken and BRANCH.search(line):
        yield "a language is no branch but a row of data (core/languages)"


def everything() -> list[str]:
    return [what for path in python_files() for what in complaints(path)]


if __name__ == "__main__":
    print("\n".join(everything()) or "tidy")
