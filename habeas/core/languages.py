"""Languages: how each writes numbers, dates, lengths of time, plurals, quotes and lists (amounts of
money are in `money`).

A text that people read stands in a table by language: `TEXTS[lang][key]`, and a text of others
that is given in each language is chosen by `[lang]` as well. There is no other way. So a new
language is its name in `Lang`, one row of `LANGUAGES` and a block in each table; a test walks all
tables and demands every language for every key.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import floor, log10
from typing import Literal, get_args

from habeas.core.times import UNIT_NAMES, UNITS

Lang = Literal["en", "fr"]
LANGS: tuple[Lang, ...] = get_args(Lang)
Texts = Mapping[Lang, Mapping[str, str]]
Number = int | float | Decimal

NO_BREAK = "\u00a0"
NARROW = "\u202f"  # no-break as well


# Rules


@dataclass(frozen=True, slots=True)
class Language:
    """The rules of one language. Spaces are typed plainly where `typeset` sets them."""

    point: str
    group: str  # between thousands
    amount: str  # of money
    form: Callable[[Number], int]  # which of the forms of a word goes with a count, from 0
    months: tuple[str, ...]
    first: str  # day of a month
    date: str
    moment: str
    units: Mapping[str, str]  # the forms of each, parted by |
    quote: str
    last: str  # between the last two of a list
    bound: str = ""  # marks with a space before them, at which no line may break
    spaces: tuple[tuple[re.Pattern[str], str], ...] = ()


ENGLISH = Language(
    point=".",
    group=",",
    amount="{currency}\u00a0{number}",
    form=lambda n: 0 if n in (1, -1) else 1,
    months=tuple(
        "January February March April May June July August September October November "
        "December".split()
    ),
    first="1",
    date="{day} {month} {year}",
    moment="{date}, {time:%H:%M} UTC",
    units={name: f"{name}|{name}s" for name in (*UNIT_NAMES, "piece")},
    quote="“{text}”",
    last=" and ",
)
FRENCH = Language(
    point=",",
    group=NARROW,
    amount="{number}\u00a0{currency}",
    form=lambda n: 0 if -2 < n < 2 else 1,
    months=tuple(
        "janvier février mars avril mai juin juillet août septembre octobre novembre "
        "décembre".split()
    ),
    first="1er",
    date="{day} {month} {year}",
    moment="{date} à {time:%H} h {time:%M} UTC",
    units={
        "second": "seconde|secondes",
        "minute": "minute|minutes",
        "hour": "heure|heures",
        "day": "jour|jours",
        "week": "semaine|semaines",
        "piece": "pièce|pièces",
    },
    quote="« {text} »",
    last=" et ",
    bound=":;%",
    # A no-break space before : and », a narrow one before ; ! ? (Lexique des règles
    # typographiques en usage à l'Imprimerie nationale).
    spaces=(
        (re.compile(r" ([:»])"), NO_BREAK + r"\1"),
        (re.compile(r"« "), "«" + NO_BREAK),
        (re.compile(r" ([;!?])"), NARROW + r"\1"),
        (re.compile(r"(\d) (h|UTC)\b"), r"\1" + NO_BREAK + r"\2"),
        (re.compile(r"\b(h) (\d)"), r"\1" + NO_BREAK + r"\2"),
    ),
)
LANGUAGES: Mapping[Lang, Language] = {"en": ENGLISH, "fr": FRENCH}


# Numbers


def number(value: Number, lang: Lang) -> str:
    """`1,234.5` in English, `1 234,5` in French, with all its digits."""
    # twelve digits are exact for what people enter, and drop what binary fractions add
    exact = Decimal(f"{value:.12g}") if isinstance(value, float) else value
    text = f"{exact:,f}" if isinstance(exact, Decimal) else f"{exact:,}"
    rules = LANGUAGES[lang]
    return text.translate({ord(","): rules.group, ord("."): rules.point})


def percent(part: float, lang: Lang, whole: float = 1, digits: int = 1) -> str:
    """`8.9 %`, `8,9 %`."""
    return f"{_fixed(100 * part / whole, digits, lang)}{NO_BREAK}%"


def rounded(value: float, lang: Lang) -> str:
    """To three digits that count, zeros at the end as well: `0.0190`, `16.3`, `1,204`."""
    if value <= 0:
        return "0"
    return _fixed(value, min(max(0, 2 - floor(log10(value))), 6), lang)


def rate(value: float, lang: Lang) -> str:
    """How many are expected, of which the third digit after the point is worth nothing unless
    there is no other: `0.019`, `0.50`, `16.3`, `1,204`."""
    digits = 3 if value < 0.1 else 2 if value < 10 else 1 if value < 100 else 0
    return _fixed(value, digits, lang) if value else "0"


def significant(value: float, lang: Lang, digits: int = 3) -> str:
    """To so many digits that count, without zeros at the end, and to the whole above:
    `0.019`, `1.4`, `1,204`."""
    small = value < 10 ** (digits - 1)
    return number(Decimal(f"{value:.{digits}g}" if small else f"{value:.0f}"), lang)


def signed(value: float, lang: Lang) -> str:
    """`+0.58`, `−2.00`: what a piece of evidence adds to its reading."""
    sign = "+" if value > 0 else "\N{MINUS SIGN}"
    return sign + _fixed(abs(value), 2, lang)


def _fixed(value: float, digits: int, lang: Lang) -> str:
    return number(Decimal(f"{value:.{digits}f}"), lang)


# Times


def date(day: datetime.date, lang: Lang) -> str:
    """`1 June 2027`, `1er juin 2027`; no line breaks after the day."""
    return _date(day, lang).replace(" ", NO_BREAK, 1)


def moment(time_us: int, lang: Lang) -> str:
    """`13 December 2010, 15:07 UTC`, `13 décembre 2010 à 15 h 07 UTC`."""
    time = datetime.datetime.fromtimestamp(time_us // 1_000_000, datetime.UTC)
    return LANGUAGES[lang].moment.format(date=_date(time.date(), lang), time=time)


def _date(day: datetime.date, lang: Lang) -> str:
    rules = LANGUAGES[lang]
    first = rules.first if day.day == 1 else str(day.day)
    return rules.date.format(day=first, month=rules.months[day.month - 1], year=day.year)


def period(us: int, lang: Lang) -> str:
    """`365 days`, `365 jours`, in the largest unit that fits."""
    count, name = whole_units(us)
    return f"{count} {unit_words(name, count, lang)}"


def whole_units(us: int) -> tuple[int, str]:
    """A length of time as a count of days, hours, minutes or seconds."""
    for name in ("day", "hour", "minute", "second"):
        if us % UNITS[UNIT_NAMES[name]] == 0:
            return us // UNITS[UNIT_NAMES[name]], name
    return us, "µs"


# Words


def plural(forms: str, count: Number, lang: Lang, /, **values: object) -> str:
    """The form of `{n} account|{n} accounts` that goes with a count, filled in: English has the
    singular for 1, French for 0 as well."""
    form = forms.split("|")[LANGUAGES[lang].form(count)]
    return form.format(n=number(count, lang), **values)


def unit_words(name: str, count: Number, lang: Lang) -> str:
    """`days`, `jours`; a unit that is theirs takes an s, a symbol (g, kg, µs) none."""
    rules = LANGUAGES[lang]
    if name in rules.units:
        return plural(rules.units[name], count, lang)
    return f"{name}s" if rules.form(count) and len(name) > 2 else name


def quote(text: str, lang: Lang) -> str:
    """`“late”`, `« late »`."""
    return LANGUAGES[lang].quote.format(text=text)


def enumeration(items: Sequence[str], lang: Lang) -> str:
    """`a, b and c`, `a, b et c`."""
    *most, last = items or ("",)
    return f"{', '.join(most)}{LANGUAGES[lang].last}{last}" if most else last


def unbroken(text: str, lang: Lang) -> str:
    """The text of a screen: no line breaks before a mark. A letter wants more, see `typeset`."""
    for mark in LANGUAGES[lang].bound:
        text = text.replace(f" {mark}", f"{NO_BREAK}{mark}")
    return text


def typeset(text: str, lang: Lang) -> str:
    """The text with the curled apostrophes and the spaces of its language."""
    text = re.sub(r"(?<=\w)'(?=\w)", "\u2019", text)
    for pattern, instead in LANGUAGES[lang].spaces:
        text = pattern.sub(instead, text)
    return text
