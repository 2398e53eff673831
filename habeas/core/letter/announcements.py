"""Announcements: the statement for the public about a wave, as a draft with its figures.

It says what is known and no more: counts, times, what is being done. A person reads it, adds the
cause where it is known, and signs; nothing sends it. English and French are written, not
translated word by word.
"""

from __future__ import annotations

from datetime import UTC, datetime

from habeas.core.languages import Lang
from habeas.core.times import SECOND, UNITS
from habeas.core.wave.waves import Figures


def announcement(figures: Figures, lang: Lang) -> str:
    """Paragraphs parted by empty lines; what a person has to fill in stands in brackets."""
    french, peak = lang == "fr", figures.peak
    if peak is None:
        lines = _french(figures) if french else _english(figures)
    else:
        lines = _heard_in_french(figures, peak) if french else _heard(figures, peak)
    return "\n\n".join(line for line in lines if line)


RIGHTS = (
    "What a customer owns is not lost by such a decision: balances, purchases and memberships "
    "are kept or given back. Whoever received a notice can appeal, free of charge, by the link "
    "in it, also without access to the account."
)
DROITS = (
    "Ce que possède un client n'est pas perdu par une telle décision : soldes, achats et "
    "abonnements sont conservés ou restitués. Toute personne qui a reçu une notification peut "
    "la contester gratuitement par le lien qu'elle contient, même sans accès à son compte."
)


def _english(f: Figures) -> list[str]:
    stopped = (
        f"Between {_moment(f.since_us)} and {_moment(f.closed_us)} UTC our system took "
        f"{f.seen:,} decisions against customers' accounts where it normally takes "
        f"{_number(f.expected, '.')}. It noticed this by itself and stopped."
    )
    reached = (
        f"{_count(f.told, 'customer', 'customers')} had been told of such a decision before it "
        f"stopped; {f.held:,} further decisions were held back and have had no effect."
    )
    if not f.told:
        reached = f"No customer was affected; {f.held:,} decisions were held back."
    undone = f"{f.undone:,} of these decisions have been reversed." if f.told and f.undone else ""
    over = (
        f"On {_moment(f.over_us)} UTC two people reviewed the decisions and let them go on."
        if f.over_us is not None
        else "No further decision of this kind takes effect before two people have reviewed it."
    )
    return [stopped, reached, undone, over, "[The cause, as far as it is known.]", RIGHTS]


def _french(f: Figures) -> list[str]:
    stopped = (
        f"Entre le {_moment(f.since_us)} et le {_moment(f.closed_us)} UTC, notre système a pris "
        f"{_spaced(f.seen)} décisions contre des comptes de clients, au lieu de "
        f"{_number(f.expected, ',')} habituellement. Il l'a constaté lui-même et s'est arrêté."
    )
    told = _count(f.told, "client avait été informé", "clients avaient été informés")
    reached = (
        f"{told} d'une telle décision avant l'arrêt ; {_spaced(f.held)} autres décisions ont été "
        "retenues et n'ont eu aucun effet."
    )
    if not f.told:
        reached = f"Aucun client n'a été touché ; {_spaced(f.held)} décisions ont été retenues."
    undone = f"Décisions déjà annulées : {_spaced(f.undone)}." if f.told and f.undone else ""
    over = (
        f"Le {_moment(f.over_us)} UTC, deux personnes ont examiné les décisions et les ont "
        "laissées reprendre."
        if f.over_us is not None
        else "Plus aucune décision de ce genre ne prend effet avant l'examen de deux personnes."
    )
    return [stopped, reached, undone, over, "[La cause, pour autant qu'elle soit connue.]", DROITS]


def _heard(f: Figures, peak: float) -> list[str]:
    heard = (
        f"Since {_moment(f.since_us)} UTC people have been writing about their accounts much more "
        f"than usual: up to {peak:,.0f} messages in {_spoken(f.row_us)}, where "
        f"{_number(f.usual, '.')} are usual. We noticed it at {_moment(f.closed_us)} UTC."
    )
    seen = (
        f"In the two days before and since then, {_count(f.told, 'customer was', 'customers were')}"
        f" told of a decision against their account; {_number(f.expected, '.')} had been expected. "
        "No automatic limit had stopped these decisions."
    )
    if not f.told:
        seen = "In the two days before and since then, we told nobody of such a decision."
    undone = f"{f.undone:,} of these decisions have been reversed." if f.told and f.undone else ""
    todo = "[What we are doing about it, and by when we will report again.]"
    return [heard, seen, undone, "[The cause, as far as it is known.]", todo, RIGHTS]


def _heard_in_french(f: Figures, peak: float) -> list[str]:
    heard = (
        f"Depuis le {_moment(f.since_us)} UTC, on nous parle de comptes bien plus que d'ordinaire "
        f": jusqu'à {_spaced(round(peak))} messages en {_spoken(f.row_us)}, contre "
        f"{_number(f.usual, ',')} habituellement. Nous l'avons constaté le "
        f"{_moment(f.closed_us)} UTC."
    )
    told = _count(f.told, "client a été informé", "clients ont été informés")
    seen = (
        f"Dans les deux jours précédents et depuis, {told} d'une décision contre leur compte ; "
        f"{_number(f.expected, ',')} étaient attendus. Aucune limite automatique n'avait arrêté "
        "ces décisions."
    )
    if not f.told:
        seen = "Dans les deux jours précédents et depuis, nous n'avons notifié aucune décision."
    undone = f"Décisions déjà annulées : {_spaced(f.undone)}." if f.told and f.undone else ""
    todo = "[Ce que nous faisons, et quand nous en rendrons compte.]"
    return [heard, seen, undone, "[La cause, pour autant qu'elle soit connue.]", todo, DROITS]


def _spoken(us: int) -> str:
    """Whole minutes or hours, the same in both languages."""
    return f"{us // UNITS['h']} h" if us % UNITS["h"] == 0 else f"{us // UNITS['m']} min"


def _moment(time_us: int) -> str:
    return f"{datetime.fromtimestamp(time_us // SECOND, UTC):%Y-%m-%d %H:%M}"


def _count(count: int, one: str, many: str) -> str:
    return f"{_spaced(count)} {one if count == 1 else many}"


def _spaced(count: int) -> str:
    return f"{count:,}".replace(",", "\N{NO-BREAK SPACE}") if count >= 10_000 else str(count)


def _number(value: float, point: str) -> str:
    """Two digits of what is small, whole numbers above."""
    text = f"{value:.0f}" if value >= 10 else f"{value:.2g}"
    return text.replace(".", point)
