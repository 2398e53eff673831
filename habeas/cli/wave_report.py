"""A wave as one HTML page: its figures, decisions an hour against the forecast with the closing
marked, timeline, diagnosis, and the draft for the public. No script, nothing fetched."""

from __future__ import annotations

from habeas.cli import diagnosis_report
from habeas.cli.decisions import day
from habeas.cli.markup import Column, Markup, element, table
from habeas.cli.report import meta
from habeas.cli.timeline import Track, timeline
from habeas.core.announcements import announcement
from habeas.core.baselines import WHOLE, shown
from habeas.core.bursts import marks
from habeas.core.diagnosis import Diagnosis
from habeas.core.readings import Judgement
from habeas.core.shapes import Lang
from habeas.flows import waves
from habeas.flows.waves import Wave

WORDS: dict[Lang, dict[str, str]] = {
    "en": {
        "wave": "Wave {name}",
        "intro": "{told:,} decisions reached customers ({undone:,} undone); {held:,} were held.",
        "chart": "Decisions an hour, and the forecast of the plan",
        "desc": "Proposed above, told to customers below; the line marks where the brake closed.",
        "made": "proposed, an hour",
        "told": "told to customers, an hour",
        "causes": "What the brake blames",
        "heads": "segment|decisions|expected|times|share of the evidence",
        "all": "all decisions",
        "timeline": "Timeline",
        "draft": "Draft for the public",
    },
    "fr": {
        "wave": "Vague {name}",
        "intro": "{told:,} décisions ont atteint des clients ({undone:,} annulées) ; {held:,} ont "
        "été retenues.",
        "chart": "Décisions par heure, et prévision du plan",
        "desc": "En haut les propositions, en bas les clients informés ; le trait marque l'arrêt.",
        "made": "proposées, par heure",
        "told": "notifiées, par heure",
        "causes": "Ce que le frein met en cause",
        "heads": "segment|décisions|prévues|fois|part de l'évidence",
        "all": "toutes les décisions",
        "timeline": "Chronologie",
        "draft": "Projet de communiqué",
    },
}


def report(found: Wave, lang: Lang, judged: Judgement, diagnosis: Diagnosis | None = None) -> str:
    say = WORDS[lang]
    title = say["wave"].format(name=found.id)
    told, held = len(found.told), len(found.held)
    header = element(
        "header",
        element("p", "Habeas", class_="over"),
        element("h1", title),
        element(
            "p", say["intro"].format(told=told, undone=found.undone, held=held), class_="intro"
        ),
    )
    draft = [element("p", line) for line in announcement(found.figures(), lang).split("\n\n")]
    main = element(
        "main",
        _block(say["chart"], chart(found, lang)),
        _block(say["causes"], _causes(found, say)),
        _block(say["timeline"], _timeline(found)),
        *([diagnosis_report.causes(diagnosis, lang)] if diagnosis else []),
        diagnosis_report.readings(judged, lang),
        _block(say["draft"], *draft),
    )
    page = element("html", meta(title), element("body", header, main), lang=lang)
    return f"<!doctype html>\n{page}\n"


def chart(found: Wave, lang: Lang) -> Markup:
    """Both counts on one axis of time, each with the forecast beside it."""
    say = WORDS[lang]
    forecast = [(hour.start_us, hour.expected) for hour in found.hours]
    made = [(hour.start_us, float(hour.made)) for hour in found.hours]
    told = [(hour.start_us, float(hour.told)) for hour in found.hours]
    tracks = [Track(say["made"], made, forecast), Track(say["told"], told, forecast)]
    return timeline(tracks, marks((), [found.closing]), say["chart"], say["desc"])


def _block(title: str, *inside: Markup) -> Markup:
    return element("section", element("h2", title), *inside, class_="block")


def _causes(found: Wave, say: dict[str, str]) -> Markup:
    first, *others = say["heads"].split("|")
    rows = [
        [
            say["all"] if c.stream == WHOLE else shown(c.stream), f"{c.seen:,}",
            f"{c.expected:.3g}", f"{c.times:,.0f}", f"{c.share:.0%}",
        ]
        for c in found.closing.causes
    ]  # fmt: skip
    columns = [Column(first, "label"), *map(Column, others)]
    return table(say["causes"], columns, rows, headed=True)


def _timeline(found: Wave) -> Markup:
    lines = [f"{day(time_us)}  {what}" for time_us, what in waves.timeline(found)]
    return element("ul", *(element("li", line) for line in lines))
