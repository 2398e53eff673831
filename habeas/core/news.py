"""News: a word to the people who work here, that something waits for them. It quotes no customer
and names what to look at by its id; what it is about is read there."""

from __future__ import annotations

from collections.abc import Mapping

from habeas.core.letters import Letter, Pairs, Section, Text, cleaned
from habeas.core.shapes import Lang

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
    ("wave", ""): {
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
    """The letter of a message for staff; the first entry of the payload says of what it is."""
    noun, name = next(iter(sorted(payload.items(), key=lambda item: item[0] not in SHOWN)))
    plain, title, look = PLAIN[lang]
    said = SAY.get((noun, payload.get("what", "")))
    subject = said[lang] if said else plain
    command = SHOWN.get(noun, "habeas queue").format(id=name)
    section = Section(
        title, (Pairs(tuple(sorted(payload.items()))), Text(look.format(command=command)))
    )
    letter = Letter(
        kind="news",
        lang=lang,
        sender=sender,
        subject=subject,
        greeting="",
        head=(),
        sections=(section,),
        ending=sender,
        reference=name,
    )
    return cleaned(letter)
