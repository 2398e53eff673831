"""Reasons in words: every kind of condition in both languages, and nothing that was not found."""

from __future__ import annotations

import string
from typing import Any

import pytest
import yaml

from habeas.core.languages import LANGS, Lang
from habeas.core.letter.words import (
    PHRASES,
    Speaker,
    change_words,
    fact_words,
    measure_words,
    shown,
    why,
)
from habeas.core.policy import Finding, Measure
from habeas.core.policy.facts import FactKind, fact_of
from habeas.core.policy.findings import FactChange, UnknownCause
from habeas.core.policy.parsing import parse
from habeas.core.policy.shapes import FactShape
from tests.core.samples import policy_from, policy_with, schema_of

DAY = 86_400_000_000
SCHEMA = schema_of()
FACTS = """
orders:   {count: order, title: {en: orders, fr: commandes}}
returned: {sum: amount, of: return, title: {en: value returned, fr: valeur retournée}}
spent:    {sum: amount, of: order, title: {en: value ordered, fr: valeur commandée}}
pieces:   {sum: pieces, title: {en: pieces, fr: pièces}}
days:     {age: signup, unit: day, title: {en: time as a customer, fr: ancienneté}}
weight:   {max: weight, title: {en: weight, fr: poids}}
land:     {last: country, title: {en: country, fr: pays}}
gift:     {last: gift, title: {en: gift, fr: cadeau}}
big:      {count: order, where: amount > 50_00, title: {en: big orders, fr: grosses commandes}}
"""
VALUES = {
    "orders": 21, "returned": 891_89, "spent": 1491_00, "pieces": 1, "days": 400, "weight": 2.5,
    "land": "FR", "gift": True, "big": 3,
}  # fmt: skip
POLICY = policy_with(FACTS, "orders > 1")


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def said(condition: str, lang: Lang) -> str:
    return plain(Speaker(POLICY, SCHEMA, VALUES, lang).says(parse(condition)))


# a condition, in English, in French
SENTENCES = [
    ("orders = 20", "orders (21) is 20", "commandes (21) : exactement 20"),
    ("orders <> 20", "orders (21) is not 20", "commandes (21) : autre que 20"),
    ("orders < 2000", "orders (21) is below 2,000", "commandes (21) : moins de 2 000"),
    ("orders <= 20", "orders (21) is at most 20", "commandes (21) : au plus 20"),
    ("orders > 0.5", "orders (21) is above 0.5", "commandes (21) : plus de 0,5"),
    ("orders >= 20", "orders (21) is at least 20", "commandes (21) : au moins 20"),
    ("20 < orders", "20 is below orders (21)", "20 : moins de commandes (21)"),
    ("orders > -1", "orders (21) is above -1", "commandes (21) : plus de -1"),
    (
        "returned > 500_00",
        "value returned (EUR 891.89) is above EUR 500.00",
        "valeur retournée (891,89 EUR) : plus de 500,00 EUR",
    ),
    (
        "returned / spent > 0.5",
        "value returned (EUR 891.89) divided by value ordered (EUR 1,491.00) is above 0.5",
        "valeur retournée (891,89 EUR) sur valeur commandée (1 491,00 EUR) : plus de 0,5",
    ),
    (
        "spent - returned < 100_00",
        "value ordered (EUR 1,491.00) minus value returned (EUR 891.89) is below EUR 100.00",
        "valeur commandée (1 491,00 EUR) moins valeur retournée (891,89 EUR) : moins de 100,00 EUR",
    ),
    (
        "returned * 2 > spent + 5",
        "value returned (EUR 891.89) times 2 is above value ordered (EUR 1,491.00) plus EUR 0.05",
        "valeur retournée (891,89 EUR) fois 2 : plus de "
        "valeur commandée (1 491,00 EUR) plus 0,05 EUR",
    ),
    (
        "(orders + 1) * 2 > orders - (1 - 2)",
        "(orders (21) plus 1) times 2 is above orders (21) minus (1 minus 2)",
        "(commandes (21) plus 1) fois 2 : plus de commandes (21) moins (1 moins 2)",
    ),
    ("-(orders + 1) < 0", "minus (orders (21) plus 1) is below 0",
     "moins (commandes (21) plus 1) : moins de 0"),
    ("returned > 0.5", "value returned (EUR 891.89) is above 0.5",
     "valeur retournée (891,89 EUR) : plus de 0,5"),
    ("returned > 1e4", "value returned (EUR 891.89) is above EUR 100.00",
     "valeur retournée (891,89 EUR) : plus de 100,00 EUR"),
    ("days > 365", "time as a customer (400 days) is above 365 days",
     "ancienneté (400 jours) : plus de 365 jours"),
    ("pieces = 0", "pieces (1 piece) is 0 pieces", "pièces (1 pièce) : exactement 0 pièce"),
    ("weight > 1.5", "weight (2.5 kg) is above 1.5 kg", "poids (2,5 kg) : plus de 1,5 kg"),
    ("big >= 3", "big orders (3) is at least 3", "grosses commandes (3) : au moins 3"),
    ("land = 'FR'", "country (“FR”) is “FR”", "pays (« FR ») : exactement « FR »"),
    (
        "land in ('FR', 'BE')",
        "country (“FR”) is one of “FR”, “BE”",
        "pays (« FR ») est l'un de « FR », « BE »",
    ),
    (
        "spent between 10_00 and 20_00",
        "value ordered (EUR 1,491.00) is between EUR 10.00 and EUR 20.00",
        "valeur commandée (1 491,00 EUR) est entre 10,00 EUR et 20,00 EUR",
    ),
    ("returned in (1, 2)", "value returned (EUR 891.89) is one of EUR 0.01, EUR 0.02",
     "valeur retournée (891,89 EUR) est l'un de 0,01 EUR, 0,02 EUR"),
    ("land is null", "country (“FR”) is unknown", "pays (« FR ») est inconnu"),
    ("gift = true", "gift (yes) is yes", "cadeau (oui) : exactement oui"),
    ("not gift", "it is not the case that gift (yes)", "ceci est faux : cadeau (oui)"),
    (
        "gift and not (orders > 1 or false)",
        "gift (yes) and it is not the case that (orders (21) is above 1 or no)",
        "cadeau (oui) et ceci est faux : (commandes (21) : plus de 1 ou non)",
    ),
    (
        "(gift or orders > 1) and days > 1",
        "(gift (yes) or orders (21) is above 1) and time as a customer (400 days) is above 1 day",
        "(cadeau (oui) ou commandes (21) : plus de 1) et ancienneté (400 jours) : plus de 1 jour",
    ),
    ("(orders > 1) = gift", "(orders (21) is above 1) is gift (yes)",
     "(commandes (21) : plus de 1) : exactement cadeau (oui)"),
    (
        "coalesce(returned, 0) > 5_00",
        "value returned (EUR 891.89) (or, where unknown, EUR 0.00) is above EUR 5.00",
        "valeur retournée (891,89 EUR) (ou, si inconnu, 0,00 EUR) : plus de 5,00 EUR",
    ),
    (
        "nullif(orders, 0) > 1",
        "orders (21) (unknown where 0) is above 1",
        "commandes (21) (inconnu si 0) : plus de 1",
    ),
    ("abs(orders) > 1", "orders (21) without its sign is above 1",
     "commandes (21) sans son signe : plus de 1"),
    (
        "case when gift then 1 else 2 end = 1",
        "CASE WHEN gift THEN 1 ELSE 2 END (by cases) is 1",
        "CASE WHEN gift THEN 1 ELSE 2 END (selon le cas) : exactement 1",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "english", "french"), SENTENCES)
def test_each_kind_of_condition_is_said_in_both_languages(
    condition: str, english: str, french: str
) -> None:
    assert said(condition, "en") == english
    assert said(condition, "fr") == french


def test_a_value_that_is_not_known_is_said_to_be_unknown() -> None:
    speaker = Speaker(POLICY, SCHEMA, {"orders": None}, "en")
    assert speaker.says(parse("orders > returned")) == (
        "orders (unknown) is above value returned (unknown)"
    )


def test_both_languages_say_the_same_things() -> None:
    fields = string.Formatter().parse
    for key, english in PHRASES["en"].items():
        holes = [sorted(hole for _, hole, _, _ in fields(text) if hole is not None)
                 for text in (english, PHRASES["fr"][key])]  # fmt: skip
        assert holes[0] == holes[1], key
    assert set(PHRASES["en"]) >= {*FactKind, *Measure}


def described(text: str, lang: Lang) -> str:
    shape = FactShape.model_validate(yaml.safe_load(text))
    return fact_words(fact_of("f", shape, SCHEMA), SCHEMA, lang)


DESCRIBED = [
    ("{count: order}", "number of orders", "nombre de commandes"),
    ("{count: [order, login]}", "number of orders, login", "nombre de commandes, login"),
    (
        "{sum: amount, of: return, over: 365d}",
        "total amount of return in the last 365 days",
        "total de montant (return) sur les 365 derniers jours",
    ),
    (
        "{distinct: account, of: login, by: device, over: 24h}",
        "number of different accounts of login in the last day with the same device",
        "nombre de comptes différents (login) sur le dernier jour avec le même appareil",
    ),
    (
        "{distinct: type, over: 1h}",
        "number of different event types of all events in the last hour",
        "nombre de types d'événement différents (tous les événements) sur la dernière heure",
    ),
    (
        "{first: country, of: order, over: 90m}",
        "first country of orders in the last 90 minutes",
        "premier country (commandes) sur les 90 dernières minutes",
    ),
    ("{last: device}", "last device of all events", "dernier appareil (tous les événements)"),
    ("{max: pieces}", "largest pieces of all events", "plus grand pieces (tous les événements)"),
    ("{min: rank}", "smallest rank of all events", "plus petit rank (tous les événements)"),
    ("{age: signup, unit: day}", "time since the first of signup",
     "temps depuis le premier de signup"),
    (
        "{count: order, where: rank > 1, over: 45s}",
        "number of orders in the last 45 seconds, counting only some",
        "nombre de commandes sur les 45 dernières secondes, en partie seulement",
    ),
    ("{count: order, title: {en: purchases, fr: achats}}", "purchases", "achats"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "english", "french"), DESCRIBED)
def test_a_fact_is_its_title_or_what_it_counts(text: str, english: str, french: str) -> None:
    assert (described(text, "en"), described(text, "fr")) == (english, french)


UNITS = [
    (1, "day", "1 day", "1 jour"),
    (2, "day", "2 days", "2 jours"),
    (0, "week", "0 weeks", "0 semaine"),
    (-1, "hour", "-1 hour", "-1 heure"),
    (1.5, "minute", "1.5 minutes", "1,5 minute"),
    (3, "second", "3 seconds", "3 secondes"),
    (12, "g", "12 g", "12 g"),
    (12, "parcel", "12 parcels", "12 parcels"),
    (12, None, "12", "12"),
]


@pytest.mark.parametrize(("value", "unit", "english", "french"), UNITS)
def test_a_unit_is_put_in_the_plural_where_the_language_does(
    value: int, unit: str | None, english: str, french: str
) -> None:
    assert plain(shown(value, unit, None, "en")) == english
    assert plain(shown(value, unit, None, "fr")) == french


def test_values_are_shown_by_their_kind() -> None:
    values = [None, True, False, "x", 1250, 1250.5]
    assert [plain(shown(v, None, "EUR", "en")) for v in values] == [
        "unknown", "yes", "no", "“x”", "EUR 12.50", "1,250.5",
    ]  # fmt: skip
    assert [plain(shown(v, None, "EUR", "fr")) for v in values] == [
        "inconnu", "oui", "non", "« x »", "12,50 EUR", "1 250,5",
    ]  # fmt: skip


def test_measures_are_said_with_how_long_they_last() -> None:
    ladder = policy_from().ladder
    assert [measure_words(step, "en") for step in ladder] == [
        "a warning",
        "a limit on returns for 90 days",
        "a suspension for 30 days",
        "the closing of the account",
    ]
    assert [measure_words(step, "fr") for step in ladder] == [
        "un avertissement",
        "une limite sur returns pendant 90 jours",
        "une suspension pendant 30 jours",
        "la fermeture du compte",
    ]


def test_what_would_have_changed_it_is_said_with_both_values() -> None:
    changes = (FactChange("returned", 1491_00, 891_89), FactChange("orders", 4, 5))
    english, french = (change_words(changes, Speaker(POLICY, SCHEMA, {}, x)) for x in LANGS)
    assert plain(english) == (
        "value returned: EUR 891.89 instead of EUR 1,491.00 (EUR 599.11 less), together with "
        "orders: 5 instead of 4 (1 more)"
    )
    assert plain(french) == (
        "valeur retournée : 891,89 EUR au lieu de 1 491,00 EUR (599,11 EUR de moins), avec "
        "commandes : 5 au lieu de 4 (1 de plus)"
    )


def finding(**changed: Any) -> Finding:
    truths = (("orders > 1 AND gift", True), ("orders > 1", True), ("gift", None))
    whole: dict[str, Any] = {
        "id": "f1", "event_id": "e9", "account": "A1", "time_us": 1_292_252_820_000_000,
        "policy": "returns-abuse", "version": 3, "outcome": "o", "index": 1,
        "cause": UnknownCause.STAYED_TRUE, "values": {"orders": 21, "gift": None},
        "evidence": {"orders": ("e1", "e9"), "gift": ()}, "truths": truths,
        "changes": ((FactChange("orders", 21, 1),),),
    }  # fmt: skip
    return Finding(**{**whole, **changed})


def test_why_answers_with_all_that_the_finding_carries_and_no_more() -> None:
    policy = policy_with(FACTS, "orders > 1 and gift")
    found = why(finding(), policy, SCHEMA, "en")
    assert found == {
        "account": "A1", "finding": "f1", "policy": "returns-abuse", "version": 3, "outcome": "o",
        "title": "Excessive returns",
        "clause": {"ref": "Conditions of Use 4.2", "text": "You may not."},
        "event": "e9", "time_us": 1_292_252_820_000_000, "date": "13 December 2010, 15:07 UTC",
        "cause": "stayed_true", "stayed": True, "step": 2, "steps": 4,
        "measure": "a limit on returns for 90 days", "reviewed": False,
        "facts": [
            {"fact": "orders", "says": "orders", "value": 21, "shown": "21", "disclosed": True},
            {"fact": "gift", "says": "gift", "value": None, "shown": "unknown", "disclosed": False},
        ],
        "conditions": [
            {"condition": "orders > 1 AND gift", "holds": True,
             "says": "orders (21) is above 1 and gift (unknown)"},
            {"condition": "orders > 1", "holds": True, "says": "orders (21) is above 1"},
            {"condition": "gift", "holds": None, "says": "gift (unknown)"},
        ],
        "evidence": {"orders": ["e1", "e9"], "gift": []},
        "changes": [
            {"says": "orders: 1 instead of 21 (20 less)",
             "facts": [{"fact": "orders", "value": 21, "instead": 1}]},
        ],
    }  # fmt: skip


def test_why_in_french_differs_in_words_only() -> None:
    policy = policy_with(FACTS, "orders > 1 and gift")
    english = why(finding(index=2, cause=UnknownCause.BECAME_TRUE), policy, SCHEMA, "en")
    french = why(finding(index=2, cause=UnknownCause.BECAME_TRUE), policy, SCHEMA, "fr")
    worded = {key for key in english if english[key] != french[key]}
    assert worded == {"title", "clause", "date", "measure", "facts", "conditions", "changes"}
    assert french["conditions"][0]["says"] == "commandes (21) : plus de 1 et cadeau (inconnu)"
    assert (english["stayed"], english["reviewed"], english["step"]) == (False, True, 3)
