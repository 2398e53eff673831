"""What documents and hints name exists: links, anchors, files, names, commands and their options;
and CONTRIBUTING names every module.

Run by pytest through test_tidy_docs.py; `python -m tests.tidy_docs` prints what it finds."""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from tests import ROOT

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEAD = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCE = re.compile(r"^ *```.*?\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<!`)`([^`\n]+(?:\n(?! *\n)[^`\n]+)?)`(?!`)")
FLOORS = "core|engine|store|ports|flows|pages|cli"
# A path of ours: in documents from the root or below habeas/, in code below habeas/ or tests/;
# then perhaps a name in it.
PLACE = re.compile(
    rf"(?<![\w./-])((?:habeas|tests|bench|examples|docs|{FLOORS})"
    r"(?:/[a-z0-9_-]+)+(?:\.(?:py|md|sh|yaml|css|typ|txt|json|svg))?)"
    r"/?(?![\w/*<-])(?:\.([A-Za-z_]\w*))?"
)
# A name of ours as Python has it, and a file of tests, in documents both as code.
DOTTED = re.compile(rf"(?<![\w./])(?:habeas\.)?((?:{FLOORS})(?:\.[A-Za-z_]\w*)+)")
TRIAL = re.compile(r"^((?:[a-z_]+/)*test_\w+)(?:\.py)?$")
COMMAND = re.compile(r"(?<![\w./-])habeas ([a-z][a-z-]*)(?=[ `,.;:)'\"\n]|$)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
OF_ANOTHER_TIME = ("CHANGELOG.md", "0003-rooms-of-the-first-floor.md")  # it was replaced
NO_PLACE = ("bench/results",)  # made by `make bench`
PROSE = frozenset(
    "is that made on of for an and to can beside has it was again may does refused".split()
)
OF_OTHERS = frozenset(["--py-files"])  # Spark's
ALWAYS = frozenset(["--help", "--version"])

Options = Mapping[str, frozenset[str]]


def documents() -> list[Path]:
    folders = (ROOT / "docs", ROOT / ".github", ROOT / "habeas" / "scaffold")
    found = [*ROOT.glob("*.md"), *(page for folder in folders for page in folder.rglob("*.md"))]
    return sorted(p for p in found if p.name not in OF_ANOTHER_TIME)


def code() -> list[Path]:
    return sorted((ROOT / "habeas").rglob("*.py"))


def beside() -> list[Path]:
    """Code that is not Habeas: only its remarks name what must be there."""
    found = [p for folder in ("tests", "bench", "examples") for p in (ROOT / folder).rglob("*.py")]
    return sorted(p for p in found if p.stem not in ("tidy_docs", "test_tidy_docs"))  # made wrong


def remarks(path: Path) -> str:
    """The comments of a module, and its texts of several lines."""
    with path.open("rb") as file:
        return "\n".join(
            token.string
            for token in tokenize.tokenize(file.readline)
            if token.type == tokenize.COMMENT or token.string.startswith('"""')
        )


def anchor(head: str) -> str:
    """As a forge makes it of a heading."""
    return re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-")


def headings(page: Path) -> list[str]:
    """The anchors of a page; a remark in a block of code is none."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return [anchor(head) for head in HEAD.findall(text)]


def links(path: Path, text: str) -> Iterator[str]:
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, mark = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        if not there.exists():
            yield f"there is no {target}"
        elif mark and mark not in headings(there):
            yield f"{file or path.name} has no heading #{mark}"


def places(text: str) -> Iterator[str]:
    for found, name in PLACE.findall(text):
        roots = (ROOT, ROOT / "habeas", ROOT / "tests")
        if found.startswith(NO_PLACE):
            continue
        there = [root / found for root in roots if _is_there(root / found)]
        if not there:
            yield f"there is no {found}"
        elif name and not any(_has(path.with_suffix(".py"), name) for path in there):
            yield f"{found} has no {name}"


def _is_there(path: Path) -> bool:
    return (
        path.exists()
        or path.with_suffix(".py").exists()
        or bool([*path.parent.glob(f"{path.name}-*")])
    )


def _has(path: Path, name: str) -> bool:
    if not path.is_file():
        return False
    made = rf"^\s*(?:(?:async )?def|class) {name}\b|^{name}\b.*="
    return bool(re.search(made, path.read_text(encoding="utf-8"), re.MULTILINE))


def names(text: str) -> Iterator[str]:
    """Dotted names and files of tests in the code spans of a document."""
    for span in SPAN.findall(FENCE.sub("", text)):
        yield from dotted(span)
        if (trial := TRIAL.match(span)) and not _tried(trial[1].removeprefix("tests/")):
            yield f"there is no {trial[1]}"


def _tried(trial: str) -> bool:
    return bool([*(ROOT / "tests").rglob(f"{trial}.py")])


def dotted(text: str) -> Iterator[str]:
    for found in DOTTED.findall(text):
        if not _resolved(found.split(".")):
            yield f"there is no {found}"


def _resolved(parts: list[str]) -> bool:
    path = ROOT / "habeas"
    for i, part in enumerate(parts):
        if (path / part).is_dir():
            path = path / part
        else:
            module = path / f"{part}.py"
            rest = parts[i + 1 :] if module.exists() else parts[i:]
            module = module if module.exists() else path / "__init__.py"
            return not rest or rest[0] in module.read_text(encoding="utf-8")
    return True


@cache
def commands() -> Options:
    """Each command, and those below it (`brake release`), with the options that it takes."""
    from typer.main import get_command

    from habeas.cli.app import app

    found: dict[str, frozenset[str]] = {}
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", {})
        for full, one in {name: command, **{f"{name} {k}": v for k, v in below.items()}}.items():
            seen = (p for p in one.params if not getattr(p, "hidden", False))
            opts = (o for p in seen for o in (*p.opts, *p.secondary_opts))
            found[full] = ALWAYS | frozenset(opts)
    return found


@cache
def _options() -> frozenset[str]:
    """All options that there are, of the commands, the benchmarks and the mutants."""
    tools = [*(ROOT / "bench").glob("*.py"), ROOT / "tests" / "mutants.py"]
    texts = [path.read_text(encoding="utf-8") for path in tools]
    return OF_OTHERS.union(*commands().values(), *map(OPTION.findall, texts))


def told(text: str) -> Iterator[str]:
    """Commands and options that a document names: in code spans and in blocks of code."""
    rest = FENCE.sub("", text)
    for span in SPAN.findall(rest):
        one = " ".join(span.split())
        if one.startswith("--"):
            yield from (f"nothing has {o}" for o in OPTION.findall(one) if o not in _options())
        elif " --" in one and one.split()[0] in commands():
            one = f"habeas {one}"  # `queue --limit 5`, beside others
        yield from asked(one)
    blocks = [*FENCE.findall(text), *re.findall(r"(?:^ {4}\S.*\n?)+", rest, re.MULTILINE)]
    for block in blocks:
        joined = re.sub(r"\\?\n\s+(?=\[?--)", " ", block)  # a command goes on
        for line in joined.splitlines():
            yield from asked(line.partition(" #")[0])


def unspoken(text: str) -> Iterator[str]:
    """Options of which no document says anything."""
    spoken = {*OPTION.findall(text), *ALWAYS}
    for name, options in commands().items():
        missing = sorted(o for o in options - spoken if o.startswith("--"))
        yield from (f"no page has {name} {option}" for option in missing)


def asked(line: str) -> Iterator[str]:
    """What no command answers to, in one line of code or one sentence of a hint."""
    parts = COMMAND.split(line)[1:]
    for name, rest in zip(parts[::2], parts[1::2], strict=True):
        if name in PROSE:
            continue
        if name not in commands():
            yield f"there is no command habeas {name}"
            continue
        word = re.match(r" ([a-z]+)(?=[ ,`]|$)", rest)
        full = f"{name} {word[1]}" if word else name
        if full not in commands():
            full = name
        for option in OPTION.findall(re.split(r"`| \| ", rest)[0]):
            if option not in commands()[full]:
                yield f"habeas {full} has no {option}"


def hints() -> Iterator[tuple[str, str]]:
    """Every text of the code, with its place; X stands for what is filled in."""
    for path in code():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        inside = {v for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for v in n.values}
        module = path.relative_to(ROOT)
        for node in ast.walk(tree):
            place = f"{module}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.JoinedStr):
                parts = (v.value if isinstance(v, ast.Constant) else "X" for v in node.values)
                yield place, "".join(map(str, parts))
            elif isinstance(node, ast.Constant) and node not in inside:
                yield place, node.value if isinstance(node.value, str) else ""


def unlisted(text: str) -> Iterator[str]:
    """Modules that the tables of CONTRIBUTING do not name, and what they name that is none.

    A row is `room` | what core has | what flows have, or `floor` | what it has."""
    for line in text.splitlines():
        first, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        room = first.strip("`")
        if (ROOT / "habeas" / "core" / room).is_dir() and len(cells) == 2:
            folders = [f"core/{room}", f"flows/{room}"]
        elif re.fullmatch(FLOORS, room) and len(cells) == 1:
            folders = [room]
        else:
            continue
        for folder, cell in zip(folders, cells, strict=True):
            there = {p.stem for p in (ROOT / "habeas" / folder).glob("*.py")} - {"__init__"}
            listed = set(re.findall(r"`([a-z_]+)`", cell))
            yield from (f"{folder} has {name}" for name in sorted(there - listed))
            yield from (f"{folder} has no {name}" for name in sorted(listed - there))


def everything() -> list[str]:
    found = []
    for path in documents():
        text = path.read_text(encoding="utf-8")
        what = (*links(path, text), *places(text), *names(text), *told(text))
        found += [f"{path.relative_to(ROOT)}: {one}" for one in what]
    for path in code():
        what = (*places(path.read_text(encoding="utf-8")), *dotted(remarks(path)))
        found += [f"{path.relative_to(ROOT)}: {one}" for one in what]
    for path in beside():
        said = remarks(path)
        found += [f"{path.relative_to(ROOT)}: {one}" for one in (*places(said), *dotted(said))]
    for place, text in hints():
        found += [f"{place}: {what}" for what in asked(text)]
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    whole = "\n".join(path.read_text(encoding="utf-8") for path in documents())
    return [*found, *(f"CONTRIBUTING.md: {what}" for what in unlisted(page)), *unspoken(whole)]


if __name__ == "__main__":
    print("\n".join(everything()) or "tidy")
