"""Money is whole minor units, exactly, in and out."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.languages import LANGS, Lang
from habeas.core.money import CODE, DIGITS, amount_words, digits_of, minor_units
from tests.core.samples import calm

CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD"])


def test_currencies_have_the_digits_of_iso_4217() -> None:
    assert digits_of("EUR") == digits_of("ZZZ") == 2
    assert digits_of("JPY") == digits_of("ISK") == 0
    assert digits_of("KWD") == digits_of("TND") == 3
    assert all(CODE.match(code) for code in DIGITS)
    assert len(DIGITS) == 24
    assert not any(CODE.match(code) for code in ("eur", "EURO", "EUR\n", "EÜR", ""))


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.50", "EUR", 1250),
        ("12.5", "EUR", 1250),
        ("12", "EUR", 1200),
        ("+12.500", "EUR", 1250),
        ("-0.05", "EUR", -5),
        ("-0", "EUR", 0),
        ("007", "JPY", 7),
        ("5.0", "JPY", 5),
        ("5.125", "KWD", 5125),
        ("0.1", "KWD", 100),
        ("92233720368547758.07", "EUR", 2**63 - 1),
        (f"1{'0' * 40}.01", "EUR", 10**42 + 1),
        ("9" * 60, "JPY", int("9" * 60)),
    ],
)
def test_an_amount_is_whole_minor_units(amount: str, currency: str, minor: int) -> None:
    assert minor_units(amount, currency) == minor


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("12.505", "EUR"), ("0.5", "JPY"), ("1.2345", "KWD"), (f"12.5{'0' * 40}1", "EUR")],
)
def test_an_amount_finer_than_the_smallest_unit_is_refused(amount: str, currency: str) -> None:
    sentence = f"'{amount} {currency}' is finer than the smallest unit of {currency}"
    with pytest.raises(ValueError, match=sentence):
        minor_units(amount, currency)


@pytest.mark.parametrize(
    "amount",
    ["", "1 000", "1\n", "9" * 61, *"x 12,50 1e3 1e999999 NaN Infinity sNaN 1_000 ١٢".split()],
)
def test_what_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="is not an amount of EUR"):
        minor_units(amount, "EUR")


@pytest.mark.parametrize("amount", [".", "-", "5.", ".5", "0x1", "--1", "+", "1.2.3"])
def test_an_amount_begins_and_ends_with_a_digit(amount: str) -> None:
    with pytest.raises(ValueError, match="is not an amount of JPY"):
        minor_units(amount, "JPY")


@calm
@given(st.decimals(allow_nan=False, allow_infinity=False, places=4), CURRENCIES)
def test_minor_units_are_what_exact_fractions_say(amount: Decimal, currency: str) -> None:
    text = f"{amount:f}"[:60]
    exact = Fraction(text) * 10 ** digits_of(currency)
    if exact.denominator == 1:
        assert minor_units(text, currency) == exact
    else:
        with pytest.raises(ValueError, match="finer than the smallest unit"):
            minor_units(text, currency)


@calm
@given(st.integers(-(10**40), 10**40), CURRENCIES, st.sampled_from(LANGS))
def test_what_is_written_reads_back(minor: int, currency: str, lang: Lang) -> None:
    text = amount_words(minor, currency, lang)
    if lang == "fr":
        number, code = text.split("\u00a0")
        plain = number.replace("\u202f", "").replace(",", ".")
    else:
        code, number = text.lstrip("-").split("\u00a0")
        plain = text[: text.startswith("-")] + number.replace(",", "")
    assert code == currency
    assert minor_units(plain, currency) == minor


@pytest.mark.parametrize(
    ("minor", "currency", "english", "french"),
    [
        (123450, "EUR", "EUR 1,234.50", "1 234,50 EUR"),
        (-5, "EUR", "-EUR 0.05", "-0,05 EUR"),
        (0, "EUR", "EUR 0.00", "0,00 EUR"),
        (1234567, "JPY", "JPY 1,234,567", "1 234 567 JPY"),
        (1234567, "KWD", "KWD 1,234.567", "1 234,567 KWD"),
        (10**30 + 1, "EUR", f"EUR 10{',000' * 9}.01", f"10{' 000' * 9},01 EUR"),
    ],
)
def test_amounts_are_written_for_both_languages(
    minor: int, currency: str, english: str, french: str
) -> None:
    assert amount_words(minor, currency).replace("\u00a0", " ") == english
    said = amount_words(minor, currency, "fr")
    assert said.replace("\u202f", " ").replace("\u00a0", " ") == french
    assert said.count("\u00a0") == 1, "the code never wraps away from its number"
