"""An erasure as text: what was erased of an account, what stays, and why."""

from __future__ import annotations

from collections.abc import Iterable

from habeas.core.audit.erasures import ErasureReport, KeepReason, Remainder
from habeas.core.languages import Lang, Texts, enumeration, number

TEXTS: Texts = {
    "en": {
        "erased": "Erased of {account}: {what}.",
        "nothing": "Nothing was left to erase of {account}.",
        "of": "{name}: {count}",
        "stays": "Stays, {why}: {what}.",
        "claim": "since law asks for it and a legal claim may rest on it (GDPR article 17(3))",
        "answer_due": "until the ruling is told",
        "sent_by_another": "since another customer sent the very same",
        "not_asked": "since one case was named",
        "outside": "since it is not held here; erase it where it is",
        "expires": "for thirty days, without names and of no account",
        "letter": "words of notices",
        "complaint": "words of appeals",
        "file": "files",
        "contact": "address",
        "mail": "letters in the mail folder",
        "finding": "findings",
        "passed": "findings that led to nothing",
        "decision": "decisions",
        "decision_move": "moves of decisions, with their reasons",
        "inventory": "lists of holdings",
        "settlement": "settlements",
        "exemption": "exemptions",
        "notice": "notices, without their words",
        "appeal": "appeals, without their words",
        "appeal_move": "moves of appeals, with the rulings",
        "case": "doors of cases",
        "commit": "records of what belongs together",
        "sent_mail": "mail that was sent",
        "exports": "exports that were written",
        "events": "files of events and findings",
        "backups": "copies of the database",
        "posts": "samples of public posts",
    },
    "fr": {
        "erased": "Effacé de {account} : {what}.",
        "nothing": "Il ne restait rien à effacer de {account}.",
        "of": "{name} : {count}",
        "stays": "Reste, {why} : {what}.",
        "claim": "car la loi le demande et un droit en justice peut en dépendre (article 17, "
        "paragraphe 3, du RGPD)",
        "answer_due": "jusqu'à ce que la décision sur recours soit communiquée",
        "sent_by_another": "car un autre client a envoyé exactement le même",
        "not_asked": "car un seul dossier a été désigné",
        "outside": "car cela n'est pas conservé ici ; effacez-le là où il se trouve",
        "expires": "pendant trente jours, sans noms et sans lien avec un compte",
        "letter": "textes d'avis",
        "complaint": "textes de recours",
        "file": "fichiers",
        "contact": "adresse",
        "mail": "lettres dans le dossier du courrier",
        "finding": "constats",
        "passed": "constats restés sans suite",
        "decision": "décisions",
        "decision_move": "étapes des décisions, avec leurs motifs",
        "inventory": "listes de biens",
        "settlement": "règlements",
        "exemption": "exemptions",
        "notice": "avis, sans leur texte",
        "appeal": "recours, sans leur texte",
        "appeal_move": "étapes des recours, avec les décisions",
        "case": "accès aux dossiers",
        "commit": "enregistrements de ce qui va ensemble",
        "sent_mail": "courriers envoyés",
        "exports": "exports écrits",
        "events": "fichiers d'événements et de constats",
        "backups": "copies de la base de données",
        "posts": "extraits de messages publics",
    },
}


def erasure(report: ErasureReport, lang: Lang) -> list[str]:
    """What was erased, and a line for each reason for which something stays."""
    say = TEXTS[lang]
    done = [_counted(name, count, lang) for name, count in report.erased.items() if count]
    said = say["erased" if done else "nothing"]
    lines = [said.format(account=report.account, what=enumeration(done, lang))]
    for why in KeepReason:
        kept = [one for one in report.stays if one.why is why]
        if kept:
            lines.append(say["stays"].format(why=say[why], what=_listed(kept, lang)))
    return lines


def _listed(kept: Iterable[Remainder], lang: Lang) -> str:
    say = TEXTS[lang]
    named = [
        say[one.what] if one.count is None else _counted(one.what, one.count, lang) for one in kept
    ]
    return enumeration(named, lang)


def _counted(name: str, count: int, lang: Lang) -> str:
    say = TEXTS[lang]
    return say["of"].format(name=say[name], count=number(count, lang))
