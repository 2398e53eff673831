"""News: a word to the people who work here, that something waits for them. It quotes no customer
and names what to look at by its id; what it is about is read there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from habeas.core.languages import Lang
from habeas.core.letter.letters import Letter, Pairs, Section, Text, cleaned
from habeas.core.times import iso

# What the news is of and what happened to it: the subject and the command that shows it.
SAY: Mapping[tuple[str, str], Mapping[Lang, str]] = {
    ("appeal", "opened"): {
        "en": "An appeal waits for a reviewer",
        "fr": "Un recours attend un examinateur",
    },
    ("appeal", "reminded"): {
        "en": "An appeal is to be answered soon",
        "fr": "Un recours doit bientôt recevoir une réponse",
    },
    ("appeal", "escalated"): {"en": "An appeal is late", "fr": "Un recours est en retard"},
    ("appeal", "ruled"): {
        "en": "An appeal was ruled on and carried out",
        "fr": "Un recours a été jugé et la décision exécutée",
    },
    ("wave", "opened"): {
        "en": "A brake is closed: measures are held until two people release them",
        "fr": "Un frein est fermé : des mesures attendent que deux personnes les libèrent",
    },
    ("wave", "signal"): {
        "en": "People complain more than usual, and the brake is quiet: look into it",
        "fr": "Les plaintes dépassent l'ordinaire et le frein est resté ouvert : à examiner",
    },
}
SHOWN = {"appeal": "habeas hear {id}", "wave": "habeas wave {id}"}
PLAIN: Mapping[Lang, tuple[str, str, str]] = {
    "en": ("Something waits for you", "What to look at", "Look at it with: {command}"),
    "fr": ("Quelque chose vous attend", "À regarder", "Pour le voir : {command}"),
}


def news_letter(payload: Mapping[str, str], sender: str, lang: Lang) -> Letter:
    """The letter of a message for staff."""
    news, (_, title, look) = _told(payload, lang), PLAIN[lang]
    shown = Text(look.format(command=news.command))
    section = Section(title, (Pairs(tuple(sorted(payload.items()))), shown))
    letter = Letter(
        kind="news",
        lang=lang,
        sender=sender,
        subject=news.says,
        greeting="",
        head=(),
        sections=(section,),
        ending=sender,
        reference=news.name,
    )
    return cleaned(letter)


def news_body(payload: Mapping[str, str], time_us: int, lang: Lang) -> dict[str, object]:
    """The same for a program: type, timestamp and data, as Standard Webhooks 1.0.0 recommends
    ("Payload structure"). `time_us` is when it happened. What something is not known by is
    `news`."""
    news = _told(payload, lang)
    data = {name: value for name, value in payload.items() if name != "what"}
    return {
        "type": f"{news.noun}.{news.what}" if news.noun in SHOWN else "news",
        "timestamp": iso(time_us),
        "data": {**data, "says": news.says, "command": news.command},
    }


@dataclass(frozen=True, slots=True)
class _News:
    noun: str
    name: str
    what: str
    says: str
    command: str


def _told(payload: Mapping[str, str], lang: Lang) -> _News:
    """It is of the entry that a command shows, else of the first."""
    noun, name = next(iter(sorted(payload.items(), key=lambda item: item[0] not in SHOWN)))
    what = payload.get("what", "opened")
    said = SAY.get((noun, what))
    command = SHOWN.get(noun, "habeas queue").format(id=name)
    return _News(noun, name, what, said[lang] if said else PLAIN[lang][0], command)
