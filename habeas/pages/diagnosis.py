"""The report of a diagnosis as one HTML page: no script, nothing fetched."""

from __future__ import annotations

from habeas.core.languages import Lang
from habeas.core.letter import diagnosis_words
from habeas.core.wave import Diagnosis, Judgement
from habeas.core.wave.readings import Weighed
from habeas.pages.markup import Markup, block, element, listing
from habeas.pages.page import page


def report(found: Diagnosis, judged: Judgement, lang: Lang) -> str:
    """A diagnosis as one HTML page."""
    say = diagnosis_words.TEXTS[lang]
    header = element(
        "header",
        element("p", "Habeas", class_="over"),
        element("h1", say["title"]),
        element("p", diagnosis_words.scope_words(found, lang), class_="intro"),
    )
    main = element("main", causes(found, lang), readings(judged, lang))
    return page(say["title"], lang, header, main)


def causes(found: Diagnosis, lang: Lang) -> Markup:
    """The section of causes: a table, and what it leaves open."""
    title = diagnosis_words.TEXTS[lang]["causes"]
    inside = []
    if found.causes:
        rows = [diagnosis_words.cause_cells(cause, lang) for cause in found.causes]
        inside.append(listing(title, diagnosis_words.heads(lang), rows))
    inside += [element("p", text, class_="note") for text in diagnosis_words.notes(found, lang)]
    return block(title, *inside)


def readings(judged: Judgement, lang: Lang) -> Markup:
    """The section of readings: what speaks for and against each."""
    return block(
        diagnosis_words.TEXTS[lang]["readings"],
        element("p", diagnosis_words.verdict_words(judged, lang), class_="said"),
        *(_reading(one, lang) for one in judged.weighed),
        *(element("p", line, class_="note") for line in diagnosis_words.gap_lines(judged, lang)),
    )


def _reading(one: Weighed, lang: Lang) -> Markup:
    items = [element("li", line) for line in diagnosis_words.evidence_lines(one, lang)]
    title = element("h3", diagnosis_words.TEXTS[lang][one.reading])
    return element("section", title, element("ul", *items))
