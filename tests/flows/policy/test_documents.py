"""The examples of the documents are what Habeas takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from habeas.core.policy.dsa import CATEGORIES
from habeas.core.policy.shapes import Shape, shaped
from habeas.core.policy.yaml import read_document
from habeas.core.signal.keywords import KeywordsShape
from habeas.core.times import SECOND
from habeas.flows.policy.check import check_folder, find_schema
from habeas.flows.policy.ingest import ingest
from habeas.ports.platform import PlatformShape
from habeas.ports.signals import SignalsShape
from tests import ROOT

NOW_US = 1_800_000_000 * SECOND
RECORDS = """InvoiceNo;InvoiceDate;CustomerID;Quantity;UnitPrice;Country;canc
1;2024-01-01 10:00;c1;2;3.50;France;no
2;2024-01-02 10:00;c1;-2;3.50;France;yes
"""


def examples(page: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    schema, mapping = examples("events.md")[:2]
    (tmp_path / "events.yaml").write_text(schema, encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(mapping, encoding="utf-8")
    (tmp_path / "policies").mkdir()
    policy = tmp_path / "policies" / "returns-abuse.yaml"
    policy.write_text(examples("policies.md")[0], encoding="utf-8")
    return tmp_path


def test_the_mapping_of_the_page_takes_records_by_its_schema(folder: Path) -> None:
    raw, out, bad = folder / "raw.csv", folder / "events.parquet", folder / "bad.ndjson"
    raw.write_text(RECORDS, encoding="utf-8")
    report = ingest([raw], folder / "mapping.yaml", out, bad, NOW_US)
    assert bad.read_text(encoding="utf-8") == ""
    assert report.accepted == 2


def test_the_policy_of_the_page_has_no_problem_by_the_schema_of_the_page(folder: Path) -> None:
    checked = check_folder(folder / "policies", find_schema(folder / "policies"))
    assert [str(problem) for problem in checked.problems] == []


def test_the_page_lists_the_categories(folder: Path) -> None:
    text = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    listed = text.partition("`category` one of")[2].partition(".\n")[0]
    assert frozenset(re.findall(r"`(\w+)`", listed)) == CATEGORIES


@pytest.mark.parametrize(
    ("page", "place", "shape"),
    [
        ("notices.md", 0, PlatformShape),
        ("signals.md", 0, SignalsShape),
        ("signals.md", 1, KeywordsShape),
    ],
)
def test_the_files_of_the_pages_have_the_right_shape(
    page: str, place: int, shape: type[Shape]
) -> None:
    assert shaped(read_document(examples(page)[place], page), shape)
