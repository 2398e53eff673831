"""The schema: the types of event of one platform, with their attributes, units, currencies and
keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from habeas.core import money
from habeas.core.errors import InvalidPolicy, Problem, nearest
from habeas.core.ids import NAME
from habeas.core.policy.conditions import Base, Type
from habeas.core.policy.shapes import AttributeKind, AttributeShape, SchemaShape, shaped
from habeas.core.policy.yaml import Document


@dataclass(frozen=True, slots=True)
class Schema:
    """The events of one platform, checked: every name it uses exists."""

    shape: SchemaShape

    def as_json(self) -> dict[str, object]:
        return self.shape.model_dump(mode="json", by_alias=True)

    @classmethod
    def of_json(cls, told: object) -> Schema:
        """The schema of which `told` is the `as_json`. Raises ValueError."""
        return cls(SchemaShape.model_validate(told))

    @property
    def keys(self) -> tuple[str, ...]:
        """What facts may be counted by: the account, and every attribute marked as a key."""
        return ("account", *(n for n, a in self.shape.attributes.items() if a.key))

    @property
    def attributes(self) -> Mapping[str, AttributeShape]:
        return self.shape.attributes

    def types_with(self, attribute: str) -> frozenset[str]:
        return frozenset(t for t, s in self.shape.types.items() if attribute in s.attributes)

    def currencies_of(self, attribute: str) -> tuple[str, ...]:
        """The currencies an amount may be in; () where the attribute is no money."""
        found = self.attributes.get(attribute)
        if found is None or found.type is not AttributeKind.MONEY:
            return ()
        return (found.currency,) if found.currency else tuple(self.shape.currencies)

    def type_of(self, attribute: str, currency: str | None = None) -> Type:
        """The type of an attribute's values; amounts are whole minor units of `currency`."""
        found = self.attributes[attribute]
        match found.type:
            case AttributeKind.INTEGER:
                return Type(Base.INTEGER, found.unit)
            case AttributeKind.NUMBER:
                return Type(Base.NUMBER, found.unit)
            case AttributeKind.BOOLEAN:
                return Type(Base.BOOLEAN)
            case AttributeKind.MONEY:
                return Type(Base.INTEGER, currency or found.currency or "money")
            case _:
                return Type(Base.TEXT)


def read_schema(document: Document) -> Schema:
    """Raises InvalidPolicy with every problem of the file."""
    shape = shaped(document, SchemaShape)
    problems = [*_attribute_problems(document, shape), *_type_problems(document, shape)]
    if problems:
        raise InvalidPolicy(f"{document.file} has problems", problems=problems)
    return Schema(shape)


def _attribute_problems(document: Document, shape: SchemaShape) -> list[Problem]:
    found = []
    for name, attribute in shape.attributes.items():
        path = ("attributes", name)
        if not NAME.match(name) or name in (*ENVELOPE, "time_us", "line"):
            sentence = f"`{name}` cannot name an attribute"
            hint = f"small letters, digits and _, and none of {', '.join(ENVELOPE)}, time_us, line"
            found.append(document.key_problem(path, sentence, hint))
        found += _currency_problems(document, shape, name, attribute)
        if attribute.unit and attribute.type not in (AttributeKind.INTEGER, AttributeKind.NUMBER):
            sentence = f"`{name}` is {attribute.type}, which has no unit"
            found.append(document.problem((*path, "unit"), sentence, "remove `unit`"))
        if attribute.key and attribute.type is not AttributeKind.TEXT:
            hint = "make it `type: text`; numbers given for a text are taken as their digits"
            found.append(document.problem((*path, "key"), f"the key `{name}` is no text", hint))
    for i, code in enumerate(shape.currencies):
        if not money.CODE.match(code):
            sentence = f"'{code}' is not a currency code"
            found.append(
                document.problem(("currencies", i), sentence, "for example EUR (ISO 4217)")
            )
    return found


def _currency_problems(
    document: Document, shape: SchemaShape, name: str, attribute: AttributeShape
) -> list[Problem]:
    path = ("attributes", name)
    given = [g for g in ("currency", "currency_in") if getattr(attribute, g)]
    if attribute.type is not AttributeKind.MONEY:
        hint = f"remove it, or make `{name}` money"
        return [document.problem((*path, g), f"`{name}` is no money", hint) for g in given]
    if len(given) != 1:
        hint = "give `currency: EUR`, or `currency_in:` the attribute that holds the code"
        return [document.problem(path, f"`{name}` needs exactly one source of currency", hint)]
    if attribute.currency and attribute.currency not in shape.currencies:
        hint = nearest(attribute.currency, shape.currencies)
        sentence = f"`{attribute.currency}` is not among `currencies`"
        return [document.problem((*path, "currency"), sentence, hint)]
    if attribute.currency_in and not shape.currencies:
        sentence = f"`{name}` may be in no currency, since the file lists none"
        hint = "list those it may be in, for example `currencies: [EUR, USD]`"
        return [document.problem((*path, "currency_in"), sentence, hint)]
    holder = shape.attributes.get(attribute.currency_in or "")
    if attribute.currency_in and (holder is None or holder.type is not AttributeKind.TEXT):
        sentence = f"`{attribute.currency_in}` is not a text attribute"
        hint = nearest(attribute.currency_in, shape.attributes)
        return [document.problem((*path, "currency_in"), sentence, hint)]
    return []


def _type_problems(document: Document, shape: SchemaShape) -> list[Problem]:
    found = []
    for name, one in shape.types.items():
        for key, known in (("attributes", shape.attributes), ("required", one.attributes)):
            for i, used in enumerate(getattr(one, key)):
                if used not in known:
                    sentence = f"`{used}` is not an attribute of `{name}`"
                    place = ("types", name, key, i)
                    found.append(document.problem(place, sentence, nearest(used, known)))
        for i, used in enumerate(one.attributes):
            holder = shape.attributes[used].currency_in if used in shape.attributes else None
            if holder in shape.attributes and holder not in one.attributes:
                sentence = f"`{name}` has `{used}` but not `{holder}`, which holds its currency"
                place = ("types", name, "attributes", i)
                found.append(document.problem(place, sentence, f"add `{holder}` to the list"))
    return found


ENVELOPE = ("id", "time", "account", "type")
