"""Languages: how each writes numbers, dates, plurals, quotes and lists, and the one way of
choosing a text."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from math import floor, log10
from typing import Literal

from habeas.core.times import UNITS

Lang = Literal["en", "fr"]


NARROW_SPACE = "\u202f"


def punctuated(number: str, lang: str) -> str:
    """A number as English writes it, `1,234.5`, in a language: `1 234,5` in French."""
    return number.replace(",", NARROW_SPACE).replace(".", ",") if lang == "fr" else number


MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}


PERIODS = {
    "en": {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"},
    "fr": {"d": "jours", "h": "heures", "m": "minutes", "s": "secondes"},
}


def date_of(time_us: int, lang: Lang) -> str:
    """`13 December 2010, 15:07 UTC`, `13 décembre 2010 à 15 h 07 UTC`."""
    when = datetime.fromtimestamp(time_us // 1_000_000, UTC)
    first = "1er" if lang == "fr" and when.day == 1 else str(when.day)
    day = f"{first} {MONTHS[lang].split()[when.month - 1]} {when.year}"
    return f"{day}, {when:%H:%M} UTC" if lang == "en" else f"{day} à {when:%H} h {when:%M} UTC"


def period(us: int, lang: Lang) -> str:
    """`365 days`, `365 jours`."""
    for unit, words in PERIODS[lang].items():
        if us % UNITS[unit] == 0:
            count = us // UNITS[unit]
            return f"{count} {words if count > 1 else words[:-1]}"
    return f"{us} µs"


def number(value: int | float | Decimal, lang: Lang) -> str:
    """`1,234.5` in English, `1 234,5` in French."""
    # twelve digits are exact for what people enter, and drop what binary fractions add
    exact = Decimal(f"{value:.12g}") if isinstance(value, float) else value
    text = f"{exact:,f}" if isinstance(exact, Decimal) else f"{exact:,}"
    return punctuated(text, lang)


NO_BREAK = "\u00a0"


# French sets a no-break space before : and », a narrow one before ; ! ? (Lexique des règles
# typographiques en usage à l'Imprimerie nationale); both languages curl the apostrophe.
SPACED = (
    (re.compile(r" ([:»])"), NO_BREAK + r"\1"),
    (re.compile(r"« "), "«" + NO_BREAK),
    (re.compile(r" ([;!?])"), NARROW_SPACE + r"\1"),
    (re.compile(r"(\d) (h|UTC)\b"), r"\1" + NO_BREAK + r"\2"),
    (re.compile(r"\b(h) (\d)"), r"\1" + NO_BREAK + r"\2"),
)


def typeset(text: str, lang: Lang) -> str:
    """The text with the apostrophes and spaces of its language."""
    text = re.sub(r"(?<=\w)'(?=\w)", "\u2019", text)
    if lang == "fr":
        for pattern, instead in SPACED:
            text = pattern.sub(instead, text)
    return text


def chosen(pair: tuple[str, str], lang: Lang) -> str:
    return pair[0] if lang == "en" else pair[1]


def day_words(day: date, lang: Lang) -> str:
    """`1 June 2027`, `1er juin 2027`."""
    first = "1er" if lang == "fr" and day.day == 1 else str(day.day)
    return f"{first}{NO_BREAK}{MONTHS[lang].split()[day.month - 1]} {day.year}"


def percent(share: float, lang: Lang) -> str:
    return f"{number(Decimal(f'{100 * share:.1f}'), lang)}\N{NO-BREAK SPACE}%"


def rounded(value: float, lang: Lang) -> str:
    """With as many digits as it is worth: `0.019`, `16.3`, `1,204`."""
    if value <= 0:
        return "0"
    digits = max(0, 2 - floor(log10(value)))
    return number(Decimal(f"{value:.{min(digits, 6)}f}"), lang)


def signed(counts: float, lang: Lang) -> str:
    """`+0.58`, `−2.00`: what a piece of evidence adds to its reading."""
    sign = "+" if counts > 0 else "\N{MINUS SIGN}"
    return f"{sign}{number(Decimal(f'{abs(counts):.2f}'), lang)}"


def day(time_us: int) -> str:
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(time_us // 1_000_000, UTC):%Y-%m-%d %H:%M}"
