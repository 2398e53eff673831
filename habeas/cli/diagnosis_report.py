"""The report of a diagnosis as one HTML page: no script, nothing fetched."""

from __future__ import annotations

from habeas.cli.markup import Column, Markup, element, table
from habeas.cli.report import meta
from habeas.core import diagnosis_words as words
from habeas.core.diagnosis import Diagnosis
from habeas.core.readings import Judgement, Weighed
from habeas.core.shapes import Lang


def report(found: Diagnosis, judged: Judgement, lang: Lang) -> str:
    say = words.TEXTS[lang]
    header = element(
        "header",
        element("p", "Habeas", class_="over"),
        element("h1", say["title"]),
        element("p", words.scope_words(found, lang), class_="intro"),
    )
    main = element("main", causes(found, lang), readings(judged, lang))
    body = element("body", header, main)
    page = element("html", meta(say["title"]), body, lang=lang)
    return f"<!doctype html>\n{page}\n"


def causes(found: Diagnosis, lang: Lang) -> Markup:
    title = words.TEXTS[lang]["causes"]
    inside = []
    if found.causes:
        first, *others = words.heads(lang)
        columns = [Column(first, "label"), *map(Column, others)]
        rows = [words.cause_cells(cause, lang) for cause in found.causes]
        inside.append(table(title, columns, rows, headed=True))
    inside += [element("p", text, class_="note") for text in words.notes(found, lang)]
    return element("section", element("h2", title), *inside, class_="block")


def readings(judged: Judgement, lang: Lang) -> Markup:
    return element(
        "section",
        element("h2", words.TEXTS[lang]["readings"]),
        element("p", words.verdict_words(judged, lang), class_="said"),
        *(_reading(one, lang) for one in judged.weighed),
        *(element("p", line, class_="note") for line in words.gap_lines(judged, lang)),
        class_="block",
    )


def _reading(one: Weighed, lang: Lang) -> Markup:
    items = [element("li", line) for line in words.evidence_lines(one, lang)]
    title = element("h3", words.TEXTS[lang][one.reading])
    return element("section", title, element("ul", *items))
