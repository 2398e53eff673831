"""The board as one HTML page. No script, nothing fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from habeas.core.brake import BrakeStatus
from habeas.core.languages import Lang, Texts
from habeas.core.times import minute
from habeas.core.wave import Board
from habeas.core.wave.board import FeedStatus
from habeas.pages.markup import Markup, block, element, listing, scrolling
from habeas.pages.page import page
from habeas.pages.voice import Voice
from habeas.pages.wave import axis

TEXTS: Texts = {
    "en": {
        "board": "Board",
        "now": "As of {time} UTC.",
        "waves": "Open waves",
        "wave": "wave|opened (UTC)|told|held|undone",
        "no waves": "None is open.",
        "chart": "What people say and what is decided, on one axis of time",
        "brakes": "Brakes",
        "brake": "policy|now|evidence|expected in this hour|held",
        "no brakes": "No brake was asked yet, and no policy is in force.",
        "open": "open",
        "closed": "closed since {time}",
        "feeds": "Feeds",
        "feed": "feed|counted up to (UTC)|last row|expected|now",
        "no feeds": "None is listened to: signals.yaml names them.",
        "never": "never",
        "quiet": "quiet",
        "behind": "behind",
        "gone": "no longer listened to",
    },
    "fr": {
        "board": "Tableau de bord",
        "now": "Au {time} UTC.",
        "waves": "Vagues ouvertes",
        "wave": "vague|ouverte (UTC)|notifiées|retenues|annulées",
        "no waves": "Aucune n'est ouverte.",
        "chart": "Ce que l'on dit et ce qui est décidé, sur un seul axe du temps",
        "brakes": "Freins",
        "brake": "politique|état|évidence|prévues cette heure|retenues",
        "no brakes": "Aucun frein n'a encore été consulté, aucune politique n'est en vigueur.",
        "open": "ouvert",
        "closed": "fermé depuis le {time}",
        "feeds": "Flux",
        "feed": "flux|compté jusqu'au (UTC)|dernier intervalle|attendu|état",
        "no feeds": "Aucun n'est écouté : signals.yaml les nomme.",
        "never": "jamais",
        "quiet": "calme",
        "behind": "en retard",
        "gone": "n'est plus écouté",
    },
}
Say = Mapping[str, str]


def report(found: Board, lang: Lang) -> str:
    """The board as one HTML page."""
    say, voice = TEXTS[lang], Voice(lang)
    header = element(
        "header",
        element("p", "Habeas", class_="over"),
        element("h1", say["board"]),
        element("p", say["now"].format(time=minute(found.now_us)), class_="note"),
    )
    drawn = axis(found.counts, found.hours, found.moments, say["chart"], lang)
    main = element(
        "main",
        _section(say, "waves", "wave", _waves(found, voice)),
        block(say["chart"], scrolling(drawn, say["chart"])),
        _section(say, "brakes", "brake", [_brake(one, say, voice) for one in found.brakes]),
        _section(say, "feeds", "feed", [_ear(one, say, voice) for one in found.ears]),
    )
    return page(say["board"], lang, header, main)


def _section(say: Say, name: str, heads: str, rows: Sequence[Sequence[str]]) -> Markup:
    inside = element("p", say[f"no {name}"])
    if rows:
        inside = listing(say[name], say[heads].split("|"), rows)
    return block(say[name], inside)


def _waves(found: Board, voice: Voice) -> list[list[str]]:
    return [
        [one.id, minute(one.opened_us),
         *map(voice.number, (len(one.told), len(one.held), one.undone))]
        for one in found.waves
    ]  # fmt: skip


def _brake(one: BrakeStatus, say: Say, voice: Voice) -> list[str]:
    now = say["open"]
    if one.closing is not None:
        now = say["closed"].format(time=minute(one.closing.time_us))
    share = f"{voice.rate(100 * one.evidence / one.promise)} %"
    return [one.policy, now, share, voice.rate(one.expected), voice.number(one.held)]


def _ear(one: FeedStatus, say: Say, voice: Voice) -> list[str]:
    last, until = one.last, say["never"] if one.until_us is None else minute(one.until_us)
    value = "–" if last is None or last.value is None else voice.number(round(last.value))
    expected = "–" if last is None else voice.rate(last.expected)
    now = say["gone"] if not one.given else say["behind"] if one.behind else say["quiet"]
    return [one.feed, until, value, expected, one.wave or now]
