"""Names in notices, English and French side by side, and how each language is set."""

from __future__ import annotations

from collections.abc import Mapping

from habeas.core.languages import Lang, chosen, typeset
from habeas.core.property import HoldingOutcome

EVERYWHERE = (
    "all countries of the European Economic Area",
    "tous les pays de l'Espace économique européen",
)

KINDS: Mapping[str, tuple[str, str]] = {
    "balance": ("Balance", "Solde"),
    "gift_card": ("Gift card", "Carte cadeau"),
    "membership": ("Membership", "Abonnement"),
    "licence": ("Digital item", "Contenu numérique"),
    "order": ("Order", "Commande"),
    "device": ("Device", "Appareil"),
    "data": ("Your data", "Vos données"),
    "unknown": ("Other", "Autre"),
}
OUTCOMES: Mapping[HoldingOutcome, tuple[str, str]] = {
    HoldingOutcome.KEPT: ("stays as it is", "ne change pas"),
    HoldingOutcome.HELD: (
        "is held until the suspension ends, and stays yours",
        "est bloqué jusqu'à la fin de la suspension, et reste à vous",
    ),
    HoldingOutcome.PAUSED: (
        "stands still; you pay nothing for that time and lose none",
        "est en pause ; vous ne payez rien et ne perdez pas de temps",
    ),
    HoldingOutcome.READABLE: (
        "you can still read or watch it",
        "vous pouvez encore le lire ou le voir",
    ),
    HoldingOutcome.WITHHELD: (
        "cannot be used until the suspension ends",
        "ne peut pas servir avant la fin de la suspension",
    ),
    HoldingOutcome.DELIVERED: ("goes on as promised", "continue comme promis"),
    HoldingOutcome.CANCELLED: (
        "is cancelled; you had not paid for it",
        "est annulée ; vous ne l'aviez pas payée",
    ),
    HoldingOutcome.REFUNDED: ("is paid back to you", "vous est remboursé"),
    HoldingOutcome.PAID_OUT: ("is paid out to you", "vous est versé"),
    HoldingOutcome.FREED: (
        "can be registered to another account",
        "peut être enregistré sur un autre compte",
    ),
    HoldingOutcome.EXPORTED: (
        "a copy waits for you; you need no login",
        "une copie vous attend ; sans connexion",
    ),
    HoldingOutcome.ASK: (
        "a person decides about it; it stays yours until then",
        "une personne en décide ; c'est à vous jusque-là",
    ),
    HoldingOutcome.RESTORED: ("is as it was", "est comme avant"),
}
COUNTRIES: Mapping[str, tuple[str, str]] = {
    "AT": ("Austria", "Autriche"), "BE": ("Belgium", "Belgique"), "BG": ("Bulgaria", "Bulgarie"),
    "CY": ("Cyprus", "Chypre"), "CZ": ("Czechia", "Tchéquie"), "DE": ("Germany", "Allemagne"),
    "DK": ("Denmark", "Danemark"), "EE": ("Estonia", "Estonie"), "ES": ("Spain", "Espagne"),
    "FI": ("Finland", "Finlande"), "FR": ("France", "France"), "GR": ("Greece", "Grèce"),
    "HR": ("Croatia", "Croatie"), "HU": ("Hungary", "Hongrie"), "IE": ("Ireland", "Irlande"),
    "IS": ("Iceland", "Islande"), "IT": ("Italy", "Italie"),
    "LI": ("Liechtenstein", "Liechtenstein"), "LT": ("Lithuania", "Lituanie"),
    "LU": ("Luxembourg", "Luxembourg"), "LV": ("Latvia", "Lettonie"), "MT": ("Malta", "Malte"),
    "NL": ("Netherlands", "Pays-Bas"), "NO": ("Norway", "Norvège"), "PL": ("Poland", "Pologne"),
    "PT": ("Portugal", "Portugal"), "RO": ("Romania", "Roumanie"), "SE": ("Sweden", "Suède"),
    "SI": ("Slovenia", "Slovénie"), "SK": ("Slovakia", "Slovaquie"),
}  # fmt: skip


def countries(codes: tuple[str, ...], lang: Lang) -> str:
    """The countries by name, or all of the European Economic Area in one."""
    if set(codes) >= set(COUNTRIES):
        return typeset(chosen(EVERYWHERE, lang), lang)
    names = sorted(chosen(COUNTRIES.get(code, (code, code)), lang) for code in codes)
    return ", ".join(names)
