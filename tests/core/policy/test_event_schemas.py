"""The schema of a platform's events: every name that it uses exists, and every amount has one
currency."""

from __future__ import annotations

import pytest

from habeas.core.errors import InvalidPolicy, Problem
from habeas.core.policy.schema import read_schema
from habeas.core.policy.yaml import read_document
from tests.core.samples import SCHEMA, edited, schema_of


def problems_of(text: str) -> list[Problem]:
    with pytest.raises(InvalidPolicy) as raised:
        schema_of(text)
    assert raised.value.message == "events.yaml has problems"
    return list(raised.value.problems)


# old, new, the sentence, what stands at its place
CHANGES = [
    ("rank:    {type", "Rank:    {type", "`Rank` cannot name an attribute", "Rank:"),
    ("gift:    {type", "time_us: {type", "`time_us` cannot name an attribute", "time_us:"),
    ("gift:    {type", "line: {type", "`line` cannot name an attribute", "line:"),
    ("gift:    {type", "account: {type", "`account` cannot name an attribute", "account:"),
    ("country: {type: text}", "country: {type: text, unit: kg}", "`country` is text, which", "kg}"),
    ("unit: piece", "key: true", "the key `pieces` is no text", "true}"),
    ("type: boolean", "type: boolean, currency: EUR", "`gift` is no money", "EUR}"),
    ("type: boolean", "type: boolean, currency_in: code", "`gift` is no money", "code}"),
    ("currency_in: code", "title: {en: p, fr: p}", "`price` needs exactly one source", "{type"),
    ("currency_in: code", "currency_in: code, currency: EUR", "`price` needs exactly one", "{type"),
    ("currency: JPY", "currency: USD", "`USD` is not among `currencies`", "USD}"),
    ("currency_in: code", "currency_in: cod", "`cod` is not a text attribute", "cod}"),
    ("currency_in: code", "currency_in: rank", "`rank` is not a text attribute", "rank}"),
    ("currencies: [EUR, JPY]", "currencies: [EUR, yen, JPY]", "'yen' is not a currency", "yen, "),
    (
        "login:  {attributes: [device,",
        "login:  {attributes: [devise,",
        "`devise` is not",
        "devise,",
    ),
    ("required: [amount]", "required: [amount, rank]", "`rank` is not an attribute of", "rank]}"),
    (
        "return: {attributes: [amount,",
        "return: {attributes: [price, amount,",
        "`return` has `price` but not `code`, which holds its currency",
        "price, amount,",
    ),
]


@pytest.mark.parametrize(("old", "new", "sentence", "rest"), CHANGES)
def test_a_mistake_is_said_at_its_place_with_a_hint(
    old: str, new: str, sentence: str, rest: str
) -> None:
    text = edited(old, new, SCHEMA)
    found = problems_of(text)
    first = next(p for p in found if p.sentence.startswith(sentence))
    assert text.split("\n")[first.line - 1][first.column - 1 :].startswith(rest)
    assert first.hint
    names = {"rank:    {type": "rank", "gift:    {type": "gift"}
    renamed = names.get(old, "nothing")
    assert all(p is first or f"`{renamed}` is not an attribute" in p.sentence for p in found)


def test_an_amount_that_names_its_currency_needs_currencies_to_choose_from() -> None:
    text = "attributes: {m: {type: money, currency_in: c}, c: {type: text}}\ntypes: {a: {}}"
    (problem,) = problems_of(text)
    assert problem.sentence == "`m` may be in no currency, since the file lists none"
    assert (problem.line, problem.column) == (1, 44)


def test_every_mistake_of_the_file_is_listed() -> None:
    text = edited("currency: JPY", "currency: USD", SCHEMA)
    text = edited("unit: piece", "key: true", text)
    text = edited("required: [amount]", "required: [amount, rank]", text)
    assert len(problems_of(text)) == 3


def test_the_smallest_schema_has_one_type() -> None:
    schema = schema_of("types: {order: {}}")
    assert schema.keys == ("account",)
    assert schema.attributes == {}


def test_a_schema_of_the_wrong_shape_is_refused_as_such() -> None:
    with pytest.raises(InvalidPolicy, match="has the wrong shape"):
        read_schema(read_document("types: {}", "events.yaml"))
