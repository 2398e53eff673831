"""The reasons of an account's findings as plain text, in English or French."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from habeas.core.languages import Lang, Texts, plural, quote
from habeas.core.policy.findings import MOST_EVIDENCE

WIDTH = 88
SHOWN_IDS = 5

TEXTS: Texts = {
    "en": {
        "colon": ":",
        "none": "Nothing was found against account {account}.",
        "head": "Account {account}: {title}",
        "policy": "Policy {policy}, version {version}; {date}; event {event}",
        "became": "The condition became true at this event.",
        "stayed": "The condition stayed true, and the waiting time of the next step has passed.",
        "measure": "Step {step} of {steps} of this policy: {measure}{review}.",
        "review": ", after review by a person",
        "clause": "The rule",
        "facts": "What was counted",
        "withheld": "(not shown to the customer)",
        "held": "What held",
        "yes": "holds",
        "no": "does not hold",
        "unknown": "cannot be told",
        "evidence": "The events behind it",
        "events": "{n} event|{n} events",
        "latest": "the latest {count} events",
        "more": "and {count} more",
        "changes": "What would have changed it, any one of",
        "nothing": "No change of the disclosed facts was found that would have.",
    },
    "fr": {
        "colon": " :",
        "none": "Rien n'a été relevé contre le compte {account}.",
        "head": "Compte {account} : {title}",
        "policy": "Politique {policy}, version {version} ; {date} ; événement {event}",
        "became": "La condition est devenue vraie à cet événement.",
        "stayed": "La condition est restée vraie, et le délai de l'étape suivante est passé.",
        "measure": "Étape {step} sur {steps} de cette politique : {measure}{review}.",
        "review": ", après examen par une personne",
        "clause": "La règle",
        "facts": "Ce qui a été compté",
        "withheld": "(non communiqué au client)",
        "held": "Ce qui était vrai",
        "yes": "vrai",
        "no": "faux",
        "unknown": "ne peut être établi",
        "evidence": "Les événements en cause",
        "events": "{n} événement|{n} événements",
        "latest": "les {count} derniers événements",
        "more": "et {count} de plus",
        "changes": "Ce qui l'aurait changé, au choix",
        "nothing": "Aucun changement des faits communiqués n'a été trouvé qui l'aurait changé.",
    },
}


def letter(account: str, findings: Sequence[Mapping[str, Any]], lang: Lang) -> str:
    """All findings of one account, oldest first."""
    if not findings:
        return TEXTS[lang]["none"].format(account=account)
    return "\n\n".join("\n".join(_one(found, TEXTS[lang], lang)) for found in findings)


def _one(found: Mapping[str, Any], say: Mapping[str, str], lang: Lang) -> list[str]:
    review = say["review"] if found["reviewed"] else ""
    lines = [
        say["head"].format_map(found),
        say["policy"].format_map(found),
        say["stayed" if found["stayed"] else "became"],
        say["measure"].format(**{**found, "review": review}),
    ]
    clause = found["clause"]
    rule = f"{clause['ref']}{say['colon']} {quote(clause['text'], lang)}"
    lines += _section(say["clause"], [rule])
    lines += _section(say["facts"], [_fact(fact, say) for fact in found["facts"]])
    # the whole comes first; where it has parts, they say the same one by one
    parts = found["conditions"][1:] or found["conditions"]
    lines += _section(say["held"], [_held(part, say) for part in parts])
    spoken = {fact["fact"]: fact["says"] for fact in found["facts"]}
    behind = found["evidence"].items()
    evidence = [_events(spoken[name], ids, lang) for name, ids in behind]
    lines += _section(say["evidence"], evidence)
    changes = [change["says"] for change in found["changes"]] or [say["nothing"]]
    return lines + _section(say["changes"], changes)


def _section(title: str, items: Sequence[str]) -> list[str]:
    import textwrap

    wrapped = (
        textwrap.fill(item, WIDTH, initial_indent="  - ", subsequent_indent="    ")
        for item in items
    )
    return ["", title, *wrapped]


def _fact(fact: Mapping[str, Any], say: Mapping[str, str]) -> str:
    text = f"{fact['says']}{say['colon']} {fact['shown']}"
    return text if fact["disclosed"] else f"{text} {say['withheld']}"


def _held(part: Mapping[str, Any], say: Mapping[str, str]) -> str:
    word = {True: "yes", False: "no", None: "unknown"}[part["holds"]]
    return f"{part['says']} – {say[word]}"


def _events(name: str, ids: Sequence[str], lang: Lang) -> str:
    say, count = TEXTS[lang], len(ids)
    shown = ", ".join(ids[:SHOWN_IDS])
    rest = count - SHOWN_IDS
    events = plural(say["events"], count, lang)
    if count == MOST_EVIDENCE:
        events = say["latest"].format(count=count)
    text = f"{name}{say['colon']} {events}"
    text += f" ({shown}" if shown else ""
    text += f", {say['more'].format(count=rest)}" if rest > 0 else ""
    return text + (")" if shown else "")
