"""Announcements: what the public is told of a wave is its figures, in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from habeas.core.languages import Lang
from habeas.core.letter.announcements import announcement
from habeas.core.wave.waves import Figures

FIGURES = Figures(
    since_us=1_580_342_400_000_000,
    closed_us=1_580_344_800_000_000,
    told=7,
    undone=0,
    held=12_345,
    seen=12_352,
    expected=0.083,
)


def test_the_draft_says_what_happened_and_what_stands() -> None:
    text = announcement(FIGURES, "en")
    assert "Between 2020-01-30 00:00 and 2020-01-30 00:40 UTC" in text
    assert "12,352 decisions against customers' accounts where it normally takes 0.083" in text
    assert "7 customers had been told" in text
    assert "before two people have reviewed it" in text
    assert "[The cause, as far as it is known.]" in text


def test_in_french_numbers_are_written_as_the_french_do() -> None:
    text = announcement(FIGURES, "fr")
    assert "12\N{NARROW NO-BREAK SPACE}352 décisions" in text
    assert "au lieu de 0,083 habituellement" in text
    assert "7 clients avaient été informés" in text


@pytest.mark.parametrize(
    ("lang", "one", "none", "undone", "over"),
    [
        ("en", "1 customer had been told", "No customer was affected", "3 of these", "two people"),
        ("fr", "1 client avait été informé", "Aucun client n'a", "annulées : 3", "deux personnes"),
    ],
)
def test_each_figure_has_its_sentence(
    lang: Lang, one: str, none: str, undone: str, over: str
) -> None:
    assert one in announcement(replace(FIGURES, told=1), lang)
    assert none in announcement(replace(FIGURES, told=0), lang)
    assert undone in announcement(replace(FIGURES, undone=3), lang)
    ended = announcement(replace(FIGURES, over_us=FIGURES.closed_us + 3_600_000_000), lang)
    assert "2020-01-30 01:40" in ended
    assert over in ended


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_nothing_undone_is_not_said(lang: Lang) -> None:
    assert len(announcement(FIGURES, lang).split("\n\n")) == 5


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ("up to 1,250 messages in 5 min, where 1.4 are usual", "We noticed it at 2020-01-30",
                "7 customers were told", "0.083 had been expected", "No automatic limit")),
        ("fr", ("jusqu'à 1\u202f250 messages en 5 min, contre 1,4 habituellement",
                "2020-01-30 00:40",
                "7 clients ont été informés", "0,083 était attendu", "Aucune limite")),
    ],
)  # fmt: skip
def test_a_wave_that_the_public_noticed_has_words_of_its_own(
    lang: Lang, said: tuple[str, ...]
) -> None:
    heard = replace(FIGURES, peak=1250.0, usual=1.4, row_us=300_000_000, held=0)
    text = announcement(heard, lang)
    assert all(words in text for words in said)
    assert "held" not in text
    assert "retenues" not in text
    hourly = announcement(replace(heard, row_us=3_600_000_000), lang)
    assert "messages in 1 h" in hourly or "messages en 1 h" in hourly
