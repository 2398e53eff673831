"""Notices are in plain language, and the measure can tell when they are not."""

from __future__ import annotations

from statistics import mean

import pytest

from habeas.core.languages import Lang
from tests.core.letter.readability import ease, sentences_of, syllables, words_of
from tests.core.letter.told import LANGS, NOTICES

PLAIN = 75.0  # Flesch: 60 to 70 is plain, 70 to 80 fairly easy
LONGEST = 25  # words; facts of a policy can be longer, since platforms name them
MEAN = 12.0


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", NOTICES)
def test_a_notice_is_plain(name: str, lang: Lang) -> None:
    said = list(sentences_of(NOTICES[name](lang)))
    lengths = [len(words_of(s)) for s in said]
    assert ease(said, lang) >= PLAIN
    assert mean(lengths) <= MEAN
    assert max(lengths) <= LONGEST


@pytest.mark.parametrize(
    ("word", "lang", "count"),
    [
        ("decision", "en", 3), ("closed", "en", 1), ("measure", "en", 2), ("table", "en", 2),
        ("wanted", "en", 2), ("you", "en", 1), ("décision", "fr", 3), ("compte", "fr", 1),
        ("règles", "fr", 1), ("suspension", "fr", 3), ("l'appareil", "fr", 3),
    ],
)  # fmt: skip
def test_syllables(word: str, lang: str, count: int) -> None:
    assert syllables(word, lang) == count


OFFICIAL = {
    "en": "Pursuant to the aforementioned contractual provisions, the undersigned organisation "
    "hereby communicates the termination of the authorisation previously granted to you.",
    "fr": "Conformément aux dispositions contractuelles susmentionnées, l'organisation soussignée "
    "vous communique la résiliation de l'autorisation qui vous avait été antérieurement accordée.",
}


@pytest.mark.parametrize("lang", LANGS)
def test_officialese_does_not_pass(lang: Lang) -> None:
    assert ease([OFFICIAL[lang]], lang) < 20
