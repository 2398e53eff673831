"""Languages: the rules of each, and that every text is there in all of them."""

from __future__ import annotations

import datetime
import importlib
import pkgutil
import string
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

import habeas
from habeas.core.languages import (
    LANGS,
    LANGUAGES,
    Lang,
    date,
    enumeration,
    moment,
    number,
    percent,
    period,
    plural,
    quote,
    rate,
    rounded,
    signed,
    significant,
    typeset,
    unbroken,
    unit_words,
)
from habeas.core.policy.shapes import Both, Clause
from tests.core.samples import calm
from tests.tidy import ROOT

FLOORS = ("habeas.core", "habeas.pages", "habeas.cli")  # which have texts
every_lang = pytest.mark.parametrize("lang", LANGS)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


# --- tables


@cache
def tables() -> Mapping[str, Mapping[Lang, object]]:
    """Every value of a module that is by language, by its name."""
    found = {}
    for module in pkgutil.walk_packages(habeas.__path__, "habeas."):
        if module.name.startswith(FLOORS):
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, Mapping) and value.keys() & set(LANGS):
                    found[f"{module.name}.{name}"] = value
    return found


def texts(name: str) -> Iterator[tuple[str, Mapping[Lang, str]]]:
    """The texts of a table, each in all languages."""
    table = tables()[name]
    first = table[LANGS[0]]
    if isinstance(first, str):
        yield name, table  # type: ignore[misc]
    elif isinstance(first, Mapping):
        for key in first:
            yield key, {lang: table[lang][key] for lang in table}  # type: ignore[index]


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_table_has_every_language_for_every_key() -> None:
    assert len(tables()) > 20
    for name, table in tables().items():
        assert set(table) == set(LANGS), name
        keys = {tuple(own) if isinstance(own, Mapping) else () for own in table.values()}
        assert len({frozenset(own) for own in keys}) == 1, f"{name}: {keys}"


def test_no_text_is_empty_and_none_asks_for_what_the_first_language_does_not() -> None:
    for name in tables():
        for key, text in texts(name):
            for lang in LANGS:
                assert text[lang], f"{name}: {key} in {lang}"
                assert slots(text[lang]) <= slots(text[LANGS[0]]), f"{name}: {key} in {lang}"


def test_other_floors_have_no_texts() -> None:
    for path in (ROOT / "habeas").rglob("*.py"):
        if path.relative_to(ROOT).parts[1] not in ("core", "pages", "cli"):
            assert '"fr":' not in path.read_text(encoding="utf-8"), path


def test_what_people_write_in_each_language_is_chosen_like_a_table() -> None:
    assert {*Both.model_fields} == {*LANGS}
    assert {*Clause.model_fields} == {*LANGS, "ref"}
    title = Both(en="returns", fr="retours")
    assert [title[lang] for lang in LANGS] == ["returns", "retours"]


@every_lang
def test_the_rules_of_a_language_are_whole(lang: Lang) -> None:
    rules = LANGUAGES[lang]
    assert len(set(rules.months)) == 12
    assert rules.units.keys() == LANGUAGES["en"].units.keys()
    assert slots(rules.amount) == {"number", "currency"}
    assert slots(rules.date) == {"day", "month", "year"}
    assert slots(rules.moment) == {"date", "time"}


# --- plurals


@pytest.mark.parametrize(
    ("count", "english", "french"),
    [
        (0, "0 accounts", "0 compte"), (1, "1 account", "1 compte"), (2, "2 accounts", "2 comptes"),
        (1.5, "1.5 accounts", "1,5 compte"), (-1, "-1 account", "-1 compte"),
        (Decimal("0.3"), "0.3 accounts", "0,3 compte"),
        (1_000_000, "1,000,000 accounts", "1 000 000 comptes"),
    ],
)  # fmt: skip
def test_french_has_the_singular_below_two(
    count: int | float | Decimal, english: str, french: str
) -> None:
    assert plural("{n} account|{n} accounts", count, "en") == english
    assert plain(plural("{n} compte|{n} comptes", count, "fr")) == french


@given(st.integers(-5, 5) | st.floats(-5, 5), st.sampled_from(LANGS))
def test_a_count_and_its_opposite_have_one_form(count: float, lang: Lang) -> None:
    assert plural("one|many", count, lang) == plural("one|many", -count, lang)


def test_a_plural_takes_other_values_too() -> None:
    assert plural("{n} of {of}|{n} of {of}", 3, "en", of=4) == "3 of 4"


def test_units_of_theirs_take_an_s_and_symbols_none() -> None:
    assert [unit_words(name, 2, "fr") for name in ("week", "parcel", "kg", "{x}|y")] == [
        "semaines", "parcels", "kg", "{x}|ys",
    ]  # fmt: skip
    assert unit_words("parcel", 0, "fr") == "parcel"


# --- numbers


NUMBERS: list[tuple[int | float | Decimal, str, str]] = [
    (0, "0", "0"),
    (-1234567, "-1,234,567", "-1 234 567"),
    (1234.5, "1,234.5", "1 234,5"),
    (0.1 + 0.2, "0.3", "0,3"),
    (123456789.25, "123,456,789.25", "123 456 789,25"),
    (5.0, "5", "5"),
    (1e-7, "0.0000001", "0,0000001"),
    (Decimal("0.60"), "0.60", "0,60"),
    (Decimal("1234567.891"), "1,234,567.891", "1 234 567,891"),
    (10**20, "100,000,000,000,000,000,000", "100 000 000 000 000 000 000"),
]


@pytest.mark.parametrize(("value", "english", "french"), NUMBERS)
def test_numbers_are_written_for_each_language(
    value: int | float | Decimal, english: str, french: str
) -> None:
    assert number(value, "en") == english
    assert plain(number(value, "fr")) == french


@calm
@given(st.floats(-1e12, 1e12).map(lambda value: round(value, 3)), st.sampled_from(LANGS))
def test_a_number_that_people_enter_is_never_rounded(value: float, lang: Lang) -> None:
    rules = LANGUAGES[lang]
    if len(Decimal(repr(value)).as_tuple().digits) <= 12:
        text = number(value, lang).replace(rules.group, "").replace(rules.point, ".")
        assert float(text) == value


def test_roundings_by_hand() -> None:
    values = (0.0, 0.0189, 0.5, 5.0, 16.26, 1204.4, 1_234_567.8)
    assert [rounded(v, "en") for v in values] == [
        "0", "0.0189", "0.500", "5.00", "16.3", "1,204", "1,234,568",
    ]  # fmt: skip
    assert [rate(v, "en") for v in values] == [
        "0", "0.019", "0.50", "5.00", "16.3", "1,204", "1,234,568",
    ]  # fmt: skip
    assert [significant(v, "en") for v in values] == [
        "0", "0.0189", "0.5", "5", "16.3", "1,204", "1,234,568",
    ]  # fmt: skip
    assert [significant(v, "en", 2) for v in (0.0189, 1.44, 9.96, 16.26)] == [
        "0.019", "1.4", "10", "16",
    ]  # fmt: skip
    assert [signed(v, "en") for v in (0.58, -2.0)] == ["+0.58", "−2.00"]
    assert [plain(percent(0.0891, lang)) for lang in LANGS] == ["8.9 %", "8,9 %"]
    assert percent(5, "en", 100, digits=0) == "5\u00a0%"


@given(st.floats(1e-6, 1e9))
def test_three_digits_that_count_are_near_enough(value: float) -> None:
    for text in (rounded(value, "en"), significant(value, "en")):
        assert float(text.replace(",", "")) == pytest.approx(value, rel=0.0051, abs=5.1e-7)


# --- times


def test_moments_are_written_out_in_utc() -> None:
    us = 1_292_252_820_000_000
    assert moment(us, "en") == "13 December 2010, 15:07 UTC"
    assert moment(us, "fr") == "13 décembre 2010 à 15 h 07 UTC"
    assert moment(1_519_862_400_000_000 - 1, "en") == "28 February 2018, 23:59 UTC"
    assert moment(1_519_862_400_000_000, "fr") == "1er mars 2018 à 00 h 00 UTC"


def test_dates_have_a_first_of_the_month() -> None:
    first = datetime.date(2027, 6, 1)
    assert [date(first, lang) for lang in LANGS] == ["1\u00a0June 2027", "1er\u00a0juin 2027"]
    assert date(datetime.date(2027, 6, 11), "fr") == "11\u00a0juin 2027"


def test_periods_are_said_in_the_largest_unit_that_fits() -> None:
    seconds = [86_400, 365 * 86_400, 3600, 90 * 60, 1, 61, 0]
    assert [period(s * 1_000_000, "en") for s in seconds] == [
        "1 day", "365 days", "1 hour", "90 minutes", "1 second", "61 seconds", "0 days",
    ]  # fmt: skip
    assert [period(s * 1_000_000, "fr") for s in seconds] == [
        "1 jour", "365 jours", "1 heure", "90 minutes", "1 seconde", "61 secondes", "0 jour",
    ]  # fmt: skip
    assert period(1500, "en") == "1500 µs"


# --- words


def test_quotes_and_lists() -> None:
    assert [quote("late", lang) for lang in LANGS] == ["“late”", "« late »"]
    assert [enumeration([*"abc"], lang) for lang in LANGS] == ["a, b and c", "a, b et c"]
    assert [enumeration([*"abc"][:n], "en") for n in range(3)] == ["", "a", "a and b"]


def test_french_sets_spaces_before_its_marks() -> None:
    text = "L'état : « vu » ! Le 2 à 9 h 05 UTC"
    assert typeset(text, "fr") == (
        "L’état\u00a0: «\u00a0vu\u00a0»\u202f! Le 2 à 9\u00a0h\u00a005\u00a0UTC"
    )
    assert typeset("It's so: here", "en") == "It’s so: here"
    assert unbroken("5 % ; un : d'or", "fr") == "5\u00a0%\u00a0; un\u00a0: d'or"
    assert unbroken("5 % : it's", "en") == "5 % : it's"


@given(st.text(), st.sampled_from(LANGS))
def test_setting_a_text_twice_changes_nothing_more(text: str, lang: Lang) -> None:
    once = typeset(text, lang)
    assert typeset(once, lang) == once
