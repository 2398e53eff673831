"""The shapes of the files people write, as pydantic models. Their JSON Schemas are published
(`habeas schema`), so that editors complete and check the files."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from habeas.core.errors import InvalidPolicy, Problem, nearest
from habeas.core.languages import Lang
from habeas.core.policy.dsa import Ground
from habeas.core.policy.measures import Measure
from habeas.core.policy.yaml import Document, Path

Duration = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,5}[smhdw]$", examples=["24h", "14d"])]
Words = Annotated[str, Field(min_length=1)]
TestValue = int | float | str | bool | None


ADDRESS = r"^[^@\s<>,;:\"()\[\]\\]+@[A-Za-z0-9.-]+$"
PAGE = r"^https?://[^\s]+$"


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Types = Annotated[
    list[str],
    BeforeValidator(_listed, json_schema_input_type=str | list[str]),
    Field(description="one event type or a list of them", min_length=1),
]


class Both(Shape):
    """A text in English and in French."""

    en: Words
    fr: Words

    def __getitem__(self, lang: Lang) -> str:
        return str(getattr(self, lang))


class Clause(Both):
    """The clause the customer agreed to; it is quoted in every notice."""

    ref: Words


class Unit(StrEnum):
    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


class FactShape(Shape):
    """A value about an account, device, card... at an instant, from events in a window."""

    count: Types | None = Field(None, description="how many events of these types")
    sum: str | None = Field(None, description="the sum of this attribute")
    distinct: str | None = Field(None, description="how many different values, up to `cap`")
    first: str | None = Field(None, description="the attribute at the first event in the log")
    last: str | None = Field(None, description="the attribute at the last event in the log")
    max: str | None = Field(None, description="the largest value of this attribute")
    min: str | None = Field(None, description="the smallest value of this attribute")
    age: Types | None = Field(None, description="time since the earliest event of these types")
    of: Types | None = None
    where: str | None = Field(None, description="a condition on each event's own attributes")
    by: str = Field("account", description="the key whose events are used, e.g. device")
    over: Duration | None = Field(None, description="the window; without it, all history")
    cap: int | None = Field(None, ge=1, le=1_000_000, description="distinct counts up to this")
    unit: Annotated[Unit | None, Field(strict=False)] = Field(
        None, description="the unit of an age"
    )
    currency: str | None = Field(None, pattern="^[A-Z]{3}$")
    title: Both | None = Field(None, description="what this fact is called towards people")


class StepShape(Shape):
    """One step of the ladder."""

    measure: Annotated[Measure, Field(strict=False)]
    capability: str | None = Field(None, description="what `limit` takes away, e.g. returns")
    for_: Duration | None = Field(None, alias="for", description="how long it lasts")
    after: Duration | None = Field(None, description="how long after the step before")
    review: Literal["person"] | None = None


class Dsa(Shape):
    """How the decision is reported under the EU's Digital Services Act, article 17 and 24(5)."""

    ground: Annotated[Ground, Field(strict=False)]
    category: str


class PolicyTest(Shape):
    """A case of the policy, run by `habeas check`."""

    given: dict[str, TestValue]
    expect: Literal["finding", "nothing"]


class PolicyShape(Shape):
    """A policy: the clause, the facts, the condition and the ladder of measures."""

    policy: str = Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)
    version: int = Field(ge=1)
    title: Both
    clause: Clause
    facts: dict[str, FactShape] = Field(min_length=1)
    when: str = Field(description="SQL boolean expression over the facts; unknown is not true")
    unless: str | None = Field(None, description="exempts; what cannot be told protects as well")
    ladder: list[StepShape] = Field(min_length=1)
    notice: Duration | None = None
    disclose: list[str] = Field(description="the facts that the customer is shown")
    dsa: Dsa
    tests: list[PolicyTest] = []


class AttributeKind(StrEnum):
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    MONEY = "money"


class AttributeShape(Shape):
    """What an event may carry."""

    type: Annotated[AttributeKind, Field(strict=False)]
    unit: str | None = Field(None, description="what a whole number counts, e.g. piece or g")
    currency: str | None = Field(None, description="the one currency of this amount")
    currency_in: str | None = Field(None, description="the attribute that holds the currency")
    key: bool = Field(False, description="facts may be counted by it: device, card, address")
    title: Both | None = None


class EventTypeShape(Shape):
    """One type of event and the attributes it has."""

    attributes: list[str] = []
    required: list[str] = []
    title: Both | None = None


class SegmentShape(FactShape):
    """A fact by which a plan divides the accounts; numbers are cut at `bands`."""

    bands: list[int] = []


class SchemaShape(Shape):
    """The events of one platform: types, attributes, units, currencies, keys."""

    currencies: list[str] = []
    attributes: dict[str, AttributeShape] = {}
    types: dict[str, EventTypeShape] = Field(min_length=1)
    segments: dict[str, SegmentShape] = Field(
        default={}, description="how plans divide accounts: country, tenure, spend"
    )
    stake: dict[str, FactShape] = Field(
        default={}, description="amounts of money that a measure puts at stake, by name"
    )


class SqlShape(Shape):
    """An SQL expression over the columns of the file, evaluated by DuckDB. `line` is the number
    of the record in its file, from 1."""

    sql: Words


MappedColumn = str | SqlShape


class EnvelopeShape(Shape):
    id: MappedColumn = "id"
    time: MappedColumn = "time"
    account: MappedColumn = "account"
    type: MappedColumn = "type"


class MappingShape(Shape):
    """How the columns of any table become events."""

    schema_: str = Field("events.yaml", alias="schema", description="path from this file")
    timezone: str = Field("UTC", description="of times that carry no offset")
    delimiter: str = Field(",", min_length=1, max_length=1, description="between CSV fields")
    event: EnvelopeShape = EnvelopeShape()
    attributes: dict[str, MappedColumn] | None = Field(
        None, description="without it, each attribute is the column of its name"
    )


S = TypeVar("S", bound=Shape)


def shaped(document: Document, shape: type[S]) -> S:
    """The document as `shape`. Raises InvalidPolicy with every departure, each with its place."""
    try:
        return shape.model_validate(document.value)
    except ValidationError as error:
        problems = [_problem(document, dict(found), shape) for found in error.errors()]
        # each branch of a union says the same of the same place; once is enough
        problems = sorted(dict.fromkeys(problems), key=lambda p: (p.line, p.column))
        raise InvalidPolicy(f"{document.file} has the wrong shape", problems=problems) from None


# Pydantic's words for what is wrong, in ours; {ctx} values come with the error.
SENTENCES = {
    "string_type": "{name} must be text",
    "int_type": "{name} must be a whole number",
    "bool_type": "{name} must be true or false",
    "list_type": "{name} must be a list",
    "dict_type": "{name} must be a mapping of names to values",
    "model_type": "{name} must be a mapping of keys to values",
    "too_short": "{name} must not be empty",
    "string_too_short": "{name} must not be empty",
    "string_too_long": "{name} is longer than {max_length} characters",
    "greater_than_equal": "{name} must be {ge} or more",
    "less_than_equal": "{name} must be {le} or less",
    "enum": "{name} must be {expected}",
    "literal_error": "{name} must be {expected}",
}
LENGTHS = ("too_short", "string_too_short", "string_too_long")
FORMS = "`habeas schema` prints the forms that each file allows"
PATTERNS = {
    r"^[1-9][0-9]{0,5}[smhdw]$": "{name} must be a length of time such as 24h, 14d or 52w",
    r"^[A-Z]{3}$": "{name} must be a currency code such as EUR",
    r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$": "{name} must be small letters, digits and single hyphens",
    ADDRESS: "{name} must be an e-mail address such as notices@shop.example",
    PAGE: "{name} must be the address of a page, from https:// on",
}


def _problem(document: Document, found: dict[str, Any], shape: type[Shape]) -> Problem:
    loc: Path = tuple(found["loc"])
    # A union reports each branch under a step that is no key of the file; the file ends the path.
    end = -1 if found["type"] == "missing" else None
    path = loc
    while not _exists(document.value, path[:end]):
        path = path[:-1]
    if path != loc:
        path = path[:end]
        return document.problem(path, f"`{path[-1]}` has a form that is not allowed here", FORMS)
    name = f"`{path[-1]}`" if isinstance(path[-1], str) else f"`{path[-2]}` item {path[-1] + 1}"
    match found["type"]:
        case "missing":
            return document.problem(path[:-1], f"{name} is missing", "add it")
        case "extra_forbidden":
            known = _keys(shape, path[:-1])
            return document.key_problem(
                path, f"{name} is not a key here", nearest(str(path[-1]), known)
            )
        case "string_pattern_mismatch":
            sentence = PATTERNS.get(found["ctx"]["pattern"], "{name} has the wrong form")
        case kind:
            sentence = SENTENCES.get(kind, "{name} cannot be used: " + str(found["msg"]))
    text = sentence.format(name=name, **found.get("ctx", {}))
    if found["type"] in LENGTHS:
        return document.problem(path, text)
    return document.problem(path, f"{text}, not {_shown(found['input'])}")


def _shown(value: object) -> str:
    if value is None or (isinstance(value, dict | list) and not value):
        return "empty"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return f"{str(value)[:40]!r}"


def _exists(value: object, path: Path) -> bool:
    for step in path:
        try:
            value = value[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def _keys(shape: type[Shape], path: Path) -> list[str]:
    """The keys that are allowed at `path`, read from the JSON Schema of `shape`."""
    schema = shape.model_json_schema()
    here: dict[str, Any] = schema
    for step in path:
        below = here.get("items", {}) if isinstance(step, int) else _property(here, str(step))
        here = _resolved(schema, below)
    return sorted(here.get("properties", {}))


def _property(here: dict[str, Any], step: str) -> dict[str, Any]:
    found: dict[str, Any] = here.get("properties", {}).get(step) or here.get(
        "additionalProperties", {}
    )
    return found


def _resolved(schema: dict[str, Any], below: dict[str, Any]) -> dict[str, Any]:
    options = [below, *below.get("anyOf", []), *below.get("allOf", [])]
    for option in options:
        if "$ref" in option:
            found: dict[str, Any] = schema["$defs"][option["$ref"].rsplit("/", 1)[-1]]
            return found
    return next((o for o in options if "properties" in o or "items" in o), below)


def json_schema(shape: type[Shape]) -> dict[str, Any]:
    """The published JSON Schema of a file (draft 2020-12)."""
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect, **shape.model_json_schema(by_alias=True)}
