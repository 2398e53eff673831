"""Reasons in words, in English and French: what was counted, what held, what would have changed
it. No adjective and no guess: only what the finding carries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import UnionType
from typing import Any, assert_never

from habeas.core import languages
from habeas.core.money import amount_words
from habeas.core.policy import Fact, Finding, Measure, Policy, Schema, Step, conditions
from habeas.core.policy.findings import FactChanges, FactValue, UnknownCause

PHRASES: languages.Texts = {
    "en": {
        "=": "is", "<>": "is not", "<": "is below", "<=": "is at most", ">": "is above",
        ">=": "is at least", "+": "plus", "-": "minus", "*": "times", "/": "divided by",
        "and": "and", "or": "or", "not": "it is not the case that {0}",
        "between": "{0} is between {1} and {2}", "in": "{0} is one of {1}",
        "null": "{0} is unknown", "case": "{0} (by cases)",
        "coalesce": "{0} (or, where unknown, {1})", "nullif": "{0} (unknown where {1})",
        "abs": "{0} without its sign", "true": "yes", "false": "no", "unknown": "unknown",
        "count": "number of {of}", "sum": "total {value} of {of}",
        "distinct": "number of different {value} of {of}", "first": "first {value} of {of}",
        "last": "last {value} of {of}", "max": "largest {value} of {of}",
        "min": "smallest {value} of {of}", "age": "time since the first of {of}",
        "by": " with the same {key}",
        "last day": " in the last day| in the last {count} days",
        "last hour": " in the last hour| in the last {count} hours",
        "last minute": " in the last minute| in the last {count} minutes",
        "last second": " in the last second| in the last {count} seconds",
        "where": ", counting only some",
        "every": "all events", "account": "accounts", "type": "event types",
        "less": "{fact}: {to} instead of {now} ({by} less)",
        "more": "{fact}: {to} instead of {now} ({by} more)", "warn": "a warning",
        "limit": "a limit on {capability}", "suspend": "a suspension",
        "close": "the closing of the account",
        "for": " for {period}", "together": ", together with ",
    },
    "fr": {
        "=": ": exactement", "<>": ": autre que", "<": ": moins de", "<=": ": au plus",
        ">": ": plus de", ">=": ": au moins", "+": "plus", "-": "moins", "*": "fois",
        "/": "sur", "and": "et", "or": "ou", "not": "ceci est faux : {0}",
        "between": "{0} est entre {1} et {2}", "in": "{0} est l'un de {1}",
        "null": "{0} est inconnu", "case": "{0} (selon le cas)",
        "coalesce": "{0} (ou, si inconnu, {1})", "nullif": "{0} (inconnu si {1})",
        "abs": "{0} sans son signe", "true": "oui", "false": "non", "unknown": "inconnu",
        "count": "nombre de {of}", "sum": "total de {value} ({of})",
        "distinct": "nombre de {value} différents ({of})", "first": "premier {value} ({of})",
        "last": "dernier {value} ({of})", "max": "plus grand {value} ({of})",
        "min": "plus petit {value} ({of})", "age": "temps depuis le premier de {of}",
        "by": " avec le même {key}",
        "last day": " sur le dernier jour| sur les {count} derniers jours",
        "last hour": " sur la dernière heure| sur les {count} dernières heures",
        "last minute": " sur la dernière minute| sur les {count} dernières minutes",
        "last second": " sur la dernière seconde| sur les {count} dernières secondes",
        "where": ", en partie seulement", "every": "tous les événements", "account": "comptes",
        "type": "types d'événement", "less": "{fact} : {to} au lieu de {now} ({by} de moins)",
        "more": "{fact} : {to} au lieu de {now} ({by} de plus)", "warn": "un avertissement",
        "limit": "une limite sur {capability}", "suspend": "une suspension",
        "close": "la fermeture du compte", "for": " pendant {period}", "together": ", avec ",
    },
}  # fmt: skip


def shown(
    value: FactValue | Decimal, unit: str | None, currency: str | None, lang: languages.Lang
) -> str:
    """A value as people write it, with its unit."""
    match value:
        case None:
            return PHRASES[lang]["unknown"]
        case bool():
            return PHRASES[lang]["true" if value else "false"]
        case str():
            return languages.quote(value, lang)
        case int() if currency:
            return amount_words(value, currency, lang)
        case _ if unit:
            return f"{languages.number(value, lang)} {languages.unit_words(unit, value, lang)}"
        case _:
            return languages.number(value, lang)


def fact_words(fact: Fact, schema: Schema, lang: languages.Lang) -> str:
    """The fact's own title, else a description built from what it counts."""
    if fact.title is not None:
        return fact.title[lang]
    say = PHRASES[lang]
    of = ", ".join(_type_words(t, schema, lang) for t in fact.of) or say["every"]
    value = _value_words(fact.value, schema, lang) if fact.value else ""
    text = say[fact.kind].format(of=of, value=value)
    if fact.over_us:
        text += _over(fact.over_us, lang)
    if fact.by != "account":
        text += say["by"].format(key=_value_words(fact.by, schema, lang))
    return text + (say["where"] if fact.where is not None else "")


def _over(us: int, lang: languages.Lang) -> str:
    """` in the last 365 days`, ` in the last day`; ` sur les 24 dernières heures`."""
    count, name = languages.whole_units(us)
    return languages.plural(PHRASES[lang][f"last {name}"], count, lang, count=count)


def _type_words(name: str, schema: Schema, lang: languages.Lang) -> str:
    title = schema.shape.types[name].title if name in schema.shape.types else None
    return title[lang] if title else name


def _value_words(name: str, schema: Schema, lang: languages.Lang) -> str:
    if name in ("account", "type"):
        return PHRASES[lang][name]
    title = schema.attributes[name].title if name in schema.attributes else None
    return title[lang] if title else name


TRUTHS = (
    conditions.Compare
    | conditions.Between
    | conditions.In
    | conditions.IsNull
    | conditions.Not
    | conditions.Logic
)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says conditions of one policy, with one finding's values, in one language."""

    policy: Policy
    schema: Schema
    values: Mapping[str, FactValue]
    lang: languages.Lang

    def fact(self, name: str) -> str:
        return fact_words(self.policy.facts[name], self.schema, self.lang)

    def value(self, name: str, value: FactValue) -> str:
        """A fact's value with its unit or currency, in the language of the speaker."""
        return self._amount(value, self.policy.facts[name].type.unit)

    def _amount(self, value: FactValue | Decimal, unit: str | None) -> str:
        if unit not in self.schema.shape.currencies:
            return shown(value, unit, None, self.lang)
        if isinstance(value, Decimal | float) and value == int(value):
            value = int(value)
        whole = isinstance(value, int)  # a part of the smallest unit is no amount
        return shown(value, None, unit if whole else None, self.lang)

    def says(self, node: conditions.Node, unit: str | None = None) -> str:
        """The condition in words, each fact followed by its value in parentheses. `unit` is what
        a bare number is in, where it stands beside something that has a unit."""
        say = PHRASES[self.lang]
        match node:
            case conditions.Name(name):
                return f"{self.fact(name)} ({self.value(name, self.values.get(name))})"
            case conditions.Literal(value):
                return self._amount(value, unit)
            case conditions.Negate(inner):
                return f"{say['-']} {self._part(inner, conditions.Arithmetic, unit)}"
            case conditions.Arithmetic(sign, left, right):
                unit = unit if sign in "+-" else None
                first = self._part(left, conditions.Arithmetic, unit, loose=sign in "+-")
                return f"{first} {say[sign]} {self._part(right, conditions.Arithmetic, unit)}"
            case conditions.Compare(sign, left, right):
                unit = self._unit_of(left, right)
                first, second = (self._part(n, TRUTHS, unit) for n in (left, right))
                return f"{first} {say[sign]} {second}"
            case conditions.Between(inner, low, high):
                unit = self._unit_of(inner, low, high)
                return say["between"].format(*(self.says(n, unit) for n in (inner, low, high)))
            case conditions.In(inner, items):
                unit = self._unit_of(inner, *items)
                listed = ", ".join(self.says(item, unit) for item in items)
                return say["in"].format(self._part(inner, TRUTHS, unit), listed)
            case conditions.IsNull(inner):
                return say["null"].format(self._part(inner, TRUTHS))
            case conditions.Not(inner):
                return say["not"].format(self._part(inner, conditions.Logic))
            case conditions.Logic(word, parts):
                return f" {say[word]} ".join(self._part(part, conditions.Logic) for part in parts)
            case conditions.CaseWhen():
                return say["case"].format(conditions.written(node))
            case conditions.Call(function, arguments):
                unit = self._unit_of(*arguments) or unit
                first, *rest = (self.says(a, unit) for a in arguments)
                return say[function].format(first, ", ".join(rest))
            case _:
                assert_never(node)

    def _part(
        self,
        node: conditions.Node,
        closed: type[conditions.Node] | UnionType,
        unit: str | None = None,
        loose: bool = False,
    ) -> str:
        """A part of a longer phrase, in parentheses where it could be read another way."""
        text = self.says(node, unit)
        return f"({text})" if isinstance(node, closed) and not loose else text

    def _unit_of(self, *nodes: conditions.Node) -> str | None:
        """The unit of values that stand side by side; a bare number takes that of the others."""
        units = (conditions.type_of(node, self.policy.types).unit for node in nodes)
        return next((unit for unit in units if unit not in (None, conditions.ANY)), None)


def measure_words(step: Step, lang: languages.Lang) -> str:
    """`a limit on returns for 90 days`."""
    say = PHRASES[lang]
    text = say[step.measure].format(capability=(step.capability or "").replace("_", " "))
    if step.for_us and step.measure in (Measure.LIMIT, Measure.SUSPEND):
        text += say["for"].format(period=languages.period(step.for_us, lang))
    return text


def change_words(changes: FactChanges, speaker: Speaker) -> str:
    """`value returned: GBP 891.89 instead of GBP 1,491.00 (GBP 599.11 less)`."""
    say = PHRASES[speaker.lang]
    parts = []
    for change in changes:
        gap = change.instead - change.value
        parts.append(
            say["less" if gap < 0 else "more"].format(
                fact=speaker.fact(change.fact),
                to=speaker.value(change.fact, change.instead),
                now=speaker.value(change.fact, change.value),
                by=speaker.value(change.fact, abs(gap)),
            )
        )
    return say["together"].join(parts)


def why(finding: Finding, policy: Policy, schema: Schema, lang: languages.Lang) -> dict[str, Any]:
    """All that answers `why`, as plain data; every text is in `lang`."""
    speaker = Speaker(policy, schema, finding.values, lang)
    step = policy.ladder[finding.index]
    parts = conditions.sub_conditions(policy.condition, policy.types)
    spoken = {conditions.written(node): speaker.says(node) for node in parts}
    return {
        "account": finding.account,
        "finding": finding.id,
        "policy": policy.name,
        "version": policy.version,
        "outcome": finding.outcome,
        "title": policy.title[lang],
        "clause": {"ref": policy.clause.ref, "text": policy.clause[lang]},
        "event": finding.event_id,
        "time_us": finding.time_us,
        "date": languages.moment(finding.time_us, lang),
        "cause": finding.cause,
        "stayed": finding.cause is UnknownCause.STAYED_TRUE,
        "step": finding.index + 1,
        "steps": len(policy.ladder),
        "measure": measure_words(step, lang),
        "reviewed": step.review,
        "facts": [
            {
                "fact": name,
                "says": speaker.fact(name),
                "value": value,
                "shown": speaker.value(name, value),
                "disclosed": name in policy.disclose,
            }
            for name, value in finding.values.items()
        ],
        "conditions": [
            {"condition": text, "says": spoken.get(text, text), "holds": held}
            for text, held in finding.truths
        ],
        "evidence": {name: list(ids) for name, ids in finding.evidence.items()},
        "changes": [
            {"says": change_words(changes, speaker), "facts": _plain(changes)}
            for changes in finding.changes
        ],
    }


def _plain(changes: Iterable[object]) -> list[dict[str, object]]:
    return [{n: getattr(c, n) for n in ("fact", "value", "instead")} for c in changes]
