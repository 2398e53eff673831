"""A wave as one HTML page: its figures, what people say and what is decided on one axis of time,
timeline, diagnosis, and the draft for the public. No script, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from habeas.core.brake.baselines import shown
from habeas.core.languages import Lang, Texts, plural
from habeas.core.letter.announcements import announcement
from habeas.core.signal.bursts import ChartMark
from habeas.core.times import minute
from habeas.core.wave import Diagnosis, Judgement, Wave, waves
from habeas.core.wave.hours import FeedCounts, Hour, WaveMoment
from habeas.pages.diagnosis import causes, readings
from habeas.pages.markup import Markup, block, element, listing, scrolling
from habeas.pages.page import page
from habeas.pages.timeline import Track, timeline
from habeas.pages.voice import Voice

TEXTS: Texts = {
    "en": {
        "wave": "Wave {name}",
        "intro": "{reached} ({undone}); {held}.",
        "heard": "Feed {feed}: {burst}. {reached} from two days before it on ({undone}).",
        "reached": "{n} decision reached customers|{n} decisions reached customers",
        "undone": "{n} undone|{n} undone",
        "held": "{n} was held|{n} were held",
        "chart": "What people say and what is decided, on one axis of time",
        "desc": "What feeds counted above, decisions an hour with their forecast below; lines mark "
        "where a burst began or a brake closed.",
        "feed": "{feed}: posts or contacts in a row",
        "made": "proposed, an hour",
        "told": "told to customers, an hour",
        "causes": "What the brake blames",
        "heads": "segment|decisions|expected|times|share of the evidence",
        "policies": "Decisions told, by policy, against the forecast",
        "columns": "policy|told|expected|above",
        "words": "What people write",
        "word": "keyword|posts",
        "timeline": "Timeline",
        "draft": "Draft for the public",
    },
    "fr": {
        "wave": "Vague {name}",
        "intro": "{reached} ({undone}) ; {held}.",
        "heard": "Flux {feed} : {burst}. {reached} à partir de deux jours avant ({undone}).",
        "reached": "{n} décision a atteint des clients|{n} décisions ont atteint des clients",
        "undone": "{n} annulée|{n} annulées",
        "held": "{n} a été retenue|{n} ont été retenues",
        "chart": "Ce que l'on dit et ce qui est décidé, sur un seul axe du temps",
        "desc": "En haut ce que comptent les flux, en bas les décisions par heure et leur "
        "prévision ; les traits marquent un sursaut ou l'arrêt par un frein.",
        "feed": "{feed} : messages ou contacts par intervalle",
        "made": "proposées, par heure",
        "told": "notifiées, par heure",
        "causes": "Ce que le frein met en cause",
        "heads": "segment|décisions|prévues|fois|part de l'évidence",
        "policies": "Décisions notifiées, par politique, et leur prévision",
        "columns": "politique|notifiées|prévues|en plus",
        "words": "Ce que l'on écrit",
        "word": "mot-clé|messages",
        "timeline": "Chronologie",
        "draft": "Projet de communiqué",
    },
}


def report(found: Wave, lang: Lang, judged: Judgement, diagnosis: Diagnosis | None = None) -> str:
    """A wave as one HTML page, with its diagnosis where one was made."""
    say = TEXTS[lang]
    title = say["wave"].format(name=found.id)
    header = element(
        "header",
        element("p", "Habeas", class_="over"),
        element("h1", title),
        element("p", _intro(found, lang), class_="intro"),
    )
    draft = [element("p", line) for line in announcement(found.figures(), lang).split("\n\n")]
    main = element(
        "main",
        block(say["chart"], chart(found, lang)),
        *_why(found, lang),
        block(say["timeline"], _timeline(found, lang)),
        *([causes(diagnosis, lang)] if diagnosis else []),
        readings(judged, lang),
        block(say["draft"], *draft),
    )
    return page(title, lang, header, main)


def _intro(found: Wave, lang: Lang) -> str:
    say = TEXTS[lang]
    reached = plural(say["reached"], len(found.told), lang)
    undone = plural(say["undone"], found.undone, lang)
    if found.spell is None:
        held = plural(say["held"], len(found.held), lang)
        return say["intro"].format(reached=reached, undone=undone, held=held)
    feed, burst = found.spell.feed, found.spell.burst.words(lang)
    return say["heard"].format(feed=feed, burst=burst, reached=reached, undone=undone)


def chart(found: Wave, lang: Lang) -> Markup:
    """What feeds counted above, and decisions made and told an hour below, on one axis."""
    drawn = axis(found.counts, found.hours, found.moments, TEXTS[lang]["chart"], lang)
    return scrolling(drawn, TEXTS[lang]["chart"])


def axis(
    counts: Iterable[FeedCounts],
    hours: Sequence[Hour],
    moments: Iterable[WaveMoment],
    title: str,
    lang: Lang,
) -> Markup:
    """Each stream with what was expected of it, and marks of both kinds through all."""
    say = TEXTS[lang]
    tracks = [
        Track(
            say["feed"].format(feed=one.feed),
            [(r.time_us or 0, r.value) for r in one.rows if r.value is not None],
            [(r.time_us or 0, r.expected) for r in one.rows],
        )
        for one in counts
    ]
    forecast = [(hour.start_us, hour.expected) for hour in hours]
    made = [(hour.start_us, float(hour.made)) for hour in hours]
    told = [(hour.start_us, float(hour.told)) for hour in hours]
    tracks += [Track(say["made"], made, forecast), Track(say["told"], told, forecast)]
    marks = [ChartMark(one.time_us, one.source, one.words(lang)) for one in moments]
    return timeline(tracks, marks, title, say["desc"], lang, headed=True)


def _why(found: Wave, lang: Lang) -> list[Markup]:
    """What the brake blames; of a burst, what people write, and what was decided meanwhile."""
    say, voice = TEXTS[lang], Voice(lang)
    if found.spell is None:
        return [block(say["causes"], _causes(found, say, voice))]
    burst = found.spell.burst
    words = [[word, voice.number(count)] for word, count in burst.keywords]
    quotes = [element("blockquote", element("p", text)) for text in burst.samples]
    shares = [
        [f"{s.policy} {s.version}", voice.number(s.told), voice.rate(s.expected),
         voice.rate(max(s.excess, 0.0))]
        for s in found.shares
    ]  # fmt: skip
    made = []
    if words or quotes:
        made.append(block(say["words"], *_table(say, "words", "word", words), *quotes))
    return [*made, block(say["policies"], *_table(say, "policies", "columns", shares))]


def _table(say: Mapping[str, str], name: str, heads: str, rows: list[list[str]]) -> list[Markup]:
    return [listing(say[name], say[heads].split("|"), rows)] if rows else []


def _causes(found: Wave, say: Mapping[str, str], voice: Voice) -> Markup:
    rows = [
        [
            shown(c.stream, voice.lang), voice.number(c.seen),
            voice.rate(c.expected), voice.number(round(c.times)),
            voice.percent(round(100 * c.share)),
        ]
        for c in found.causes
    ]  # fmt: skip
    return listing(say["causes"], say["heads"].split("|"), rows)


def _timeline(found: Wave, lang: Lang) -> Markup:
    lines = [f"{minute(time_us)}  {what}" for time_us, what in waves.timeline(found, lang)]
    return element("ul", *(element("li", line) for line in lines))
