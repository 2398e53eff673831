"""Announcements: the statement for the public about a wave, as a draft with its figures.

It says what is known and no more: counts, times, what is being done. A person reads it, adds the
cause where it is known, and signs; nothing sends it. Each language is written, not translated
word by word.
"""

from __future__ import annotations

from habeas.core.languages import Lang, Texts, number, plural, significant
from habeas.core.times import UNITS, minute
from habeas.core.wave.waves import Figures

# A | parts the form for one from that for many. What a person has to fill in stands in brackets.
TEXTS: Texts = {
    "en": {
        "stopped": "Between {since} and {closed} UTC our system took {seen} against customers' "
        "accounts where it normally takes {expected}. It noticed this by itself and stopped.",
        "decisions": "{n} decision|{n} decisions",
        "reached": "{n} customer had been told of such a decision before it stopped; {held}."
        "|{n} customers had been told of such a decision before it stopped; {held}.",
        "held": "{n} further decision was held back and has had no effect"
        "|{n} further decisions were held back and have had no effect",
        "spared": "No customer was affected; {n} decision was held back."
        "|No customer was affected; {n} decisions were held back.",
        "undone": "{n} of these decisions has been reversed."
        "|{n} of these decisions have been reversed.",
        "over": "On {over} UTC two people reviewed the decisions and let them go on.",
        "closed": "No further decision of this kind takes effect before two people have reviewed "
        "it.",
        "heard": "Since {since} UTC people have been writing about their accounts much more than "
        "usual: up to {peak} messages in {row}, where {usual} are usual. We noticed it at "
        "{closed} UTC.",
        "seen": "In the two days before and since then, {told} of a decision against their "
        "account; {expected}. No automatic limit had stopped these decisions.",
        "told": "{n} customer was told|{n} customers were told",
        "expected": "{expected} had been expected|{expected} had been expected",
        "untold": "In the two days before and since then, we told nobody of such a decision.",
        "cause": "[The cause, as far as it is known.]",
        "todo": "[What we are doing about it, and by when we will report again.]",
        "rights": "What a customer owns is not lost by such a decision: balances, purchases and "
        "memberships are kept or given back. Whoever received a notice can appeal, free of "
        "charge, by the link in it, also without access to the account.",
    },
    "fr": {
        "stopped": "Entre le {since} et le {closed} UTC, notre système a pris {seen} contre des "
        "comptes de clients, au lieu de {expected} habituellement. Il l'a constaté lui-même et "
        "s'est arrêté.",
        "decisions": "{n} décision|{n} décisions",
        "reached": "{n} client avait été informé d'une telle décision avant l'arrêt ; {held}."
        "|{n} clients avaient été informés d'une telle décision avant l'arrêt ; {held}.",
        "held": "{n} autre décision a été retenue et n'a eu aucun effet"
        "|{n} autres décisions ont été retenues et n'ont eu aucun effet",
        "spared": "Aucun client n'a été touché ; {n} décision a été retenue."
        "|Aucun client n'a été touché ; {n} décisions ont été retenues.",
        "undone": "Décisions déjà annulées : {n}.|Décisions déjà annulées : {n}.",
        "over": "Le {over} UTC, deux personnes ont examiné les décisions et les ont laissées "
        "reprendre.",
        "closed": "Plus aucune décision de ce genre ne prend effet avant l'examen de deux "
        "personnes.",
        "heard": "Depuis le {since} UTC, on nous parle de comptes bien plus que d'ordinaire : "
        "jusqu'à {peak} messages en {row}, contre {usual} habituellement. Nous l'avons constaté "
        "le {closed} UTC.",
        "seen": "Dans les deux jours précédents et depuis, {told} d'une décision contre leur "
        "compte ; {expected}. Aucune limite automatique n'avait arrêté ces décisions.",
        "told": "{n} client a été informé|{n} clients ont été informés",
        "expected": "{expected} était attendu|{expected} étaient attendus",
        "untold": "Dans les deux jours précédents et depuis, nous n'avons notifié aucune décision.",
        "cause": "[La cause, pour autant qu'elle soit connue.]",
        "todo": "[Ce que nous faisons, et quand nous en rendrons compte.]",
        "rights": "Ce que possède un client n'est pas perdu par une telle décision : soldes, "
        "achats et abonnements sont conservés ou restitués. Toute personne qui a reçu une "
        "notification peut la contester gratuitement par le lien qu'elle contient, même sans "
        "accès à son compte.",
    },
}


def announcement(figures: Figures, lang: Lang) -> str:
    """Paragraphs parted by empty lines."""
    lines = _stopped(figures, lang) if figures.peak is None else _heard(figures, lang)
    return "\n\n".join(line for line in lines if line)


def _stopped(f: Figures, lang: Lang) -> list[str]:
    """Of a wave that a brake stopped."""
    say = TEXTS[lang]
    stopped = say["stopped"].format(
        since=minute(f.since_us), closed=minute(f.closed_us),
        seen=plural(say["decisions"], f.seen, lang), expected=_about(f.expected, lang),
    )  # fmt: skip
    held = plural(say["held"], f.held, lang)
    reached = plural(say["reached"], f.told, lang, held=held)
    if not f.told:
        reached = plural(say["spared"], f.held, lang)
    over = say["closed"] if f.over_us is None else say["over"].format(over=minute(f.over_us))
    return [stopped, reached, _undone(f, lang), over, say["cause"], say["rights"]]


def _heard(f: Figures, lang: Lang) -> list[str]:
    """Of a wave that the public noticed."""
    say = TEXTS[lang]
    heard = say["heard"].format(
        since=minute(f.since_us), closed=minute(f.closed_us), row=_row(f.row_us),
        peak=number(round(f.peak or 0), lang), usual=_about(f.usual, lang),
    )  # fmt: skip
    about = _about(f.expected, lang)
    seen = say["seen"].format(
        told=plural(say["told"], f.told, lang),
        expected=plural(say["expected"], f.expected, lang, expected=about),
    )
    if not f.told:
        seen = say["untold"]
    return [heard, seen, _undone(f, lang), say["cause"], say["todo"], say["rights"]]


def _undone(f: Figures, lang: Lang) -> str:
    return plural(TEXTS[lang]["undone"], f.undone, lang) if f.told and f.undone else ""


def _row(us: int) -> str:
    """Whole minutes or hours, by their symbols."""
    return f"{us // UNITS['h']} h" if us % UNITS["h"] == 0 else f"{us // UNITS['m']} min"


def _about(value: float, lang: Lang) -> str:
    """Two digits of what is small, whole numbers above."""
    return significant(value, lang, digits=2)
