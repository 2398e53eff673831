"""A diagnosis in words, in English and French: each cause and each piece of evidence a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor

from habeas.core.languages import Lang, Texts, enumeration, number, percent, rounded, signed
from habeas.core.wave import Diagnosis, Judgement
from habeas.core.wave.diagnosis import AttributeValue, Cause
from habeas.core.wave.readings import Evidence, Reading, Weighed
from habeas.core.wave.traces import Gap

PERCENTS = frozenset({"share"})

TEXTS: Texts = {
    "en": {
        "title": "Diagnosis of a wave", "causes": "What the hit accounts share",
        "readings": "What it speaks for",
        "scope": "{hits} accounts were hit, of {accounts}; {attributes} attributes were compared.",
        "true": "yes", "false": "no", "null": "none",
        "condition": "{name} is {value}",
        "heads": "what they share|hits|expected|times|share|accounts|left|p",
        "same": "{where}: the same accounts have {other}; which it is, these files cannot tell.",
        "none": "Nothing is in excess: no combination of up to three attributes has more of the "
        "{hits} hits than chance allows.",
        "left": "{left} of {hits} hits are left without a cause.",
        "left_out": "{name} was left out: {reason}.",
        "repeated": "{repeated} rows of the hits named an account again; each counts once.",
        "verdict": "Reading: {reading}.",
        "unknown_says": "The evidence does not tell one reading from another.",
        "software fault": "software fault", "account takeover": "account takeover",
        "abuse ring": "real abuse ring", "policy change": "policy change, as planned",
        "unknown": "cannot tell",
        "for": "for: {says}", "against": "against: {says}",
        "each account has a value of its own": "each account has a value of its own",
        "all accounts have the same value": "all accounts have the same value",
        "it is a measure with over 1,000 values; give ranges of it as text":
            "it is a measure with over 1,000 values; give ranges of it as text",
        "only one of the two files has it": "only one of the two files has it",
        "values of its type cannot be compared": "values of its type cannot be compared",
        "release": "{attribute} is {value} for {hits} hits where {expected} were expected.",
        "change": "{attribute} is {value} for {hits} hits where {expected} were expected.",
        "shared": "{attribute} is {value} for {hits} hit accounts, of {accounts} that share it.",
        "unplanned": "The plan did not expect it. What decides: does the version before still find "
        "these accounts in the same events?",
        "no_plan": "Without the plan's weights, a change that was meant cannot be ruled out.",
        "unchanged": "{attribute} is {value} for {hits} hits: nothing had changed there.",
        "shares_nothing": "{attribute} is missing for {hits} hits: nothing is shared.",
        "too_common": "{attribute} is {value} for {accounts} accounts: too many for a ring.",
        "no_release": "No cause names any of: {names}.",
        "no_change": "No cause names any of: {names}.",
        "no_shared": "No cause names any of: {names}.",
        "unseen_release": "No attribute tells of a version or a deployment.",
        "unseen_change": "No attribute tells of a new device or a changed password or address.",
        "unseen_shared": "No attribute tells of a device, card or address that could be shared.",
        "no_forecast": "No weights say what the plan forecast.",
        "off_plan": "The plan did not forecast {share} of the hits.",
        "few": "{hits} hits are too few to say that they are as planned.",
        "on_plan": "The {hits} hits lie where the plan forecast them.",
        "no_total": "The weights are no probabilities, so how many were forecast is not known.",
        "more": "There are {hits} hits; the plan forecast {forecast}.",
        "no_more": "There are {hits} hits; the plan forecast {forecast}.",
        "blank": "{attribute} is {value} for {hits} hits where {expected} were expected: a fact is "
        "missing.",
        "old_accounts": "{attribute} is {value} for {hits} of them: they are old accounts.",
        "young_accounts": "{attribute} is {value} for {hits} of them: new accounts have all new.",
        "replay_lost": "In the same events version {before}, in force before version {version}, "
        "decides so for only {kept} of {of}.",
        "replay_all_along": "Of {of} decisions before the wave it makes only {kept} either: the "
        "two have always differed.",
        "replay_kept": "In the same events version {before}, in force before version {version}, "
        "decides so as well for {kept} of {of}.",
        "onset_version": "The first decision came {minutes} min after version {value} was applied.",
        "onset_release": "The first event behind it came {minutes} min after the first one whose "
        "{name} is {value}.",
        "foreseen": "Of {of} decisions the plan had shown {shown} before it was applied; in the "
        "hours in which they came it expected {expected}.",
        "unforeseen": "Of {of} decisions the plan had shown {shown} before it was applied; in the "
        "hours in which they came it expected {expected}.",
        "overturned": "Of {ruled} decisions that were ruled on within a day, {overturned} were "
        "overturned.",
        "nothing": "nothing speaks for it or against it",
        "gap": "not known: {says}",
        "uncompared": "What these accounts share; give all accounts with --population.",
        "no_folder": "What was planned and applied: no policy of this wave was applied here.",
        "untried_first": "Whether a version before would decide so: version {version} is the first "
        "that was applied.",
        "untried_events": "Whether version {before} would decide so: there is no file of events; "
        "name one with --events.",
        "untried_unfit": "Whether version {before} would decide so: {why}.",
        "untried_unseen": "Whether version {before} would decide so: '{path}' has none of the "
        "events behind these decisions.",
        "plan_unread": "What the plan had shown: {why}.",
    },
    "fr": {
        "title": "Diagnostic d'une vague", "causes": "Ce que les comptes touchés ont en commun",
        "readings": "Ce que cela indique",
        "scope": "{hits} comptes touchés sur {accounts} ; {attributes} attributs comparés.",
        "true": "oui", "false": "non", "null": "absent",
        "condition": "{name} vaut {value}",
        "heads": "point commun|touchés|attendus|fois|part|comptes|restants|p",
        "same": "{where} : ce sont aussi les comptes où {other} ; ces fichiers ne permettent pas "
        "de trancher.",
        "none": "Rien n'est en excès : aucune combinaison de trois attributs ou moins ne compte "
        "plus des {hits} comptes touchés que le hasard ne le permet.",
        "left": "{left} des {hits} comptes touchés restent sans cause.",
        "left_out": "{name} a été écarté : {reason}.",
        "repeated": "{repeated} lignes nommaient un compte déjà cité ; chacun compte une fois.",
        "verdict": "Lecture : {reading}.",
        "unknown_says": "Les éléments ne permettent pas de distinguer une lecture d'une autre.",
        "software fault": "défaut logiciel", "account takeover": "comptes piratés",
        "abuse ring": "véritable réseau d'abus",
        "policy change": "changement de politique, comme prévu",
        "unknown": "impossible à dire",
        "for": "pour : {says}", "against": "contre : {says}",
        "each account has a value of its own": "chaque compte a sa propre valeur",
        "all accounts have the same value": "tous les comptes ont la même valeur",
        "it is a measure with over 1,000 values; give ranges of it as text":
            "c'est une mesure de plus de 1 000 valeurs ; donnez-en des tranches, en texte",
        "only one of the two files has it": "un seul des deux fichiers l'a",
        "values of its type cannot be compared": "les valeurs de ce type ne se comparent pas",
        "release": "{attribute} vaut {value} pour {hits} comptes touchés, {expected} attendus.",
        "change": "{attribute} vaut {value} pour {hits} comptes touchés, {expected} attendus.",
        "shared": "{attribute} vaut {value} pour {hits} comptes touchés, sur {accounts} qui le "
        "partagent.",
        "unplanned": "Le plan ne l'attendait pas. Ce qui tranche : la version précédente, sur les "
        "mêmes événements, relève-t-elle encore ces comptes ?",
        "no_plan": "Sans les poids du plan, un changement voulu ne peut être exclu.",
        "unchanged": "{attribute} vaut {value} pour {hits} comptes touchés : rien n'y a changé.",
        "shares_nothing": "{attribute} manque pour {hits} comptes touchés : rien n'est partagé.",
        "too_common": "{attribute} vaut {value} pour {accounts} comptes : trop pour un réseau.",
        "no_release": "Aucune cause ne cite : {names}.",
        "no_change": "Aucune cause ne cite : {names}.",
        "no_shared": "Aucune cause ne cite : {names}.",
        "unseen_release": "Aucun attribut n'indique une version ou un déploiement.",
        "unseen_change": "Aucun attribut n'indique un nouvel appareil, ni un mot de passe ou une "
        "adresse changés.",
        "unseen_shared": "Aucun attribut n'indique un appareil, une carte ou une adresse partagés.",
        "no_forecast": "Aucun poids ne dit ce que le plan prévoyait.",
        "off_plan": "Le plan ne prévoyait pas {share} des comptes touchés.",
        "few": "{hits} comptes touchés sont trop peu pour dire qu'ils sont conformes au plan.",
        "on_plan": "Les {hits} comptes touchés sont là où le plan les prévoyait.",
        "no_total": "Les poids ne sont pas des probabilités : le nombre prévu n'est pas connu.",
        "more": "Il y a {hits} comptes touchés ; le plan en prévoyait {forecast}.",
        "no_more": "Il y a {hits} comptes touchés ; le plan en prévoyait {forecast}.",
        "blank": "{attribute} vaut {value} pour {hits} comptes touchés, {expected} attendus : une "
        "donnée manque.",
        "old_accounts": "{attribute} vaut {value} pour {hits} d'entre eux : ce sont d'anciens "
        "comptes.",
        "young_accounts": "{attribute} vaut {value} pour {hits} d'entre eux : tout est nouveau "
        "dans un nouveau compte.",
        "replay_lost": "Sur les mêmes événements, la version {before}, en vigueur avant la version "
        "{version}, ne déciderait ainsi que pour {kept} sur {of}.",
        "replay_all_along": "Sur {of} décisions antérieures à la vague, elle n'en prendrait aussi "
        "que {kept} : les deux versions ont toujours différé.",
        "replay_kept": "Sur les mêmes événements, la version {before}, en vigueur avant la version "
        "{version}, déciderait de même pour {kept} sur {of}.",
        "onset_version": "La première décision est venue {minutes} min après l'application de la "
        "version {value}.",
        "onset_release": "Le premier événement en cause est venu {minutes} min après le premier où "
        "{name} vaut {value}.",
        "foreseen": "Sur {of} décisions, le plan en montrait {shown} avant d'être appliqué ; pour "
        "les heures où elles sont venues il en attendait {expected}.",
        "unforeseen": "Sur {of} décisions, le plan en montrait {shown} avant d'être appliqué ; "
        "pour les heures où elles sont venues il en attendait {expected}.",
        "overturned": "Sur {ruled} décisions réexaminées en moins d'un jour, {overturned} ont été "
        "annulées.",
        "nothing": "rien n'indique cette lecture ni ne l'écarte",
        "gap": "inconnu : {says}",
        "uncompared": "Ce que ces comptes ont en commun ; donnez tous les comptes avec "
        "--population.",
        "no_folder": "Ce qui a été prévu et appliqué : aucune politique de cette vague n'a été "
        "appliquée ici.",
        "untried_first": "Si une version précédente déciderait ainsi : la version {version} est la "
        "première qui fut appliquée.",
        "untried_events": "Si la version {before} déciderait ainsi : il n'y a pas de fichier "
        "d'événements ; nommez-en un avec --events.",
        "untried_unfit": "Si la version {before} déciderait ainsi : {why}.",
        "untried_unseen": "Si la version {before} déciderait ainsi : '{path}' n'a aucun des "
        "événements à l'origine de ces décisions.",
        "plan_unread": "Ce que le plan montrait : {why}.",
    },
}  # fmt: skip


def where_words(where: Mapping[str, AttributeValue], lang: Lang) -> str:
    """The attributes that accounts share, as one list."""
    condition = TEXTS[lang]["condition"]
    parts = (condition.format(name=n, value=value_words(v, lang)) for n, v in where.items())
    return enumeration([*parts], lang)


def value_words(value: object, lang: Lang) -> str:
    """A value of an attribute; None and truths have words of their own."""
    match value:
        case None:
            return TEXTS[lang]["null"]
        case bool():
            return TEXTS[lang]["true" if value else "false"]
        case _:
            return str(value)


def heads(lang: Lang) -> list[str]:
    """What `cause_cells` has, in order."""
    return TEXTS[lang]["heads"].split("|")


def cause_cells(cause: Cause, lang: Lang) -> list[str]:
    """A cause as one line of a table."""
    return [
        ", ".join(f"{n}: {value_words(v, lang)}" for n, v in cause.where.items()),
        number(cause.hits, lang),
        rounded(cause.expected, lang),
        "–" if cause.ratio is None else rounded(cause.ratio, lang),
        percent(cause.share, lang),
        number(cause.accounts, lang),
        number(cause.left, lang),
        p_words(cause.log10_p, lang),
    ]


def p_words(log10_p: float, lang: Lang) -> str:
    """`0.004`, or `< 10^-41` where it is smaller than anyone can picture."""
    return (
        f"<\N{NO-BREAK SPACE}10^{floor(log10_p) + 1}"
        if log10_p < -4
        else rounded(10**log10_p, lang)
    )


def notes(diagnosis: Diagnosis, lang: Lang) -> list[str]:
    """What cannot be told apart, what is not explained, and what was not used."""
    say = TEXTS[lang]
    found = [
        say["same"].format(where=where_words(c.where, lang), other=where_words(one, lang))
        for c in diagnosis.causes
        for one in c.same
    ]
    if diagnosis.causes:
        left, hits = number(diagnosis.left, lang), number(diagnosis.hits, lang)
        found.append(say["left"].format(left=left, hits=hits))
    else:
        found.append(say["none"].format(hits=number(diagnosis.hits, lang)))
    if diagnosis.repeated:
        found.append(say["repeated"].format(repeated=number(diagnosis.repeated, lang)))
    for name, reason in diagnosis.left_out.items():
        found.append(say["left_out"].format(name=name, reason=say[reason]))
    return found


def verdict_words(judgement: Judgement, lang: Lang) -> str:
    """Which reading the evidence speaks for, or that it does not tell."""
    say = TEXTS[lang]
    text = say["verdict"].format(reading=say[judgement.reading])
    unknown = judgement.reading is Reading.UNKNOWN
    return f"{text} {say['unknown_says']}" if unknown else text


def scope_words(diagnosis: Diagnosis, lang: Lang) -> str:
    """How many accounts were hit and compared, and by how many attributes."""
    return TEXTS[lang]["scope"].format(
        hits=number(diagnosis.hits, lang),
        accounts=number(diagnosis.accounts, lang),
        attributes=number(len(diagnosis.attributes), lang),
    )


def evidence_lines(weighed: Weighed, lang: Lang) -> list[str]:
    """What speaks for a reading and what against it, and how much each counts."""
    say = TEXTS[lang]
    return [
        say["for" if one.speaks_for else "against"].format(says=evidence_words(one, lang))
        + (f" ({signed(one.counts, lang)})" if one.counts else "")
        for one in weighed.evidence
    ] or [say["nothing"]]


def gap_lines(judgement: Judgement, lang: Lang) -> list[str]:
    """What is not known, and why."""
    say = TEXTS[lang]
    return [say["gap"].format(says=gap_words(one, lang)) for one in judgement.gaps]


def gap_words(gap: Gap, lang: Lang) -> str:
    """What is lacking to tell the readings apart."""
    return _filled(gap.lacking, gap.values, lang)


def evidence_words(evidence: Evidence, lang: Lang) -> str:
    """One piece of evidence."""
    return _filled(evidence.key, evidence.values, lang)


def _filled(key: str, values: Mapping[str, object], lang: Lang) -> str:
    return TEXTS[lang][key].format(
        **{name: _shown(name, value, lang) for name, value in values.items()}
    )


def _shown(name: str, value: object, lang: Lang) -> str:
    match value:
        case float() if name in PERCENTS:
            return percent(value, lang)
        case float() if name != "value":
            return rounded(value, lang)
        case int() if name != "value" and not isinstance(value, bool):
            return number(value, lang)
        case _:
            return value_words(value, lang)


def judgement_json(judgement: Judgement, lang: Lang) -> dict[str, object]:
    """`counts` add up to the weight; `unknown` says what could not be found out, where the record
    was asked."""
    found: dict[str, object] = {
        "reading": judgement.reading,
        "readings": [
            {
                "reading": one.reading,
                "weight": one.weight,
                "evidence": [
                    {"for": e.speaks_for, "says": evidence_words(e, lang), "counts": e.counts}
                    for e in one.evidence
                ],
            }
            for one in judgement.weighed
        ],
    }
    gaps = [gap_words(one, lang) for one in judgement.gaps]
    return found | ({"unknown": gaps} if gaps else {})
