"""Names in notices."""

from __future__ import annotations

from collections.abc import Mapping

from habeas.core.languages import Lang, Texts, typeset
from habeas.core.property import HoldingOutcome

EVERYWHERE: Mapping[Lang, str] = {
    "en": "all countries of the European Economic Area",
    "fr": "tous les pays de l'Espace économique européen",
}

KINDS: Texts = {
    "en": {
        "balance": "Balance",
        "gift_card": "Gift card",
        "membership": "Membership",
        "licence": "Digital item",
        "order": "Order",
        "device": "Device",
        "data": "Your data",
        "unknown": "Other",
    },
    "fr": {
        "balance": "Solde",
        "gift_card": "Carte cadeau",
        "membership": "Abonnement",
        "licence": "Contenu numérique",
        "order": "Commande",
        "device": "Appareil",
        "data": "Vos données",
        "unknown": "Autre",
    },
}
OUTCOMES: Texts = {
    "en": {
        HoldingOutcome.KEPT: "stays as it is",
        HoldingOutcome.HELD: "is held until the suspension ends, and stays yours",
        HoldingOutcome.PAUSED: "stands still; you pay nothing for that time and lose none",
        HoldingOutcome.READABLE: "you can still read or watch it",
        HoldingOutcome.WITHHELD: "cannot be used until the suspension ends",
        HoldingOutcome.DELIVERED: "goes on as promised",
        HoldingOutcome.CANCELLED: "is cancelled; you had not paid for it",
        HoldingOutcome.REFUNDED: "is paid back to you",
        HoldingOutcome.PAID_OUT: "is paid out to you",
        HoldingOutcome.FREED: "can be registered to another account",
        HoldingOutcome.EXPORTED: "a copy waits for you; you need no login",
        HoldingOutcome.ASK: "a person decides about it; it stays yours until then",
        HoldingOutcome.RESTORED: "is as it was",
    },
    "fr": {
        HoldingOutcome.KEPT: "ne change pas",
        HoldingOutcome.HELD: "est bloqué jusqu'à la fin de la suspension, et reste à vous",
        HoldingOutcome.PAUSED: "est en pause ; vous ne payez rien et ne perdez pas de temps",
        HoldingOutcome.READABLE: "vous pouvez encore le lire ou le voir",
        HoldingOutcome.WITHHELD: "ne peut pas servir avant la fin de la suspension",
        HoldingOutcome.DELIVERED: "continue comme promis",
        HoldingOutcome.CANCELLED: "est annulée ; vous ne l'aviez pas payée",
        HoldingOutcome.REFUNDED: "vous est remboursé",
        HoldingOutcome.PAID_OUT: "vous est versé",
        HoldingOutcome.FREED: "peut être enregistré sur un autre compte",
        HoldingOutcome.EXPORTED: "une copie vous attend ; sans connexion",
        HoldingOutcome.ASK: "une personne en décide ; c'est à vous jusque-là",
        HoldingOutcome.RESTORED: "est comme avant",
    },
}
COUNTRIES: Texts = {
    "en": {
        "AT": "Austria", "BE": "Belgium", "BG": "Bulgaria", "CY": "Cyprus", "CZ": "Czechia",
        "DE": "Germany", "DK": "Denmark", "EE": "Estonia", "ES": "Spain", "FI": "Finland",
        "FR": "France", "GR": "Greece", "HR": "Croatia", "HU": "Hungary", "IE": "Ireland",
        "IS": "Iceland", "IT": "Italy", "LI": "Liechtenstein", "LT": "Lithuania",
        "LU": "Luxembourg", "LV": "Latvia", "MT": "Malta", "NL": "Netherlands", "NO": "Norway",
        "PL": "Poland", "PT": "Portugal", "RO": "Romania", "SE": "Sweden", "SI": "Slovenia",
        "SK": "Slovakia",
    },
    "fr": {
        "AT": "Autriche", "BE": "Belgique", "BG": "Bulgarie", "CY": "Chypre", "CZ": "Tchéquie",
        "DE": "Allemagne", "DK": "Danemark", "EE": "Estonie", "ES": "Espagne", "FI": "Finlande",
        "FR": "France", "GR": "Grèce", "HR": "Croatie", "HU": "Hongrie", "IE": "Irlande",
        "IS": "Islande", "IT": "Italie", "LI": "Liechtenstein", "LT": "Lituanie",
        "LU": "Luxembourg", "LV": "Lettonie", "MT": "Malte", "NL": "Pays-Bas", "NO": "Norvège",
        "PL": "Pologne", "PT": "Portugal", "RO": "Roumanie", "SE": "Suède", "SI": "Slovénie",
        "SK": "Slovaquie",
    },
}  # fmt: skip


def countries(codes: tuple[str, ...], lang: Lang) -> str:
    """The countries by name, or all of the European Economic Area in one."""
    names = COUNTRIES[lang]
    if set(codes) >= set(names):
        return typeset(EVERYWHERE[lang], lang)
    return ", ".join(sorted(names.get(code, code) for code in codes))
