"""The shapes of the files: what departs from them is said in our words, with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.errors import InvalidPolicy, Problem
from habeas.core.policy.shapes import (
    FORMS,
    PATTERNS,
    SENTENCES,
    MappingShape,
    PolicyShape,
    SchemaShape,
    Shape,
    json_schema,
    shaped,
)
from habeas.core.policy.yaml import read_document
from habeas.ports.platform import PlatformShape
from tests import ROOT
from tests.core.samples import POLICY, SCHEMA, calm, edited

KINDS: dict[str, type[Shape]] = {
    "policy": PolicyShape,
    "events": SchemaShape,
    "mapping": MappingShape,
    "platform": PlatformShape,
}


def problems_of(text: str, shape: type[Shape] = PolicyShape) -> list[Problem]:
    with pytest.raises(InvalidPolicy) as raised:
        shaped(read_document(text, "f.yaml"), shape)
    assert raised.value.message == "f.yaml has the wrong shape"
    return list(raised.value.problems)


def said(text: str, shape: type[Shape] = PolicyShape) -> list[tuple[str, str]]:
    """Each problem's sentence, and the line from where it stands."""
    lines = text.split("\n")
    return [(p.sentence, lines[p.line - 1][p.column - 1 :]) for p in problems_of(text, shape)]


def kind_of(path: Path) -> str:
    return path.stem if path.stem in ("events", "mapping", "platform") else "policy"


def good_files() -> list[Path]:
    folders = (ROOT / "examples" / "online-retail", ROOT / "habeas" / "scaffold")
    return sorted(path for folder in folders for path in folder.rglob("*.yaml"))


# What a change of POLICY makes wrong: old, new, the sentence, and what stands at its place
CHANGES = [
    ("version: 3", "version: 3.0", "`version` must be a whole number, not '3.0'", "3.0"),
    ("version: 3", "version: true", "`version` must be a whole number, not 'True'", "true"),
    ("version: 3", "version: 0", "`version` must be 1 or more, not '0'", "0"),
    ("version: 3", "version:", "`version` must be a whole number, not empty", ""),
    ("policy: returns-abuse", "policy: 7", "`policy` must be text, not '7'", "7"),
    (
        "policy: returns-abuse",
        "policy: Returns abuse",
        "`policy` must be small letters, digits and single hyphens, not 'Returns abuse'",
        "Returns abuse",
    ),
    (
        "policy: returns-abuse",
        f"policy: {'a' * 61}",
        "`policy` is longer than 60 characters",
        "a" * 61,
    ),
    (
        "title: {en: Excessive returns, fr: Retours excessifs}",
        "title: Excessive returns",
        "`title` must be a mapping of keys to values, not 'Excessive returns'",
        "Excessive returns",
    ),
    ("fr: Retours excessifs", "fr: ''", "`fr` must not be empty", "''}"),
    ("{count: order, over: 365d}", "{count: [], over: 365d}", "`count` must not be empty", "[], "),
    (
        "{count: order, over: 365d}",
        "{count: [order, 3]}",
        "`count` item 2 must be text, not '3'",
        "3]}",
    ),
    ("of: return, over: 365d}", "of: 3}", "`of` must be a list, not '3'", "3}"),
    ("of: return, over: 365d}", "of: {a: 1}}", "`of` must be a list, not a mapping", "{a: 1}}"),
    ("cap: 1000", "cap: 0", "`cap` must be 1 or more, not '0'", "0}"),
    ("cap: 1000", "cap: 1000001", "`cap` must be 1000000 or less, not '1000001'", "1000001}"),
    (
        "over: 30d, cap",
        "over: 30 days, cap",
        "`over` must be a length of time such as 24h, 14d or 52w, not '30 days'",
        "30 days, ",
    ),
    (
        "over: 30d, cap",
        "over: 0d, cap",
        "`over` must be a length of time such as 24h, 14d or 52w, not '0d'",
        "0d, ",
    ),
    ("cap: 1000", "currency: euro", "`currency` must be a currency code such as EUR", "euro}"),
    (
        "unit: day",
        "unit: year",
        "`unit` must be 'second', 'minute', 'hour', 'day' or 'week', not 'year'",
        "year}",
    ),
    ("{measure: warn}", "{measure: ban}", "`measure` must be 'warn', 'limit', 's", "ban}"),
    ("{measure: warn}", "warn", "`ladder` item 1 must be a mapping of keys to values", "warn"),
    (
        "for: 30d, after: 30d, review: person",
        "for: 30d, after: 30d, review: robot",
        "`review` must be 'person', not 'robot'",
        "robot}",
    ),
    ("for: 90d", "for_: 90d", "`for_` is not a key here", "for_: 90d"),
    ("notice: 14d", "notice: 14", "`notice` must be text, not '14'", "14"),
    (
        "disclose: [orders_365d, returned_365d, spent_365d]",
        "disclose: orders_365d",
        "`disclose` must be a list, not 'orders_365d'",
        "orders_365d",
    ),
    ("disclose: [orders_365d,", "disclose: [{a: 1},", "`disclose` item 1 must be text", "{a: 1},"),
    ("disclose: [orders_365d,", "disclose: [~,", "`disclose` item 1 must be text, not e", "~,"),
    ("ground: incompatible", "ground: bad", "`ground` must be 'illegal' or 'inc", "bad,"),
    ("expect: finding", "expect: maybe", "`expect` must be 'finding' or 'nothing'", "maybe}"),
    ("orders_365d: 30,", "orders_365d: [30],", "`orders_365d` has a form that is not", "[30],"),
    ("orders_365d: 30,", "orders_365d: 2024-01-01,", "`orders_365d` has a form that", "2024-01"),
    (
        "given: {orders_365d: 30, returned_365d: 700_00, spent_365d: 1000_00}",
        "given: []",
        "`given` must be a mapping of names to values, not empty",
        "[],",
    ),
    (
        "given: {orders_365d: 30, returned_365d: 700_00, spent_365d: 1000_00}",
        "given: [1]",
        "`given` must be a mapping of names to values, not a list",
        "[1],",
    ),
    (
        'ref: "Conditions of Use 4.2"',
        'ref: "\\ud800"',
        "`ref` cannot be used: Input should be a valid string, unable to parse raw data",
        '"\\ud800"',
    ),
    ("notice: 14d", "notise: 14d", "`notise` is not a key here", "notise: 14d"),
    ("{count: order, over: 365d}", "{count: order, past: 3d}", "`past` is not a key", "past: 3d}"),
    ("ground: incompatible", "grounds: 1, ground: illegal", "`grounds` is not a key", "grounds: 1"),
]


@pytest.mark.parametrize(("old", "new", "sentence", "rest"), CHANGES)
def test_a_departure_is_said_in_our_words_at_its_place(
    old: str, new: str, sentence: str, rest: str
) -> None:
    ((found, line),) = said(edited(old, new))
    assert found.startswith(sentence)
    assert line.startswith(rest)


SCHEMA_CHANGES = [
    ("type: boolean", "type: flag", "`type` must be 'text', 'integer', 'number', 'boolean' or"),
    ("key: true", "key: yes please", "`key` must be true or false, not 'yes please'"),
    ("bands: [50_00, 100_00]", "bands: [0.5]", "`bands` item 1 must be a whole number, not '0.5'"),
    ("signup: {}", "signup: {of: 1}", "`of` is not a key here"),
    ("currencies: [EUR, JPY]", "currencies: EUR", "`currencies` must be a list, not 'EUR'"),
]


@pytest.mark.parametrize(("old", "new", "sentence"), SCHEMA_CHANGES)
def test_a_schema_is_held_to_its_shape(old: str, new: str, sentence: str) -> None:
    ((found, _),) = said(edited(old, new, SCHEMA), SchemaShape)
    assert found.startswith(sentence)


MAPPINGS = [
    ("schema: 3", "`schema` must be text, not '3'", "3"),
    ("delimiter: ''", "`delimiter` must not be empty", "''"),
    ("delimiter: ab", "`delimiter` is longer than 1 characters", "ab"),
    ("event: {id: 3}", "`id` has a form that is not allowed here", "3}"),
    ("event: {id: {sq: x}}", "`id` has a form that is not allowed here", "{sq: x}}"),
    ("event: {id: {sql: ''}}", "`id` has a form that is not allowed here", "{sql: ''}}"),
    ("event: {id: {sql: x, y: 1}}", "`id` has a form that is not allowed", "{sql: x, y: 1}}"),
    ("event: {idd: 3}", "`idd` is not a key here", "idd: 3}"),
    ("attributes: {a: {sql: 1}}", "`a` has a form that is not allowed here", "{sql: 1}}"),
    ("attributes: 3", "`attributes` must be a mapping of names to values, not '3'", "3"),
]


@pytest.mark.parametrize(("text", "sentence", "rest"), MAPPINGS)
def test_a_mapping_is_held_to_its_shape(text: str, sentence: str, rest: str) -> None:
    ((found, line),) = said(text, MappingShape)
    assert found.startswith(sentence)
    assert line.startswith(rest)


def test_every_missing_key_is_named() -> None:
    found = problems_of("policy: x\nwhen: a > 1")
    missing = [p.sentence for p in found]
    keys = ("version", "title", "clause", "facts", "ladder", "disclose", "dsa")
    assert missing == [f"`{key}` is missing" for key in keys]
    assert {(p.line, p.column, p.hint) for p in found} == {(1, 1, "add it")}


def test_problems_come_in_the_order_of_the_file() -> None:
    text = edited("version: 3", "version: x")
    text = edited("notice: 14d", "notice: x", edited("cap: 1000", "cap: x", text))
    assert [p.line for p in problems_of(text)] == [2, 9, 18]


def test_a_wrong_key_is_hinted_at_with_the_keys_of_its_place() -> None:
    hints = {
        "notice: 14d": ("notic: 14d", "did you mean `notice`?"),
        "cap: 1000": ("caap: 1000", "did you mean `cap`?"),
        "{measure: warn}": ("{mesure: warn}", "did you mean `measure`?"),
        "expect: finding": ("expected: finding", "did you mean `expect`?"),
        "ref: ": ("reef: ", "did you mean `ref`?"),
    }
    for old, (new, hint) in hints.items():
        assert hint in [p.hint for p in problems_of(edited(old, new))]
    (deep,) = problems_of(
        edited("{type: boolean}", "{typ: boolean, type: text}", SCHEMA), SchemaShape
    )
    assert deep.hint == "did you mean `type`?"
    text = edited("title: {en: orders,", "title: {xx: orders,", SCHEMA)
    known = [p.hint for p in problems_of(text, SchemaShape) if "not a key" in p.sentence]
    assert known == ["known: `en`, `fr`"]


def test_a_form_that_is_not_allowed_points_at_the_published_forms() -> None:
    (problem,) = problems_of("event: {id: 3}", MappingShape)
    assert problem.hint == FORMS


def test_every_pattern_of_the_shapes_has_its_sentence() -> None:
    published = json.dumps([json_schema(shape) for shape in KINDS.values()])
    written = [json.dumps(pattern)[1:-1] for pattern in PATTERNS]
    assert all(f'"pattern": "{pattern}"' in published for pattern in written)
    assert published.count('"pattern"') == sum(published.count(f'"{p}"') for p in written)


def test_every_sentence_of_the_table_is_said_by_some_departure() -> None:
    texts = [(edited(old, new), PolicyShape) for old, new, *_ in CHANGES]
    texts += [(edited(old, new, SCHEMA), SchemaShape) for old, new, _ in SCHEMA_CHANGES]
    texts += [(text, MappingShape) for text, *_ in MAPPINGS]
    heard = {p.sentence for text, shape in texts for p in problems_of(text, shape)}
    for sentence in SENTENCES.values():
        tail = sentence.split("{name} ")[1].split("{")[0]
        assert any(tail in one for one in heard), sentence


@pytest.mark.parametrize("path", good_files(), ids=lambda path: path.name)
def test_the_published_schemas_accept_the_files_we_ship(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    shape = KINDS[kind_of(path)]
    schema = json_schema(shape)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(yaml.safe_load(text), schema, jsonschema.Draft202012Validator)
    assert isinstance(shaped(read_document(text, path.name), shape), shape)


def test_files_of_each_kind_are_shipped() -> None:
    assert {kind_of(path) for path in good_files()} == set(KINDS)


def refused_by_schema(text: str, shape: type[Shape]) -> bool:
    validator = jsonschema.Draft202012Validator(json_schema(shape))
    return not validator.is_valid(yaml.safe_load(text))


# JSON Schema knows no surrogates, and to it 3.0 is a whole number
BEYOND_JSON = ("\\ud800", "version: 3.0")


@pytest.mark.parametrize(("old", "new"), [change[:2] for change in CHANGES])
def test_the_published_schema_of_policies_refuses_what_we_refuse(old: str, new: str) -> None:
    refused = refused_by_schema(edited(old, new), PolicyShape)
    assert refused is not any(part in new for part in BEYOND_JSON)


@pytest.mark.parametrize(("old", "new"), [change[:2] for change in SCHEMA_CHANGES])
def test_the_published_schema_of_events_refuses_what_we_refuse(old: str, new: str) -> None:
    assert refused_by_schema(edited(old, new, SCHEMA), SchemaShape)


@pytest.mark.parametrize("text", [text for text, *_ in MAPPINGS])
def test_the_published_schema_of_mappings_refuses_what_we_refuse(text: str) -> None:
    assert refused_by_schema(text, MappingShape)


@pytest.mark.parametrize("name", KINDS)
def test_published_schemas_name_their_dialect_and_allow_no_unknown_key(name: str) -> None:
    schema = json_schema(KINDS[name])
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False
    closed = [d for d in schema["$defs"].values() if "properties" in d]
    assert all(d["additionalProperties"] is False for d in closed)


KEYS = st.sampled_from("policy version facts a when ladder measure given tests en dsa of".split())
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)


@calm
@given(st.dictionaries(KEYS, JUNK, max_size=6), st.sampled_from(sorted(KINDS)))
def test_any_file_is_of_its_shape_or_refused_with_places(value: dict[str, Any], kind: str) -> None:
    text = yaml.safe_dump(value)
    document = read_document(text, "f.yaml")
    valid = jsonschema.Draft202012Validator(json_schema(KINDS[kind])).is_valid(value)
    if valid:
        assert isinstance(shaped(document, KINDS[kind]), KINDS[kind])
    else:
        found = problems_of(text, KINDS[kind])
        assert found == sorted(set(found), key=lambda p: (p.line, p.column, found.index(p)))
        assert all(1 <= p.line <= text.count("\n") + 1 for p in found)


@calm
@given(st.data())
def test_any_part_that_becomes_junk_is_refused_at_that_part(data: st.DataObject) -> None:
    value = yaml.safe_load(POLICY)
    key = data.draw(st.sampled_from(sorted(set(value) - {"unless", "notice", "tests"})))
    value[key] = data.draw(st.sampled_from([None, [[]], {"a": 1}, 1.5]))
    text = yaml.safe_dump(value, sort_keys=False)
    start = text.split("\n").index(next(x for x in text.split("\n") if x.startswith(f"{key}:")))
    found = problems_of(text)
    assert all(p.line >= start + 1 for p in found)
    assert found[0].line <= start + 2
