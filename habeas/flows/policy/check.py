"""Check: policy files in, problems or policies out; nothing is written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from habeas.core.errors import InvalidInput, InvalidPolicy, Level, NotFound, Problem
from habeas.core.policy import Policy, Schema
from habeas.core.policy.checks import (
    AppliedVersion,
    problems_of,
    problems_of_folder,
    problems_of_schema,
    version_problems,
)
from habeas.core.policy.conditions import Node, names
from habeas.core.policy.policies import Declared, Draft, policy_of
from habeas.core.policy.schema import read_schema
from habeas.core.policy.shapes import PolicyShape, PolicyTest, shaped
from habeas.core.policy.yaml import Document, read_document
from habeas.engine.columns import column_of
from habeas.engine.conditions import compiled, is_true
from habeas.engine.texts import Texts
from habeas.ports.files import read_text
from habeas.ports.folder import Folder
from habeas.ports.tables import schema_within

SCHEMA_FILE = "events.yaml"


@dataclass(frozen=True, slots=True)
class Checked:
    """The policies of a folder by name; only those in files without errors."""

    schema: Schema
    policies: Mapping[str, Policy]
    problems: tuple[Problem, ...]
    files: int
    tests: int

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.level is Level.ERROR)

    def sound(self) -> Checked:
        """Itself, where no file has an error. Raises InvalidPolicy."""
        if self.errors:
            count = len(self.errors)
            raise InvalidPolicy(
                f"{count} problem{'s' if count > 1 else ''} in the policies",
                "mend the lines named above, then try again",
                self.errors,
            )
        return self


def find_schema(policies: Path, events: Path | None = None, named: Path | None = None) -> Schema:
    """The schema that is named, else the one beside the policies or one folder up, else the one
    within the events file. Raises NotFound, InvalidInput, or InvalidPolicy with its problems."""
    if named is not None:
        return load_schema(named)
    _refuse_no_folder(policies)
    for folder in (policies, policies.resolve().parent):
        path = folder / SCHEMA_FILE
        if path.is_file():
            return load_schema(path)
    within = schema_within(events) if events is not None else None
    if within is None:
        raise NotFound(
            f"there is no {SCHEMA_FILE} in '{policies}' or the folder above it",
            "write one (`habeas init` makes an example), or name it with --schema",
        )
    return within


def check(policies: Path, schema: Path | None, here: Folder) -> Checked:
    """Every policy file, against the versions in force `here`. Raises as `find_schema`."""
    return check_folder(policies, find_schema(policies, named=schema), versions_in_force(here))


def load_schema(path: Path) -> Schema:
    document = read_document(read_text(path, "the schema"), str(path))
    schema = read_schema(document)
    problems = [
        problem
        for section in ("segments", "stake")
        for problem in problems_of_schema(
            Declared(document, schema, section, getattr(schema.shape, section))
        )
    ]
    if problems:
        raise InvalidPolicy(f"{path} has problems", problems=problems)
    return schema


def check_folder(
    folder: Path, schema: Schema, in_force: Mapping[str, AppliedVersion] | None = None
) -> Checked:
    """Check every policy file of a folder, against the versions in force. Raises NotFound."""
    _refuse_no_folder(folder)
    files = sorted(p for p in folder.iterdir() if p.suffix in (".yaml", ".yml"))
    files = [p for p in files if p.name != SCHEMA_FILE]
    if not files:
        raise NotFound(f"there is no policy in '{folder}'", "policies are files named *.yaml")
    return check_texts(_texts(files), schema, in_force or {})


def _refuse_no_folder(folder: Path) -> None:
    if os.path.isdir(folder):  # noqa: PTH112 - it is no error that a name is too long
        return
    if os.path.lexists(folder):
        raise InvalidInput(f"'{folder}' is not a folder", "name the folder that holds the policies")
    raise NotFound(f"the folder '{folder}' does not exist", "name a folder of policies")


def _texts(files: Iterable[Path]) -> Iterable[tuple[str, str | InvalidInput]]:
    for path in files:
        try:
            yield str(path), read_text(path, "the policy")
        except (InvalidInput, NotFound) as error:  # it must not hide the others' problems
            yield str(path), InvalidInput(error.message, error.hint)


def check_texts(
    texts: Iterable[tuple[str, str | InvalidInput]],
    schema: Schema,
    in_force: Mapping[str, AppliedVersion],
) -> Checked:
    """Check policies given as (file name, text)."""
    drafts: list[Draft] = []
    problems: list[Problem] = []
    read = 0
    for file, text in texts:
        read += 1
        found = _draft(file, text, schema)
        if isinstance(found, Draft):
            drafts.append(found)
        else:
            problems += found
    sound: list[Draft] = []
    for draft in drafts:
        own = problems_of(draft)
        problems += own
        if all(p.level is not Level.ERROR for p in own):
            sound.append(draft)
            problems += [*version_problems(draft, in_force), *failing_tests(draft)]
    problems += problems_of_folder(drafts)
    policies = {d.shape.policy: policy_of(d) for d in sound}
    tests = sum(len(d.shape.tests) for d in sound)
    return Checked(schema, policies, tuple(problems), read, tests)


def _draft(file: str, text: str | InvalidInput, schema: Schema) -> Draft | tuple[Problem, ...]:
    if isinstance(text, InvalidInput):
        return (Problem(file, 1, 1, text.message, text.hint),)
    try:
        document = read_document(text, file)
        return Draft(document, shaped(document, PolicyShape), schema)
    except InvalidPolicy as error:
        return error.problems


def failing_tests(draft: Draft) -> list[Problem]:
    """Run the policy's own tests. A fact that a test does not give is unknown; an `unless` of
    whose facts none is given is taken as not met (docs/decisions/0001)."""
    policy = policy_of(draft)
    return [
        problem
        for i, test in enumerate(policy.tests)
        if (problem := _failure(draft.document, policy, i, test)) is not None
    ]


def _failure(document: Document, policy: Policy, i: int, test: PolicyTest) -> Problem | None:
    condition = policy.condition
    if policy.unless is not None and not set(names(policy.unless)) & test.given.keys():
        condition = policy.when
    found = "finding" if holds_for(policy, condition, test.given) else "nothing"
    if found == test.expect:
        return None
    return document.problem(
        ("tests", i, "expect"),
        f"test {i + 1} gives {found}, not {test.expect}",
        "mend the test or the condition; amounts are whole minor units",
    )


def holds_for(policy: Policy, condition: Node, given: Mapping[str, object]) -> bool:
    """Whether a condition holds for facts given by name; those not given are unknown."""
    texts = Texts()
    columns = {
        name: column_of([given.get(name)], fact.type, texts) for name, fact in policy.facts.items()
    }
    return bool(is_true(compiled(condition, texts)(columns))[0])


def versions_in_force(folder: Folder) -> dict[str, AppliedVersion]:
    return {a.policy: AppliedVersion(a.version, a.outcome) for a in folder.in_force()}
