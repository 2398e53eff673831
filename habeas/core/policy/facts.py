"""Facts: a value about a key (account, device, card...) at an instant, from events in a window.

A window over W at event e holds the key's events with sequence <= e and time in (clock - W,
clock], where the clock of a key is the highest event time seen for it (DESIGN section 4). Counts
and sums of nothing are 0; first, last, min, max and age of nothing are unknown; an event that
lacks the key has unknown for every fact by that key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from habeas.core.policy.conditions import Base, Node, Type, names, written
from habeas.core.policy.parsing import parse
from habeas.core.policy.schema import Schema
from habeas.core.policy.shapes import AttributeKind, Both, FactShape
from habeas.core.times import UNIT_NAMES, UNITS, duration, spoken


class FactKind(StrEnum):
    COUNT = "count"
    SUM = "sum"
    DISTINCT = "distinct"
    FIRST = "first"
    LAST = "last"
    MAX = "max"
    MIN = "min"
    AGE = "age"


DEFAULT_CAP = 1000
# The columns that stand beside the facts in Parquet files.
RESERVED = frozenset(
    "event_id account policy version time_us sequence clock_us outcome finding step cause "
    "evidence truths changes".split()
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact ready to be computed. `value` is the attribute (or `account`, `type`) it reads."""

    name: str
    kind: FactKind
    value: str | None
    of: tuple[str, ...]  # event types; () means every type
    where: Node | None
    by: str
    over_us: int | None
    cap: int
    unit_us: int  # of an age
    currency: str | None
    holders: tuple[str, ...]  # attributes that must hold `currency`
    type: Type
    title: Both | None

    @property
    def meaning(self) -> Fact:
        """The fact without its name: two facts with one meaning are computed once."""
        return replace(self, name="", title=None)

    @property
    def money(self) -> str | None:
        """The currency of its values; None where it only looks at amounts, as in `where`."""
        return self.currency if self.currency == self.type.unit else None

    def definition(self) -> dict[str, object]:
        """What can change the value, as plain data for a hash."""
        return {
            "kind": self.kind,
            "value": self.value,
            "of": sorted(self.of),
            "where": written(self.where) if self.where is not None else None,
            "by": self.by,
            "over": spoken(self.over_us) if self.over_us else None,
            "cap": self.cap if self.kind is FactKind.DISTINCT else None,
            "unit": self.unit_us if self.kind is FactKind.AGE else None,
            "currency": self.currency,
            "type": str(self.type),
        }


def by_meaning(facts: Iterable[Fact]) -> dict[Fact, Fact]:
    """Facts of one meaning are computed once, under the first one's name."""
    found: dict[Fact, Fact] = {}
    for fact in facts:
        found.setdefault(fact.meaning, fact)
    return found


def kinds_in(shape: FactShape) -> list[FactKind]:
    """The kinds a fact claims to be; a good one claims exactly one."""
    return [kind for kind in FactKind if getattr(shape, kind) is not None]


def event_types(schema: Schema, currency: str | None = None) -> dict[str, Type]:
    """The types of the names a `where` may use: the event's own fields and attributes."""
    own = {name: schema.type_of(name, currency) for name in schema.attributes}
    return {"type": Type(Base.TEXT), "account": Type(Base.TEXT), **own}


def amounts_in(shape: FactShape, schema: Schema) -> tuple[str, ...]:
    """The money attributes that a fact reads, in its value or in its `where`."""
    read = [
        str(getattr(shape, k)) for k in kinds_in(shape) if k not in (FactKind.COUNT, FactKind.AGE)
    ]
    if shape.where is not None:
        read += names(parse(shape.where))
    return tuple(n for n in dict.fromkeys(read) if schema.currencies_of(n))


def currencies_in(shape: FactShape, schema: Schema) -> tuple[str, ...]:
    """The currencies its amounts may be in; () where it reads no money."""
    sets = [frozenset(schema.currencies_of(n)) for n in amounts_in(shape, schema)]
    return tuple(sorted(frozenset.intersection(*sets))) if sets else ()


def fact_of(name: str, shape: FactShape, schema: Schema) -> Fact:
    """The fact that a checked shape declares."""
    (kind,) = kinds_in(shape)
    typed = kind in (FactKind.COUNT, FactKind.AGE)
    possible = currencies_in(shape, schema)
    currency = (shape.currency or possible[0]) if possible else None
    value = None if typed else str(getattr(shape, kind))
    holders = {schema.attributes[n].currency_in for n in amounts_in(shape, schema)} - {None}
    return Fact(
        name=name,
        kind=kind,
        value=value,
        of=tuple(getattr(shape, kind) if typed else shape.of or ()),
        where=parse(shape.where) if shape.where is not None else None,
        by=shape.by,
        over_us=duration(shape.over) if shape.over else None,
        cap=shape.cap or DEFAULT_CAP,
        unit_us=UNITS[UNIT_NAMES[shape.unit]] if shape.unit else 1,
        currency=currency,
        holders=tuple(sorted(h for h in holders if h)),
        type=_type(kind, value, shape, schema, currency),
        title=shape.title,
    )


def declared_facts(schema: Schema, section: str) -> dict[str, Fact]:
    """The facts under `segments` or `stake` of a checked schema."""
    shapes: Mapping[str, FactShape] = getattr(schema.shape, section)
    return {name: fact_of(name, shape, schema) for name, shape in shapes.items()}


def _type(
    kind: FactKind, value: str | None, shape: FactShape, schema: Schema, currency: str | None
) -> Type:
    match kind:
        case FactKind.COUNT | FactKind.DISTINCT:
            return Type(Base.INTEGER)
        case FactKind.AGE:
            return Type(Base.INTEGER, shape.unit)
        case _:
            return event_types(schema, currency)[str(value)]


def adds_up(name: str, schema: Schema) -> bool:
    """Whether an attribute can be summed exactly: whole numbers and money, never floats."""
    return schema.attributes[name].type in (AttributeKind.INTEGER, AttributeKind.MONEY)


def types_of(facts: Mapping[str, Fact]) -> dict[str, Type]:
    return {name: fact.type for name, fact in facts.items()}
