"""The published JSON Schemas are those of the command that prints them."""

from __future__ import annotations

import json

import pytest

from habeas.core.policy.shapes import MappingShape, PolicyShape, SchemaShape, Shape, json_schema
from habeas.ports.brake import BrakeShape
from habeas.ports.platform import PlatformShape
from habeas.ports.signals import SignalsShape
from habeas.ports.witnesses import WitnessesShape
from tests import ROOT

PUBLISHED = ROOT / "docs" / "schemas"


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("policy", PolicyShape),
        ("events", SchemaShape),
        ("mapping", MappingShape),
        ("platform", PlatformShape),
        ("brake", BrakeShape),
        ("signals", SignalsShape),
        ("witnesses", WitnessesShape),
    ],
)
def test_the_published_schema_is_the_present_one(name: str, shape: type[Shape]) -> None:
    published = json.loads((PUBLISHED / f"{name}.schema.json").read_text(encoding="utf-8"))
    assert published == json_schema(shape), f"run `habeas schema {name}` into docs/schemas"
