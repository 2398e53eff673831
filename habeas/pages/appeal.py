"""An appeal as text: what a customer reads when it is opened, and what a reviewer rules on."""

from __future__ import annotations

from collections.abc import Iterable

from habeas.core.appeal import Appeal
from habeas.core.appeal.appeals import DeclinedDecision
from habeas.core.appeal.hearings import Exhibit, Pack
from habeas.core.languages import Lang, Texts, plural
from habeas.core.times import minute

TEXTS: Texts = {
    "en": {
        "opened": "Your appeal {id} is open. A person who did not take the decision answers by "
        "{due}.",
        "none": "No appeal was opened.",
        "unknown": "this notice tells of no such decision",
        "open_already": "an appeal against it is open already",
        "ruled": "it was ruled on; what is left is out-of-court settlement or a court",
        "undone": "it was undone already",
        "late": "the time for an appeal is over",
        "not_told": "nothing was told to you yet that could be appealed",
    },
    "fr": {
        "opened": "Votre recours {id} est ouvert. Une personne qui n'a pas pris la décision "
        "répond avant le {due}.",
        "none": "Aucun recours n'a été ouvert.",
        "unknown": "cet avis ne parle pas de cette décision",
        "open_already": "un recours est déjà ouvert",
        "ruled": "elle a déjà été jugée ; il reste le règlement extrajudiciaire ou le tribunal",
        "undone": "elle est déjà annulée",
        "late": "le délai de recours est passé",
        "not_told": "rien ne vous a encore été notifié qui puisse être contesté",
    },
}


def opening(opened: Appeal | None, declined: Iterable[DeclinedDecision], lang: Lang) -> list[str]:
    """What became of an appeal that came in: opened until when it is answered, or not and why."""
    say = TEXTS[lang]
    first = say["none"]
    if opened is not None:
        first = say["opened"].format(id=opened.id, due=minute(opened.due_us)[:10])
    return [first, *(f"  {one.decision}: {say[one.why]}" for one in declined)]


def evidence(pack: Pack) -> list[str]:
    """All that a reviewer is given, in English."""
    files = [f"  {a.name} ({a.media_type}, {a.size:,} bytes, {a.sha256})" for a in pack.attachments]
    lines = [f"Appeal {pack.appeal}, to be answered by {minute(pack.due_us)} UTC", ""]
    lines += ["What the customer says", *(f"  {line}" for line in pack.text.splitlines()), *files]
    for exhibit in pack.exhibits:
        lines += ["", *_exhibit(exhibit)]
    if pack.others:
        lines += ["", "Other decisions on the account"]
        lines += [
            f"  {d.id}: {d.measure}, {d.policy} {d.reason.version}, {d.state}" for d in pack.others
        ]
    if pack.earlier:
        lines += ["", "Its other appeals", *(f"  {a.id}: {a.state}" for a in pack.earlier)]
    barred = ", ".join(actor.name for actor in pack.barred) or "nobody"
    return [*lines, "", f"Cannot rule, since they approved it: {barred}"]


def _exhibit(one: Exhibit) -> list[str]:
    decision, reason = one.decision, one.decision.reason
    lines = [
        f"Decision {decision.id}: {decision.measure}, {decision.state.replace('_', ' ')}",
        f"  {reason.policy} version {reason.version}, {reason.clause.ref}: {reason.clause.en}",
        *(f"  {name} = {value}" for name, value in reason.values.items()),
        f"  rests on {plural('{n} event|{n} events', len(reason.events), 'en')}",
    ]
    if one.missing:
        lines.append(f"  {len(one.missing)} of them are not in the log any more, for the customer")
    notice = "  no notice was sent" if one.notice is None else "  the notice, word for word:"
    return [*lines, notice, *(f"    {line}" for line in (one.notice or "").splitlines())]
