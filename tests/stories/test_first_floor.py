"""From events to reasons, as people meet it: through the command line, in a folder of their own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.cast import ALINE, BORIS, CHEN, FAMILY

HABEAS = Path(sys.executable).parent / "habeas"
DONE, NOT_FOUND, INVALID, CHANGED = 0, 4, 5, 6


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Desk:
    """A working folder, and someone who types commands in it."""

    folder: Path

    def types(self, line: str) -> Answer:
        command = [str(HABEAS), *line.split()]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60)
        return Answer(done.returncode, done.stdout, done.stderr)

    def plans(self) -> dict[str, Any]:
        inputs = "--policies policies --events events.parquet --labels labels.csv"
        answer = self.types(f"plan {inputs} --json")
        assert answer.code == DONE, answer.out
        made: dict[str, Any] = answer.json
        return made

    def edits(self, policy: str, *changes: tuple[str, str]) -> None:
        path = self.folder / "policies" / f"{policy}.yaml"
        text = path.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")


SIX_ACCOUNTS = (
    ("sharing_30d >= 4", "sharing_30d >= 6"),
    ("sharing_30d: 4, tenure_days: 3", "sharing_30d: 6, tenure_days: 3"),
)
HALF_THE_VALUE = (
    ("spent_365d > 0.6", "spent_365d > 0.5"),
    ("returned_365d: 600_00", "returned_365d: 500_00"),
)
NEXT_VERSION = ("version: 1", "version: 2")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, list[Answer]]:
    """A folder made by `habeas init`, and what its README's commands said there, in order."""
    desk = Desk(tmp_path_factory.mktemp("made"))
    assert desk.types("init --staff").code == DONE
    readme = (desk.folder / "README.md").read_text(encoding="utf-8")
    commands = [c.strip() for c in readme.splitlines() if c.startswith("    habeas ")]
    return desk, [desk.types(command.removeprefix("habeas ")) for command in commands]


@pytest.fixture(scope="module")
def made(answers: tuple[Desk, list[Answer]]) -> Desk:
    """A desk with events and a plan, for those who only ask."""
    return answers[0]


@pytest.fixture
def desk(made: Desk, tmp_path: Path) -> Desk:
    """The same for those who change something."""
    return Desk(Path(shutil.copytree(made.folder, tmp_path / "desk")))


def by_policy(plan: dict[str, Any]) -> dict[str, Any]:
    return {one["policy"]: one for one in plan["policies"]}


def test_fay_changes_a_policy_and_the_old_plan_is_void(desk: Desk) -> None:
    checked = desk.types("check policies --json")
    assert checked.code == DONE
    assert checked.json["errors"] == 0
    assert checked.json["problems"] == []
    assert checked.json["tests"] == 10

    first = desk.plans()
    assert first["mode"] == "shadow"
    assert first["hit"] == first["newly_hit"] == 14
    applied = desk.types(f"apply {first['hash'][:12]} --as fay")
    assert applied.code == DONE
    assert "in mode shadow" in applied.out

    # The family is caught by four accounts on a device: Fay asks for six, and forgets the version.
    desk.edits("device-sharing", *SIX_ACCOUNTS)
    refused = desk.types("check policies")
    assert refused.code == INVALID
    assert "policies/device-sharing.yaml:5:10: error: this change can change who is" in refused.out
    assert "raise it: `version: 2`" in refused.out
    planned = desk.types("plan --policies policies --events events.parquet")
    assert planned.code == INVALID
    assert "this change can change who is hit, and version 1 is in force" in planned.err
    assert "Traceback" not in planned.err

    desk.edits("device-sharing", NEXT_VERSION)
    desk.edits("returns-abuse", *HALF_THE_VALUE, NEXT_VERSION)
    second = desk.plans()
    sharing, returns = by_policy(second)["device-sharing"], by_policy(second)["returns-abuse"]
    assert (sharing["newly_hit"], sharing["newly_spared"]) == (0, 4)
    assert sorted(sharing["spared_samples"]) == sorted(FAMILY)
    assert (returns["newly_hit"], returns["newly_spared"]) == (1, 0)
    assert "+when: sharing_30d >= 6" in sharing["diff"]
    assert sharing["accuracy"]["precision"] == 1.0
    assert by_policy(first)["device-sharing"]["accuracy"]["precision"] == pytest.approx(8 / 12)
    assert desk.types(f"apply {second['hash']} --as fay").code == DONE

    void = desk.types(f"apply {first['hash']} --as fay")
    assert void.code == CHANGED
    assert "has changed since the plan was made" in void.err
    assert "next: run `habeas plan` again" in void.err
    assert desk.types(f"why {CHEN.account}").out.startswith("Nothing was found")


def test_a_change_of_words_needs_no_new_version(desk: Desk) -> None:
    assert desk.types(f"apply {desk.plans()['hash']} --as fay").code == DONE
    desk.edits("device-sharing", ("en: Many accounts on one device", "en: Many on one device"))
    assert desk.types("check policies").code == DONE
    plan = desk.plans()
    assert (plan["newly_hit"], plan["newly_spared"]) == (0, 0)
    assert by_policy(plan)["device-sharing"]["change"] == "text"


def test_chen_asks_why_in_french(made: Desk) -> None:
    letter = made.types(f"why {CHEN.account} --lang fr").out
    assert letter.startswith("Compte chen : Nombreux comptes sur un même appareil")
    assert "Chaque personne a un seul compte" in letter
    assert "comptes vus sur cet appareil en 30 jours : 4" in letter
    assert "3 au lieu de 4 (1 de moins)" in letter
    assert "holds" not in letter


def test_boris_is_told_clause_facts_evidence_and_what_would_have_changed_it(made: Desk) -> None:
    found = made.types(f"why {BORIS.account} --json").json["findings"]
    assert [one["step"] for one in found] == [1, 2, 3, 4]
    first = found[0]
    assert first["policy"] == "returns-abuse"
    assert first["clause"]["ref"] == "Conditions of Use 4.2"
    assert "most of what you buy comes back" in " ".join(first["clause"]["text"].split())
    facts = {one["fact"]: one["value"] for one in first["facts"]}
    assert facts["orders_365d"] == 20
    assert facts["returned_365d"] / facts["spent_365d"] > 0.6
    orders = first["evidence"]["orders_365d"]
    assert len(orders) == 20
    raw = (made.folder / "sample.ndjson").read_text(encoding="utf-8").splitlines()
    own = {one for one in orders if any(f'"{one}"' in r and '"boris"' in r for r in raw)}
    assert own == set(orders)
    assert first["changes"]
    closing = found[-1]
    assert closing["reviewed"] is True


def test_gus_gets_the_same_events_plan_and_findings_again(made: Desk, desk: Desk) -> None:
    shutil.rmtree(desk.folder / ".habeas")
    (desk.folder / "events.parquet").unlink()
    again = "import --map mapping.yaml sample.ndjson --out events.parquet --quarantine bad.ndjson"
    assert desk.types(again).code == DONE
    plan = desk.plans()["hash"]
    for name in ("events.parquet", f".habeas/plans/{plan}/findings.parquet"):
        assert (desk.folder / name).read_bytes() == (made.folder / name).read_bytes(), name

    asked = "findings --policies policies --events events.parquet --out found.parquet"
    for gus in (made, desk):
        assert gus.types(asked).code == DONE
    found = desk.folder / "found.parquet"
    assert found.read_bytes() == (made.folder / "found.parquet").read_bytes()
    frozen = desk.folder / ".habeas" / "plans" / plan / "findings.parquet"
    ids = [pq.read_table(path).column("finding").to_pylist() for path in (found, frozen)]
    assert sorted(ids[0]) == sorted(ids[1])
    assert len(set(ids[0])) == len(ids[0]) > 0


def test_aline_has_nothing_against_her(made: Desk) -> None:
    answer = made.types(f"why {ALINE.account}")
    assert answer.code == DONE
    assert answer.out == "Nothing was found against account aline.\n"
    assert made.types(f"why {ALINE.account} --json").json["findings"] == []
    stranger = made.types("why alin")
    assert stranger.code == NOT_FOUND
    assert "did you mean `aline`?" in stranger.err


def test_the_five_commands_of_the_readme_do_what_it_says(
    answers: tuple[Desk, list[Answer]],
) -> None:
    desk, said = answers
    assert [answer.code for answer in said] == [DONE] * 5
    assert "read 2,200 = accepted" in said[0].out
    assert "precision 66.7 %" in said[2].out
    assert (desk.folder / "plan.html").stat().st_size > 10_000
    for name in ("events.yaml", "mapping.yaml", "policies/returns-abuse.yaml"):
        first = (desk.folder / name).read_text(encoding="utf-8").splitlines()[0]
        schema = first.removeprefix("# yaml-language-server: $schema=")
        assert ((desk.folder / name).parent / schema).is_file()
