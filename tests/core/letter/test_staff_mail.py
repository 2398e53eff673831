"""News for those who work here."""

from __future__ import annotations

import pytest

from habeas.core.languages import Lang
from habeas.core.letter.letters import Pairs, Text
from habeas.core.letter.staff_mail import TEXTS, news_body, news_letter


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize(("noun", "what"), [key.split() for key in TEXTS["en"] if " " in key])
def test_news_say_what_happened_and_how_to_look_at_it(noun: str, what: str, lang: Lang) -> None:
    letter = news_letter({noun: "id-1", "what": what}, "Marchand", lang)
    assert letter.subject == TEXTS[lang][f"{noun} {what}"]
    ((pairs, look),) = [section.blocks for section in letter.sections]
    assert isinstance(pairs, Pairs)
    assert (noun, "id-1") in pairs.pairs
    assert isinstance(look, Text)
    assert "id-1" in look.text


def test_news_of_something_else_are_told_as_they_are() -> None:
    payload = {"what": "later", "zebra": "z"}
    letter = news_letter(payload, "Marchand", "en")
    assert letter.subject == "Something waits for you"
    body = news_body(payload, 0, "en")
    assert body["type"] == "news"
    assert body["data"] == {
        "zebra": "z", "says": "Something waits for you", "command": "habeas queue",
    }  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_program_is_told_the_same(lang: Lang) -> None:
    payload = {"wave": "many-returns.1", "policy": "many-returns", "why": "all: 8 decisions"}
    assert news_body(payload, 1_580_344_800_999_999, lang) == {
        "type": "wave.opened",
        "timestamp": "2020-01-30T00:40:00Z",
        "data": {
            **payload,
            "says": news_letter(payload, "Marchand", lang).subject,
            "command": "habeas wave many-returns.1",
        },
    }
    late = news_body({"appeal": "a1", "what": "escalated"}, 0, lang)
    assert (late["type"], late["data"]) == (
        "appeal.escalated",
        {"appeal": "a1", "says": TEXTS[lang]["appeal escalated"], "command": "habeas hear a1"},
    )
