"""Money as integers of the minor unit (cents); a currency is never added to another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from habeas.core.languages import LANGUAGES, Lang, number

# Digits after the point where ISO 4217 (table A.1) has other than two.
NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
DIGITS = dict.fromkeys(NO_DIGITS.split(), 0) | dict.fromkeys(THREE_DIGITS.split(), 3)
CODE = re.compile(r"[A-Z]{3}\Z")
AMOUNT = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?\Z")
LONGEST = 60  # characters of an amount


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of one currency. Raises ValueError where it is neither."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        # a float of cents would be rounded by someone, sooner or later; True is no amount
        if type(self.amount) is not int:
            raise ValueError(f"{self.amount!r} is not a whole number of minor units")
        if not CODE.match(self.currency):
            raise ValueError(f"'{self.currency}' is not a currency code such as EUR")

    def __str__(self) -> str:
        return amount_words(self.amount, self.currency)


def digits_of(currency: str) -> int:
    return DIGITS.get(currency, 2)


def minor_units(amount: str, currency: str) -> int:
    """`12.50` in EUR is 1250. Raises ValueError where the text is no number or too fine."""
    if not AMOUNT.match(amount) or len(amount) > LONGEST:
        raise ValueError(f"'{amount[:LONGEST]}' is not an amount of {currency}")
    whole, _, part = amount.partition(".")
    places = digits_of(currency)
    if part[places:].strip("0"):
        raise ValueError(f"'{amount} {currency}' is finer than the smallest unit of {currency}")
    return int(whole + part[:places].ljust(places, "0"))


def decimal(money: Money) -> str:
    """`20.00`, `-0.05`, `12` (a currency without cents): what `minor_units` reads back."""
    places = digits_of(money.currency)
    whole, rest = divmod(abs(money.amount), 10**places)
    sign = "-" if money.amount < 0 else ""
    return f"{sign}{whole}.{rest:0{places}}" if places else f"{sign}{whole}"


def amount_words(minor: int, currency: str, lang: Lang = "en") -> str:
    """`EUR 1,234.50` in English, `1 234,50 EUR` in French (no-break spaces)."""
    places = digits_of(currency)
    whole, part = divmod(abs(minor), 10**places)
    exact = Decimal(f"{whole}.{part:0{places}}" if places else whole)
    text = LANGUAGES[lang].amount.format(number=number(exact, lang), currency=currency)
    return f"-{text}" if minor < 0 else text
