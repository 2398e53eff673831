"""The report of a plan: whole, escaped, self-contained, legible, and true to the plan."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habeas.core.languages import Lang
from habeas.core.policy.plans import Accuracy, ChangeKind, Forecast, Mode
from habeas.pages.plan import report
from habeas.pages.plan_texts import TEXTS
from tests.budgets import examples
from tests.cli.planned import (
    LANGS,
    PLAN,
    Reader,
    hostile_plan,
    page,
    plain,
    said_by,
    sample,
    with_policy,
)
from tests.flows.shop import busy_shop

HOSTILE = '</pre></details></style><script>alert(1)</script><img src=x onerror="y">&\''


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_is_whole(lang: Lang) -> None:
    read = Reader(page(lang=lang))
    assert read.elements[0] == ("html", {"lang": lang})
    assert all(th["scope"] in ("col", "row") for th in read.tags("th"))
    assert len(read.tags("caption")) == len(read.tags("table"))
    assert len(read.tags("h1")) == 1
    levels = [int(tag[1]) for tag, _ in read.elements if re.fullmatch(r"h[1-6]", tag)]
    assert all(below <= above + 1 for above, below in pairwise(levels))
    ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {f"#{i}" for i in ids} == {a["href"] for a in read.tags("a")}


@pytest.mark.parametrize("lang", LANGS)
def test_charts_are_well_formed_and_named(lang: Lang) -> None:
    drawings = re.findall(r"<svg.*?</svg>", page(lang=lang), re.DOTALL)
    assert len(drawings) > 8
    for drawing in drawings:
        svg = ElementTree.fromstring(drawing)  # noqa: S314 - made here
        assert svg.attrib.get("aria-hidden") == "true" or svg.findtext("title")


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_is_fetched_and_nothing_runs(lang: Lang) -> None:
    text = page(lang=lang)
    assert not re.search(r"https?:|<script|@import|url\(|javascript:", text, re.IGNORECASE)
    read = Reader(text)
    assert not {"script", "link", "img", "iframe", "object", "form"} & {t for t, _ in read.elements}
    names = {name for _, attributes in read.elements for name in attributes}
    assert not {n for n in names if n.startswith("on") or n in ("src", "style", "srcset")}
    policies = [m for m in read.tags("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in str(policies[0]["content"])


@pytest.mark.parametrize("lang", LANGS)
def test_text_of_others_stays_text(lang: Lang) -> None:
    text = page(hostile_plan(HOSTILE), lang)
    read, harmless = Reader(text), Reader(page(hostile_plan("x"), lang))
    assert "<script" not in text
    assert "<img" not in text
    assert [tag for tag, _ in read.elements] == [tag for tag, _ in harmless.elements]
    assert read.text.count(HOSTILE) > 20


@settings(max_examples=examples(40))
@given(st.text(), st.sampled_from(LANGS))
def test_no_text_breaks_the_page(text: str, lang: Lang) -> None:
    Reader(page(hostile_plan(text), lang))


def test_the_numbers_of_the_plan_are_on_the_page() -> None:
    english, french = said_by(PLAN), said_by(PLAN, "fr")
    for number in ("1,389", "1,243", "1,293", "406,829", "13.9 %", "EUR 2,501,562.35", "72.0 %"):
        assert number in english
    for number in ("1 389", "1 243", "1 293", "406 829", "13,9 %", "2 501 562,35 EUR", "72,0 %"):
        assert number in french
    for text in (english, french):
        assert PLAN.hash in text
        assert "a" * 64 in text
        assert f"habeas apply {PLAN.hash}" in text
    assert "-EUR 98,437.65" in english


NONE = {"hit": 0, "hit_before": 0, "newly_hit": 0, "newly_spared": 0, "holding": 0}
SENTENCES: list[tuple[dict[str, Any], str, str]] = [
    (
        {"change": ChangeKind.NEW, "hit_before": 0},
        "Would hit 1,389 accounts (13.9 %), 1,293 of whom still meet the condition at the end",
        "Viserait 1 389 comptes (13,9 %), dont 1 293 remplissent encore la condition à la fin",
    ),
    (
        {"hit": 1, "holding": 1},
        "Would hit 1 account (0.0 %), 1 of whom still meets the condition at the end of the "
        "log; 203 newly hit and 57 newly spared, against 1,243 before.",
        "Viserait 1 compte (0,0 %), dont 1 remplit encore la condition à la fin du journal ; "
        "nouvellement visés : 203, désormais épargnés : 57, visés avant : 1 243.",
    ),
    (
        {**NONE, "change": ChangeKind.NEW},
        "Would hit no account.",
        "Ne viserait aucun compte.",
    ),
    (
        {"change": ChangeKind.TEXT},
        "Changes in wording only, and hits 1,389 accounts (13.9 %) as before",
        "Ne change que de rédaction et vise comme avant 1 389 comptes",
    ),
    (
        {"change": ChangeKind.NONE, "diff": ""},
        "Stays as it is, and hits 1,389 accounts",
        "Ne change pas et vise 1 389 comptes",
    ),
    (
        {"change": ChangeKind.REMOVED, "version": None, "hit": 0, "newly_spared": 1243},
        "Would be out of force; 1,243 accounts (12.4 %) that it hits now would be spared.",
        "Ne serait plus en vigueur et épargnerait 1 243 comptes (12,4 %) qu'elle vise.",
    ),
]


@pytest.mark.parametrize(("changes", "english", "french"), SENTENCES)
def test_each_policy_has_a_sentence(changes: dict[str, Any], english: str, french: str) -> None:
    plan = with_policy(**changes)
    # once in the list of all policies, once in the policy's own section
    assert said_by(plan).count(english) == 2
    assert said_by(plan, "fr").count(french) == 2


@pytest.mark.parametrize("change", list(ChangeKind))
@pytest.mark.parametrize("lang", LANGS)
def test_the_diff_is_open_where_it_changes_who_is_hit(change: ChangeKind, lang: Lang) -> None:
    read = Reader(page(with_policy(change=change), lang))
    assert [("open" in d) for d in read.tags("details")].count(True) == (change == "outcome")
    assert len(read.tags("ins")) == 2  # the version and the condition
    assert len(read.tags("del")) == 2


def test_lines_that_look_like_the_head_of_a_diff_are_coloured_as_what_they_are() -> None:
    read = Reader(page(with_policy(diff="--- version 1\n+++ version 2\n@@ -1 +1 @@\n---\n+++ a")))
    assert (len(read.tags("del")), len(read.tags("ins"))) == (1, 1)


@pytest.mark.parametrize(
    "changes",
    [{"change": ChangeKind.NONE, "diff": ""}, {**NONE, "change": ChangeKind.NEW, "samples": ()}],
)
def test_a_policy_that_does_nothing_new_is_short(changes: dict[str, Any]) -> None:
    text = said_by(with_policy(**changes))
    assert TEXTS["en"]["ladder"] not in text
    assert TEXTS["en"]["forecast"] not in text
    assert len(text) < len(said_by(PLAN)) / 2


def test_a_policy_that_goes_shows_whom_it_spares() -> None:
    gone = {"change": ChangeKind.REMOVED, "version": None, "outcome": None, "text_hash": None}
    empty = {"samples": (), "accuracy": None, "forecast": Forecast(53.3, (0.0,) * 168)}
    plan = with_policy(**NONE | {"hit_before": 2, "newly_spared": 2}, **gone, **empty)
    read = Reader(page(plan))
    assert "B-1" in read.texts
    assert TEXTS["en"]["samples"] not in read.text
    assert not [svg for svg in read.tags("svg") if svg.get("class") == "heat"]


def test_keys_and_bars_say_the_same_as_the_numbers() -> None:
    text = page()
    keys = [re.findall(r'class="part (\w+)".*?</svg>([^<]+)', key) for key in key_lists(text)]
    still = "still meet the condition at the end of the log"
    assert keys == [
        [("kept", "hit as before"), ("newly", "newly hit"), ("spared", "newly spared")],
        [("outer", "findings"), ("inner", "accounts")],
        [("outer", "hit"), ("inner", still)],
    ]
    # of 1,389 hit and 57 spared; of 1,401 findings; of a highest share of 200 in 999
    assert widths(text, "kept") == pytest.approx([1000 * 1186 / 1446], abs=0.01)
    assert widths(text, "outer")[:2] == pytest.approx([1000, 1000 * 469 / 1401], abs=0.01)
    shares = [1189 / 9000 / (200 / 999), 1]
    assert widths(text, "outer")[2:] == pytest.approx([1000 * s for s in shares], abs=0.01)
    assert widths(text, "inner")[3] == pytest.approx(1000 * 193 / 200, abs=0.01)


def key_lists(text: str) -> list[str]:
    return re.findall(r'<ul class="key">.*?</ul>', text)


def widths(text: str, kind: str) -> list[float]:
    """Of the bars of a kind, in order; without the samples in the keys."""
    for key in key_lists(text):
        text = text.replace(key, "")
    return [float(w) for w in re.findall(rf'class="part {kind}" .*?width="([0-9.]+)"', text)]


def test_the_forecast_has_every_hour() -> None:
    text = plain(page(PLAN, "fr"))
    assert text.count('class="cell') == 168
    assert "<title>mardi de 13 h à 14 h UTC : 2,50</title>" in text
    assert "<title>Tuesday 13:00 to 14:00 UTC: 2.50 findings</title>" in plain(page())


@pytest.mark.parametrize(
    ("lang", "marks"),
    [("en", ("holds", "cannot be told")), ("fr", ("vrai", "ne peut être établi"))],
)
def test_the_reasons_of_an_account_are_all_there(lang: Lang, marks: tuple[str, ...]) -> None:
    found: Any = sample().why[lang]
    text = said_by(PLAN, lang)
    for part in (*found["conditions"], *found["changes"], *found["facts"]):
        assert plain(part["says"]) in text
    assert all(said in text for said in (*marks, found["clause"]["text"], plain(found["date"])))
    assert text.count(TEXTS[lang]["withheld"]) == 1  # `orders`, which is not disclosed


def test_labels_that_say_nothing_are_said_to_say_nothing() -> None:
    plan = with_policy(accuracy=Accuracy(0, 0, 0, 0, None, None), samples=())
    assert said_by(plan).count(TEXTS["en"]["no_share"]) == 2
    assert TEXTS["en"]["accuracy"] not in said_by(with_policy(accuracy=None))


def test_modes_are_explained() -> None:
    canary = replace(PLAN, mode=Mode.CANARY, canary=10, canary_accounts=37)
    assert "Canary, 10 %." in said_by(canary)
    assert "of those hit, 37 accounts." in said_by(canary)
    assert TEXTS["fr"]["enforce_means"] in said_by(replace(PLAN, mode=Mode.ENFORCE), "fr")


def test_a_plan_read_back_from_its_file_gives_the_same_page() -> None:
    read_back = json.loads(json.dumps(PLAN.as_json()))
    assert report(read_back, "fr") == page(lang="fr")


STYLE = resources.files("habeas.pages").joinpath("page.css").read_text(encoding="utf-8")
TEXT_PAIRS = [
    ("ink", "paper"), ("soft", "paper"), ("link", "paper"), ("newly", "paper"),
    ("spared", "paper"), ("ink", "card"), ("soft", "card"), ("added-ink", "added"),
    ("removed-ink", "removed"),
]  # fmt: skip
SHAPE_PAIRS = [
    ("kept", "track"),
    ("newly", "track"),
    ("spared", "card"),
    ("inner", "outer"),
    ("outer", "track"),
]


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours() -> dict[str, dict[str, str]]:
    light, dark = STYLE.split("prefers-color-scheme: dark")
    found = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", half)) for half in (light, dark)]
    return {"light": found[0], "dark": {**found[0], **found[1]}}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_enough_in_both_schemes(scheme: str) -> None:
    palette = colours()[scheme]
    for least, pairs in ((4.5, TEXT_PAIRS), (3.0, SHAPE_PAIRS)):
        for one, other in pairs:
            assert contrast(palette[one], palette[other]) >= least, (scheme, one, other)


def test_a_real_plan_gives_a_report_in_both_languages(tmp_path: Path) -> None:
    shop = busy_shop(tmp_path)
    for lang in LANGS:
        words = ("--policies", shop.policies, "--events", shop.events, "--lang", lang)
        answer = shop.run("plan", *words, "--html", tmp_path / "report.html")
        assert (answer.code, answer.err) == (0, "")
        read = Reader((tmp_path / "report.html").read_text(encoding="utf-8"))
        assert read.elements[0] == ("html", {"lang": lang})
        assert "often" in read.texts
