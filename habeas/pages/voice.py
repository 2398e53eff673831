"""How the report of a plan speaks: its words, numbers, money and dates in one language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from habeas.core.languages import Lang, moment, number, percent, plural, rate, unbroken
from habeas.core.letter.words import PHRASES
from habeas.core.money import amount_words, minor_units
from habeas.pages import reasons
from habeas.pages.plan_texts import TEXTS

BANDS = (
    "band_under", "band_over", "band_exact", "band_between", "band_all", "band_unknown",
    "band_other",
)  # fmt: skip
AMOUNT = (
    r"(-?[0-9][0-9,]*|-?[A-Z]{3}\u00a0[0-9][0-9,]*(?:\.[0-9]+)?)"  # core.policy.plans.band_labels
)


@dataclass(frozen=True, slots=True)
class Voice:
    """Says things in one language."""

    lang: Lang

    def __call__(self, key: str, **values: object) -> str:
        return unbroken(TEXTS[self.lang][key], self.lang).format(**values)

    def letter(self, key: str, **values: object) -> str:
        """A text that the report shares with the reasons of `habeas why`."""
        return reasons.TEXTS[self.lang][key].format(**values)

    def counted(self, key: str, n: int) -> str:
        """`1 account`, `2 accounts`."""
        return plural(TEXTS[self.lang][key], n, self.lang)

    def number(self, n: int) -> str:
        return number(n, self.lang)

    def share(self, part: int, whole: int) -> str:
        """`8.9 %`, `8,9 %`; a dash where there is nothing to divide by."""
        return percent(part, self.lang, whole) if whole else "–"

    def percent(self, n: int) -> str:
        return percent(n, self.lang, 100, digits=0)

    def rate(self, value: float) -> str:
        return rate(value, self.lang)

    def money(self, minor: int, currency: str) -> str:
        """An amount of minor units, in the language."""
        return amount_words(minor, currency, self.lang)

    def date(self, time_us: int) -> str:
        return moment(time_us, self.lang).replace(" h ", "\u00a0h\u00a0")

    def measure(self, measure: str, capability: str | None) -> str:
        """A measure, with a capital at its start."""
        text = PHRASES[self.lang][measure].format(capability=capability)
        return text[:1].upper() + text[1:]

    def days(self) -> Sequence[str]:
        return self("days").split()

    def stage(self, stage: Mapping[str, Any]) -> str:
        """A stage of a plan, as its JSON has it."""
        return self(f"stage_{stage['kind']}", **stage)

    def band(self, label: str) -> str:
        """The name of a part of a segment, which is in English, unless it is a text of theirs."""
        for key in BANDS:
            template = TEXTS["en"][key]
            names = re.findall(r"\{(\w+)\}", template)
            pattern = re.sub(r"\\\{\w+\\\}", lambda _: AMOUNT, re.escape(template))
            if found := re.fullmatch(pattern, label):
                amounts = map(self._amount, found.groups())
                return self(key, **dict(zip(names, amounts, strict=True)))
        return label

    def _amount(self, text: str) -> str:
        """An amount as a plan writes it; a text of the events that only looks like one stays."""
        currency, _, digits = text.replace(",", "").rpartition("\u00a0")
        sign, currency = ("-", currency[1:]) if currency.startswith("-") else ("", currency)
        try:
            value = minor_units(sign + digits, currency) if currency else int(digits)
        except ValueError:
            return text

        def written(lang: Lang) -> str:
            return amount_words(value, currency, lang) if currency else number(value, lang)

        return written(self.lang) if written("en") == text else text
