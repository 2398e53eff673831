"""Money as integers of the minor unit (cents); a currency is never added to another."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

# Digits after the point where ISO 4217 (table A.1) has other than two.
NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
DIGITS = dict.fromkeys(NO_DIGITS.split(), 0) | dict.fromkeys(THREE_DIGITS.split(), 3)
CODE = re.compile(r"[A-Z]{3}\Z")
NARROW_SPACE = "\u202f"


def digits_of(currency: str) -> int:
    return DIGITS.get(currency, 2)


def minor_units(amount: str, currency: str) -> int:
    """`12.50` in EUR is 1250. Raises ValueError where the text is no number or too fine."""
    try:
        exact = Decimal(amount).scaleb(digits_of(currency))
    except InvalidOperation:
        raise ValueError(f"'{amount}' is not an amount of {currency}") from None
    if not exact.is_finite() or exact != exact.to_integral_value():
        raise ValueError(f"'{amount} {currency}' is finer than the smallest unit of {currency}")
    return int(exact)


def written(minor: int, currency: str, lang: str = "en") -> str:
    """`EUR 1,234.50` in English, `1 234,50 EUR` in French (narrow no-break spaces)."""
    places = digits_of(currency)
    text = f"{abs(minor) / Decimal(10) ** places:,.{places}f}"
    sign = "-" if minor < 0 else ""
    if lang == "fr":
        number = text.replace(",", NARROW_SPACE).replace(".", ",")
        return f"{sign}{number}\u00a0{currency}"
    return f"{sign}{currency}\u00a0{text}"
