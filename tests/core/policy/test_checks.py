"""The checks of policy files, each against a golden file in tests/golden/checks.

A golden file holds the files of a folder, then all that the checks say of them: each problem as
it is printed, and under it the line it points at. After a change that is meant,

    HABEAS_REWRITE_GOLDEN=1 pytest tests/core/policy/test_checks.py

writes what the checks say now into the golden files; read the difference before you keep it.
"""

from __future__ import annotations

import os
import pkgutil
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import chain
from pathlib import Path

import pytest

from habeas.core.errors import Level, Problem
from habeas.core.policy import Schema, checks
from habeas.core.policy.checks import (
    AppliedVersion,
    problems_of,
    problems_of_folder,
    problems_of_schema,
    version_problems,
)
from habeas.core.policy.policies import Declared, Draft, policy_of
from habeas.core.policy.schema import read_schema
from habeas.core.policy.shapes import PolicyShape, shaped
from habeas.core.policy.yaml import Document, read_document
from tests import ROOT
from tests.core.samples import POLICY, SCHEMA, draft_of, edited

FOLDER = ROOT / "tests" / "golden" / "checks"
REWRITE = os.environ.get("HABEAS_REWRITE_GOLDEN") == "1"
SHARED = (FOLDER / "events.yaml").read_text(encoding="utf-8")
MODULES = sorted(module.name for module in pkgutil.iter_modules(checks.__path__))
PLATFORM = "events.yaml"
FILE, IN_FORCE, FOUND = "=== file ", "=== in force ", "=== problems"


@dataclass(frozen=True)
class Golden:
    """The head of a golden file, its policies, those in force, its schema, and what was said."""

    head: str
    policies: dict[str, str]
    in_force: dict[str, str]
    schema: str
    said: str


def golden_of(text: str) -> Golden:
    head, *parts = text.split("\n=== ")
    sections = dict((f"=== {part}").split("\n", 1) for part in parts)
    files = {k.removeprefix(FILE): v for k, v in sections.items() if k.startswith(FILE)}
    force = {k.removeprefix(IN_FORCE): v for k, v in sections.items() if k.startswith(IN_FORCE)}
    schema = files.pop(PLATFORM, SHARED)
    return Golden(head, files, force, schema, sections.get(FOUND, ""))


@dataclass(frozen=True)
class Folder:
    """What the checks are given: as `habeas check` reads it, without its files."""

    drafts: tuple[Draft, ...]
    declared: tuple[Declared, ...]
    in_force: dict[str, AppliedVersion]

    @property
    def documents(self) -> dict[str, Document]:
        found = [one.document for one in (*self.drafts, *self.declared)]
        return {document.file: document for document in found}


def folder_of(golden: Golden) -> Folder:
    document = read_document(golden.schema, PLATFORM)
    schema = read_schema(document)
    shape = schema.shape
    declared = (
        Declared(document, schema, "segments", shape.segments),
        Declared(document, schema, "stake", shape.stake),
    )
    drafts = tuple(_draft(file, text, schema) for file, text in golden.policies.items())
    old = [policy_of(_draft(file, text, schema)) for file, text in golden.in_force.items()]
    return Folder(drafts, declared, {p.name: AppliedVersion(p.version, p.outcome) for p in old})


def _draft(file: str, text: str, schema: Schema) -> Draft:
    document = read_document(text, file)
    return Draft(document, shaped(document, PolicyShape), schema)


def all_problems(folder: Folder) -> list[Problem]:
    found = list(chain.from_iterable(map(problems_of_schema, folder.declared)))
    for draft in folder.drafts:
        own = problems_of(draft)
        found += own
        if all(problem.level is not Level.ERROR for problem in own):
            found += version_problems(draft, folder.in_force)
    return found + problems_of_folder(folder.drafts)


def printed(problem: Problem, documents: dict[str, Document]) -> str:
    line = documents[problem.file].text.split("\n")[problem.line - 1]
    return f"{problem}\n  | {line}\n  | {' ' * (problem.column - 1)}^\n"


def own_problems(name: str, folder: Folder) -> list[Problem]:
    """What the one check of this name says."""
    problems = import_module(f"habeas.core.policy.checks.{name}").problems
    if name == "version_raised":
        return list(chain.from_iterable(problems(d, folder.in_force) for d in folder.drafts))
    if name in ("same_fact", "same_policy"):
        return list(problems(folder.drafts))
    if name == "schema_facts":
        return list(chain.from_iterable(map(problems, folder.declared)))
    if name.startswith("fact_"):
        return list(chain.from_iterable(problems(d.declared) for d in folder.drafts))
    return list(chain.from_iterable(map(problems, folder.drafts)))


def test_every_check_has_a_golden_file() -> None:
    golden = {path.stem for path in FOLDER.glob("*.txt")}
    assert golden == {*MODULES, "many_at_once"}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_the_checks_say_what_the_golden_file_holds(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    golden = golden_of(text)
    folder = folder_of(golden)
    found = all_problems(folder)
    said = "".join(printed(problem, folder.documents) for problem in found)
    if REWRITE:
        path.write_text(text.split(f"\n{FOUND}")[0] + f"\n{FOUND}\n{said}", encoding="utf-8")
    else:
        assert said == golden.said
    if path.stem in MODULES:
        own = own_problems(path.stem, folder)
        assert own, "the golden file must make its check complain"
        assert set(own) <= set(found)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_a_golden_file_begins_with_the_question_of_its_check(path: Path) -> None:
    head = golden_of(path.read_text(encoding="utf-8")).head
    if path.stem in MODULES:
        doc = import_module(f"habeas.core.policy.checks.{path.stem}").__doc__
        assert head.strip() == f"# {(doc or '').strip()}"
    else:
        assert head.startswith("# ")


def test_a_good_policy_has_no_problem() -> None:
    draft = draft_of(POLICY)
    assert problems_of(draft) == problems_of_folder([draft]) == []
    assert list(version_problems(draft, {})) == []
    policy = policy_of(draft)
    assert list(version_problems(draft, {policy.name: AppliedVersion(3, policy.outcome)})) == []
    assert list(version_problems(draft, {policy.name: AppliedVersion(2, "another")})) == []


def test_two_files_may_share_a_fact_of_one_meaning() -> None:
    other = edited("policy: returns-abuse", "policy: other")
    assert problems_of_folder([draft_of(POLICY), draft_of(other, "other.yaml")]) == []


def test_problems_come_in_the_order_of_the_file_and_once() -> None:
    text = edited("orders_365d >= 20", "orders >= 20 or orders >= 30")
    text = edited("{age: signup, unit: day}", "{age: sign, unit: day}", text)
    text = edited("disclose: [orders_365d, ", "disclose: [", text)
    found = problems_of(draft_of(text))
    assert [(p.line, p.column) for p in found] == sorted((p.line, p.column) for p in found)
    assert len(set(found)) == len(found) == 4
    assert {p.level for p in found} == {Level.ERROR, Level.WARNING}


def test_good_segments_and_stakes_have_no_problem() -> None:
    text = f"{SCHEMA}stake:\n  revenue: {{sum: amount, of: order}}\n"
    document = read_document(text, PLATFORM)
    schema = read_schema(document)
    for section in ("segments", "stake"):
        declared = Declared(document, schema, section, getattr(schema.shape, section))
        assert problems_of_schema(declared) == []
        renamed = replace(declared, shapes={"a-b": next(iter(declared.shapes.values()))})
        assert "cannot name a fact" in problems_of_schema(renamed)[0].sentence
