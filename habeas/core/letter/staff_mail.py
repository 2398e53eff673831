"""News: a word to the people who work here, that something waits for them. It quotes no customer
and names what to look at by its id; what it is about is read there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from habeas.core.languages import Lang, Texts
from habeas.core.letter.letters import Letter, Pairs, Section, Text, cleaned
from habeas.core.times import iso

SHOWN = {"appeal": "habeas hear {id}", "wave": "habeas wave {id}"}  # what it is of, and its command
TEXTS: Texts = {
    "en": {
        # what the news is of and what happened to it
        "appeal opened": "An appeal waits for a reviewer",
        "appeal reminded": "An appeal is to be answered soon",
        "appeal escalated": "An appeal is late",
        "appeal ruled": "An appeal was ruled on and carried out",
        "wave opened": "A brake is closed: measures are held until two people release them",
        "wave signal": "People complain more than usual, and the brake is quiet: look into it",
        "other": "Something waits for you",
        "title": "What to look at",
        "look": "Look at it with: {command}",
    },
    "fr": {
        "appeal opened": "Un recours attend un examinateur",
        "appeal reminded": "Un recours doit bientôt recevoir une réponse",
        "appeal escalated": "Un recours est en retard",
        "appeal ruled": "Un recours a été jugé et la décision exécutée",
        "wave opened": "Un frein est fermé : des mesures attendent que deux personnes les libèrent",
        "wave signal": "Les plaintes dépassent l'ordinaire et le frein est resté ouvert : à "
        "examiner",
        "other": "Quelque chose vous attend",
        "title": "À regarder",
        "look": "Pour le voir : {command}",
    },
}


def news_letter(payload: Mapping[str, str], sender: str, lang: Lang) -> Letter:
    """The letter of a message for staff."""
    news, say = _news(payload, lang), TEXTS[lang]
    shown = Text(say["look"].format(command=news.command))
    section = Section(say["title"], (Pairs(tuple(sorted(payload.items()))), shown))
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
    news = _news(payload, lang)
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


def _news(payload: Mapping[str, str], lang: Lang) -> _News:
    """It is of the entry that a command shows, else of the first."""
    noun, name = next(iter(sorted(payload.items(), key=lambda item: item[0] not in SHOWN)))
    what = payload.get("what", "opened")
    says = TEXTS[lang].get(f"{noun} {what}", TEXTS[lang]["other"])
    command = SHOWN.get(noun, "habeas queue").format(id=name)
    return _News(noun, name, what, says, command)
