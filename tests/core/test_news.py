"""News for those who work here."""

from __future__ import annotations

import pytest

from habeas.core.letters import Pairs, Text
from habeas.core.news import SAY, news_letter
from habeas.core.shapes import Lang


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize(("noun", "what"), list(SAY))
def test_news_say_what_happened_and_how_to_look_at_it(noun: str, what: str, lang: Lang) -> None:
    letter = news_letter({noun: "id-1", "what": what}, "Marchand", lang)
    assert letter.subject == SAY[noun, what][lang]
    ((pairs, look),) = [section.blocks for section in letter.sections]
    assert isinstance(pairs, Pairs)
    assert (noun, "id-1") in pairs.pairs
    assert isinstance(look, Text)
    assert "id-1" in look.text


def test_news_of_something_else_are_told_as_they_are() -> None:
    letter = news_letter({"what": "later", "zebra": "z"}, "Marchand", "en")
    assert letter.subject == "Something waits for you"
