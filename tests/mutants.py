"""Mutants: is every part of a module's meaning noticed by a test? (docs/mutants.md)

    python -m tests.mutants [--module habeas/core/brake/brakes.py ...] [--sample N] [--seed S]

changes a module in one place after another (`tests.mutations`), in a copy of the tree, and runs the
tests that cover the place (`tests.mutant_runs`). What no test notices is listed; what cannot change
any answer is in `mutants_equivalent.txt`, with a reason. Ends with 1 where a module is under its
goal, or where that file names what is not there."""

from __future__ import annotations

import argparse
import ast
import os
import random
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

from tests.mutant_runs import LONGEST_S, SPARE_S, TIMES, Cover, Worker, copied, cover
from tests.mutations import Mutation, mutations

ROOT = Path(__file__).parent.parent
# The modules that `make mutants` tries, and which part of their mutants is to be noticed, percent.
GOALS: Mapping[str, int] = {
    "habeas/core/brake/*.py": 95,
    "habeas/flows/brake/*.py": 95,
    "habeas/flows/decision/tick.py": 90,
    "habeas/flows/letter/notify.py": 90,
    "habeas/core/property/holdings.py": 90,
    "habeas/flows/property/holdings.py": 90,
    "habeas/ports/holdings.py": 90,
}
USUAL_GOAL = 90  # of a module that is not in the table
TESTS = ("tests/core", "tests/flows", "tests/ports", "tests/store", "tests/pages")
EQUIVALENT = Path(__file__).with_name("mutants_equivalent.txt")


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A mutation that changes no answer, and why."""

    module: str
    function: str
    before: str
    after: str
    reason: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.module, self.function, self.before, self.after


def key_of(one: Mutation) -> tuple[str, str, str, str]:
    return one.module, one.function, one.before, one.after


def equivalents(text: str) -> list[Equivalent]:
    """Entries with an empty line between them: the module and the function, `- ` and the source
    before, `+ ` and the source after, then the reason. `#` begins a comment. Raises ValueError."""
    found = []
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for block in "\n".join(lines).split("\n\n"):
        if not (rows := block.strip("\n").splitlines()):
            continue
        place = rows[0].split()
        whole = len(rows) > 3 and rows[1].startswith("- ") and rows[2].startswith("+ ")
        if not whole or not place:
            raise ValueError(f"an entry is not place, before, after, reason: {block.strip()!r}")
        function = place[1] if len(place) > 1 else ""
        reason = " ".join(row.strip() for row in rows[3:])
        found.append(Equivalent(place[0], function, rows[1][2:], rows[2][2:], reason))
    return found


def unmatched(listed: Iterable[Equivalent], root: Path = ROOT) -> list[str]:
    """What the list names and no module has, as a sentence each."""
    of: dict[str, set[tuple[str, str, str, str]]] = {}
    for one in listed:
        path = root / one.module
        if one.module not in of:
            text = path.read_text(encoding="utf-8") if path.is_file() else ""
            of[one.module] = {key_of(made) for made, _ in mutations(one.module, text)}
    return [
        f"{one.module} {one.function}: '{one.before}' -> '{one.after}' is listed as equivalent, "
        "and no mutation is so; correct the entry or take it out"
        for one in listed
        if one.key not in of[one.module]
    ]


def modules(patterns: Iterable[str], root: Path = ROOT) -> list[str]:
    """The files of some patterns, relative to the root. Raises ValueError for none."""
    found: dict[str, None] = {}
    for pattern in patterns:
        paths = sorted(root.glob(pattern))
        if not paths:
            raise ValueError(f"no module is called {pattern}; name it from the root of the tree")
        found |= dict.fromkeys(path.relative_to(root).as_posix() for path in paths)
    return list(found)


def goal_of(module: str) -> int:
    patterns = (p for p in GOALS if Path(module).match(p))
    return GOALS.get(next(patterns, ""), USUAL_GOAL)


@dataclass(slots=True)
class Tally:
    """What became of a module's mutants."""

    module: str
    goal: int
    noticed: int = 0
    equivalent: int = 0
    survivors: list[Mutation] = field(default_factory=list)

    @property
    def percent(self) -> float:
        tried = self.noticed + len(self.survivors)
        return 100.0 * self.noticed / tried if tried else 100.0

    @property
    def reached(self) -> bool:
        return self.percent >= self.goal

    def __str__(self) -> str:
        return (
            f"{self.module:36} {self.percent:5.1f} % of {self.goal} %   noticed {self.noticed}, "
            f"survived {len(self.survivors)}, equivalent {self.equivalent}"
        )


@dataclass(frozen=True, slots=True)
class _Mutant:
    mutation: Mutation
    source: str


def _mutants(root: Path, module: str, sample: int, seed: int) -> list[_Mutant]:
    """All, or so many of them at random: the same ones for the same seed."""
    text = (root / module).read_text(encoding="utf-8")
    count = sum(1 for _ in mutations(module, text))
    chosen = set(range(count))
    if sample and sample < count:
        chosen = set(random.Random(f"{seed} {module}").sample(range(count), sample))  # noqa: S311
    return [
        _Mutant(made, ast.unparse(tree))
        for made, tree in mutations(module, text)
        if made.number in chosen
    ]


def tried(
    root: Path,
    names: Sequence[str],
    listed: Sequence[Equivalent],
    *,
    tests: Sequence[str] = TESTS,
    sample: int = 0,
    seed: int = 0,
    jobs: int = 1,
) -> list[Tally]:
    """What becomes of the mutants of some modules, of which `sample` each (0: all). Raises
    CalledProcessError where the tests cannot be run, RuntimeError where those of one mutant."""
    tallies = {name: Tally(name, goal_of(name)) for name in names}
    known = {one.key for one in listed}
    waiting = []
    for name in names:
        for mutant in _mutants(root, name, sample, seed):
            if key_of(mutant.mutation) in known:
                tallies[name].equivalent += 1
            else:
                waiting.append(mutant)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        covered = copied(root, Path(folder, "covered"))
        found = cover(covered, names, tests, jobs)
        for test in sorted(found.failed):
            print(f"left out, since it fails without any change: {test}", flush=True)
        workers = [Worker(covered, Path(folder, f"worker {n}")) for n in range(jobs)]
        for name in names:
            _check_unchanged(root, name, workers[0], found)
        for n, (mutant, noticed) in enumerate(_answers(waiting, workers, found), 1):
            tally = tallies[mutant.mutation.module]
            tally.noticed += noticed
            if not noticed:
                tally.survivors.append(mutant.mutation)
            said = "noticed " if noticed else "SURVIVED"
            print(f"{n}/{len(waiting)} {said} {mutant.mutation}", flush=True)
        for worker in workers:
            worker.close()
    return [one for one in tallies.values() if one.noticed or one.survivors or one.equivalent]


def _answers(
    waiting: Sequence[_Mutant], workers: Sequence[Worker], found: Cover
) -> Iterator[tuple[_Mutant, bool]]:
    """Each mutant and whether it was noticed, each by the next worker that is free."""
    free: SimpleQueue[Worker] = SimpleQueue()
    for worker in workers:
        free.put(worker)

    def one(mutant: _Mutant) -> tuple[_Mutant, bool]:
        worker = free.get()
        try:
            return mutant, _noticed(mutant, worker, found)
        finally:
            free.put(worker)

    with ThreadPoolExecutor(len(workers)) as pool:
        yield from pool.map(one, waiting)


def _check_unchanged(root: Path, module: str, worker: Worker, found: Cover) -> None:
    """A test that fails in a copy without any change would notice everything."""
    if tests := found.chosen(module, (), 2.0):
        said = worker.run(
            module, (root / module).read_text(encoding="utf-8"), tests, 10 * LONGEST_S
        )
        if said != "passed":
            raise RuntimeError(f"the tests of {module} fail in a copy of the tree: {said}")


def _noticed(mutant: _Mutant, worker: Worker, found: Cover) -> bool:
    mutation = mutant.mutation
    tests = found.chosen(mutation.module, mutation.lines)
    if not tests:
        return False
    usual_s = sum(found.seconds.get(test, 0.0) for test in tests)
    said = worker.run(mutation.module, mutant.source, tests, SPARE_S + TIMES * usual_s)
    if said not in ("passed", "failed", "broken", "late"):
        raise RuntimeError(f"the tests of {mutation} could not be run: {said}")
    return said != "passed"


def main(words: Sequence[str]) -> int:
    """The command; returns how it ends."""
    parser = argparse.ArgumentParser("python -m tests.mutants", description="What tests notice.")
    parser.add_argument("--module", nargs="+", default=[*GOALS], help="paths or patterns")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="where tests are looked for")
    parser.add_argument("--sample", type=int, default=0, help="so many mutants of each module")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    asked = parser.parse_args(words)
    try:
        listed = equivalents(EQUIVALENT.read_text(encoding="utf-8"))
        names = modules(asked.module, ROOT)
    except ValueError as error:
        parser.error(str(error))
    tallies = tried(
        ROOT, names, listed,
        tests=asked.tests, sample=asked.sample, seed=asked.seed, jobs=asked.jobs,
    )  # fmt: skip
    wrong = unmatched(listed, ROOT)
    print("\n".join(["", *map(str, tallies), *wrong]))
    for tally in tallies:
        for mutation in tally.survivors:
            print(f"survived  {mutation}  (in {mutation.function or 'the module'})")
    return int(bool(wrong) or not all(tally.reached for tally in tallies))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
