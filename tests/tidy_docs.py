"""What documents and hints name exists: links, anchors, files, commands and their options.

Run by pytest through test_tidy_docs.py; `python -m tests.tidy_docs` prints what it finds."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from tests import ROOT

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEAD = re.compile(r"^#+ (.+)$", re.MULTILINE)
# A path of ours: in documents from the root or below habeas/, in code below habeas/ or tests/.
PLACE = re.compile(
    r"(?<![\w./-])((?:habeas|tests|bench|examples|docs|core|engine|store|ports|flows|pages|cli)"
    r"(?:/[a-z0-9_-]+)+(?:\.(?:py|md|sh|yaml|css|typ|txt|json|svg))?)(?![\w/*<-])"
)
COMMAND = re.compile(r"habeas ([a-z][a-z-]*)((?: [^`\n]*)?)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
OF_ANOTHER_TIME = ("CHANGELOG.md", "0003-rooms-of-the-first-floor.md")  # it was replaced
NO_PLACE = ("bench/results",)  # made by `make bench`
PROSE = frozenset("is that made on of for an and to can beside has it was again may does".split())


def documents() -> list[Path]:
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return sorted(p for p in found if p.name not in OF_ANOTHER_TIME)


def code() -> list[Path]:
    return sorted((ROOT / "habeas").rglob("*.py"))


def anchor(head: str) -> str:
    """As a forge makes it of a heading."""
    return re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-")


def links(path: Path, text: str) -> Iterator[str]:
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, mark = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        if not there.exists():
            yield f"there is no {target}"
        elif mark and mark not in map(anchor, HEAD.findall(there.read_text(encoding="utf-8"))):
            yield f"{file or path.name} has no heading #{mark}"


def places(text: str) -> Iterator[str]:
    for found in PLACE.findall(text):
        roots = (ROOT, ROOT / "habeas", ROOT / "tests")
        if found.startswith(NO_PLACE) or any(_is_there(root / found) for root in roots):
            continue
        yield f"there is no {found}"


def _is_there(path: Path) -> bool:
    return (
        path.exists()
        or path.with_suffix(".py").exists()
        or bool([*path.parent.glob(f"{path.name}-*")])
    )


@cache
def commands() -> Mapping[str, frozenset[str]]:
    """Each command, and those below it, with the options that they take."""
    from typer.main import get_command

    from habeas.cli.app import app

    found: dict[str, frozenset[str]] = {}
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", {})
        own = [command, *below.values()]
        found[name] = frozenset(
            o for one in own for p in one.params for o in (*p.opts, *p.secondary_opts)
        )
    return found


def told(text: str) -> Iterator[str]:
    """Commands and options that are named as such: in code spans, code blocks and hints."""
    for span in re.findall(r"`([^`\n]+)`|^ {4}(\S.*)$|^\$ (.+)$", text, re.MULTILINE):
        for name, rest in COMMAND.findall(next(filter(None, span), "")):
            if name in PROSE:
                continue
            if name not in commands():
                yield f"there is no command habeas {name}"
                continue
            for option in OPTION.findall(rest.partition("#")[0]):
                if option not in (*commands()[name], "--help", "--version"):
                    yield f"habeas {name} has no {option}"


def hints() -> Iterator[tuple[str, str]]:
    """Every text of the code, with its place."""
    for path in code():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value


def everything() -> list[str]:
    found = []
    for path in documents():
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT)
        found += [f"{name}: {what}" for what in (*links(path, text), *places(text), *told(text))]
    for path in code():
        found += [f"{path.relative_to(ROOT)}: {what}" for what in places(path.read_text("utf-8"))]
    for place, text in hints():
        found += [f"{place}: {what}" for what in told(text)]
    return found


if __name__ == "__main__":
    print("\n".join(everything()) or "tidy")
