"""The sentences of notices, English and French side by side.

Short sentences, everyday words, "we" and "you": tests measure how well they can be read. Spaces
are typed plainly here; `say` sets them as each language wants them."""

from __future__ import annotations

from collections.abc import Mapping

from habeas.core.languages import Lang, chosen, typeset

# Each text is English, then French.
TEXTS: Mapping[str, tuple[str, str]] = {
    "labelled": ("{what}: {value}", "{what} : {value}"),
    "greeting": ("Hello,", "Bonjour,"),
    "ending": ("{platform}", "{platform}"),
    "account": ("Your account", "Votre compte"),
    "date": ("Date", "Date"),
    "reference": ("Case reference", "Référence du dossier"),
    "code": ("One-time code", "Code à usage unique"),
    # what the letter is about
    "subject_warn": (
        "A warning about your account with {platform}",
        "Un avertissement pour votre compte {platform}",
    ),
    "subject_limit": (
        "We have limited your account with {platform}",
        "Nous avons limité votre compte {platform}",
    ),
    "subject_suspend": (
        "We have suspended your account with {platform}",
        "Nous avons suspendu votre compte {platform}",
    ),
    "subject_close": (
        "We have closed your account with {platform}",
        "Nous avons fermé votre compte {platform}",
    ),
    "subject_suspend_later": (
        "We plan to suspend your account with {platform}",
        "Nous allons suspendre votre compte {platform}",
    ),
    "subject_close_later": (
        "We plan to close your account with {platform}",
        "Nous allons fermer votre compte {platform}",
    ),
    "subject_ruling": (
        "Our answer to your appeal, case {reference}",
        "Notre réponse à votre recours, dossier {reference}",
    ),
    "subject_apology": (
        "We were wrong about your account with {platform}",
        "Nous nous sommes trompés sur votre compte {platform}",
    ),
    "subject_refusal": (
        "We cannot take your new appeal, case {reference}",
        "Nous ne pouvons pas traiter votre nouveau recours, dossier {reference}",
    ),
    "subject_end": (
        "A measure on your account with {platform} has ended",
        "Une mesure sur votre compte {platform} a pris fin",
    ),
    # (a) what was decided
    "decided": ("What we decided", "Notre décision"),
    "is_warn": (
        "This is a warning. You can use your account as before.",
        "Ceci est un avertissement. Vous pouvez utiliser votre compte comme avant.",
    ),
    "is_limit": (
        "You cannot use this part of your account: {capability}. You can use the rest as before.",
        "Vous ne pouvez plus utiliser ceci : {capability}. "
        "Vous pouvez utiliser le reste comme avant.",
    ),
    "is_suspend": (
        "Your account is suspended. You cannot log in or buy for now.",
        "Votre compte est suspendu. Vous ne pouvez plus vous connecter ni acheter pour le moment.",
    ),
    "is_close": (
        "Your account is closed. You cannot log in to it any more.",
        "Votre compte est fermé. Vous ne pouvez plus vous y connecter.",
    ),
    "will_suspend": (
        "We plan to suspend your account. You will not be able to log in or buy for that time.",
        "Nous allons suspendre votre compte. "
        "Vous ne pourrez pas vous connecter ni acheter pendant ce temps.",
    ),
    "will_close": (
        "We plan to close your account. You will not be able to log in to it any more.",
        "Nous allons fermer votre compte. Vous ne pourrez plus vous y connecter.",
    ),
    "until_confirmed": (
        "For now your account is only suspended. It will be closed once another person at "
        "{platform} has checked this.",
        "Pour l'instant, votre compte est seulement suspendu. "
        "Il sera fermé quand une autre personne chez {platform} l'aura vérifié.",
    ),
    "because_emergency": (
        "We could not wait. The person who decided this says why:",
        "Nous ne pouvions pas attendre. La personne qui a décidé dit pourquoi :",
    ),
    "review_emergency": (
        "Another person checks this by {time}. If nobody does, it ends by itself.",
        "Une autre personne le vérifie avant le {time}. Sinon, la mesure s'arrête toute seule.",
    ),
    "begins": ("Starts", "Début"),
    "begins_not_before": ("Starts at the earliest", "Début au plus tôt"),
    "ends": ("End", "Fin"),
    "ends_not": ("when we lift it; no day is set", "quand nous la levons ; aucun jour n'est fixé"),
    "ends_never": ("none; it is meant to last", "aucune ; elle est prévue pour durer"),
    "lasts": ("{time} ({period})", "{time} ({period})"),
    "lasts_after": ("{period} after it starts", "{period} après le début"),
    "where": ("Where it applies", "Où elle s'applique"),
    "until_then": (
        "Until it starts you can use your account as before.",
        "Jusque-là, vous pouvez utiliser votre compte comme avant.",
    ),
    # (b) and (e) why
    "why": ("Why", "Pourquoi"),
    "rule": ("You agreed to this rule:", "Vous avez accepté cette règle :"),
    "law": ("This is the law or rule:", "Voici la loi ou la règle :"),
    "against": (
        "What we saw goes against it. On {time} these points were true:",
        "Ce que nous avons vu ne la respecte pas. Le {time}, ces points étaient vrais :",
    ),
    "against_unsaid": (
        "What we saw on {time} goes against it.",
        "Ce que nous avons vu le {time} ne la respecte pas.",
    ),
    "counted": ("This is what we counted up to then:", "Voici ce que nous avions compté :"),
    "own": (
        "We looked at this on our own. Nobody reported you.",
        "Nous avons vu cela nous-mêmes. Personne ne vous a signalé.",
    ),
    "notice": (
        "We looked at this because somebody reported it.",
        "Nous avons regardé cela parce que quelqu'un l'a signalé.",
    ),
    "withheld": (
        "These things counted too. We do not show their values:",
        "Ces éléments ont compté aussi. Nous n'en montrons pas la valeur :",
    ),
    "withheld_ground": (
        "The reason: who knows these values could get around the rule.",
        "La raison : qui connaît ces valeurs pourrait contourner la règle.",
    ),
    "ground": ("The reason: {text}", "La raison : {text}"),
    "changes": ("What would have changed it", "Ce qui aurait tout changé"),
    "any_of": (
        "One of these would have been enough. We would not have decided this:",
        "Un seul de ces points aurait suffi. Nous n'aurions pas décidé cela :",
    ),
    "no_change": (
        "We found no small change of these facts that would have been enough.",
        "Nous n'avons trouvé aucun petit changement de ces faits qui aurait suffi.",
    ),
    # (c) how
    "how": ("Who decided", "Qui a décidé"),
    "found_by_program": (
        "A computer program counted these facts and found this case.",
        "Un programme informatique a compté ces faits et trouvé ce cas.",
    ),
    "decided_by_program": (
        "The program decided this by itself. No person took part.",
        "Le programme a décidé seul. Aucune personne n'y a pris part.",
    ),
    "decided_by_person": (
        "A person looked at the case and took the decision.",
        "Une personne a regardé le cas et a pris la décision.",
    ),
    # what is owned
    "holdings": ("What happens to what you have with us", "Ce qui arrive à ce que vous avez ici"),
    "holdings_none": (
        "Nothing that you have with us changes.",
        "Rien de ce que vous avez ici ne change.",
    ),
    "holdings_kept": (
        "Nothing that you own is lost. This is what happens:",
        "Rien de ce qui est à vous n'est perdu. Voici ce qui se passe :",
    ),
    "holdings_later": (
        "Nothing that you own is lost. Seen from today, this will happen:",
        "Rien de ce qui est à vous n'est perdu. Vu d'aujourd'hui, voici ce qui se passera :",
    ),
    "holdings_back": ("This is yours again:", "Ceci est de nouveau à vous :"),
    "holdings_open": (
        "A person still has to decide about this. It stays yours until then:",
        "Une personne doit encore décider de ceci. Cela reste à vous jusque-là :",
    ),
    "holding": ("{kind} “{id}”", "{kind} « {id} »"),
    "what_amount": ("{amount} – {text}", "{amount} – {text}"),
    "told_reason": ("{text} – {reason}", "{text} – {reason}"),
    "rights": (
        "You can always read this letter, fetch a copy of your data and appeal. "
        "You need no login for that.",
        "Vous pouvez toujours lire cette lettre, obtenir une copie de vos données et faire un "
        "recours. Vous n'avez pas besoin de vous connecter.",
    ),
    # (f) redress
    "appeal": ("If you do not agree", "Si vous n'êtes pas d'accord"),
    "appeal_how": (
        "You can appeal. It is free. Tell us in your own words what is wrong. You can add files.",
        "Vous pouvez faire un recours. C'est gratuit. "
        "Dites-nous avec vos mots ce qui est faux. Vous pouvez joindre des fichiers.",
    ),
    "appeal_until": (
        "You have until {day}. That day counts in full, wherever you are.",
        "Vous avez jusqu'au {day}. Ce jour compte en entier, où que vous soyez.",
    ),
    "appeal_who": (
        "A person who did not take this decision will read it. We answer within {days}.",
        "Une personne qui n'a pas pris cette décision le lira. Nous répondons en {days}.",
    ),
    "appeal_hardship": (
        "Tell us if waiting would do you harm. Then we answer sooner.",
        "Dites-nous si attendre vous ferait du tort. Nous répondrons alors plus vite.",
    ),
    "door": (
        "Open this page. It asks for the reference and the code.",
        "Ouvrez cette page. Elle demande la référence et le code.",
    ),
    "page": ("Page", "Page"),
    "other_ways": (
        "You can also turn to one of these. They do not belong to us:",
        "Vous pouvez aussi vous adresser à l'un d'eux. Ils sont indépendants de nous :",
    ),
    "ways_left": (
        "You can still turn to one of these. They do not belong to us:",
        "Vous pouvez encore vous adresser à l'un d'eux. Ils sont indépendants de nous :",
    ),
    "body": ("{name} (settles disputes out of court)", "{name} (règle les litiges à l'amiable)"),
    "way": ("{name}", "{name}"),
    "court": ("You can go to court at any time.", "Vous pouvez aller en justice à tout moment."),
    "questions": (
        "Do you have a question? Write to {contact} and name the case reference.",
        "Vous avez une question ? Écrivez à {contact} avec la référence du dossier.",
    ),
    # the ruling
    "ruling": ("Our answer", "Notre réponse"),
    "ruled": (
        "You appealed against our decision. A person who did not take that decision has looked "
        "at it again on {time}.",
        "Vous avez fait un recours contre notre décision. Une personne qui ne l'avait pas prise "
        "l'a revue le {time}.",
    ),
    "ruled_uphold": ("{measure}: our decision stays.", "{measure} : notre décision reste."),
    "ruled_overturn": (
        "{measure}: you were right. We have taken the decision back, as if it had never been.",
        "{measure} : vous aviez raison. "
        "Nous avons retiré la décision, comme si elle n'avait jamais existé.",
    ),
    "ruled_lesser": (
        "{measure}: this was too much. We have taken the decision back.",
        "{measure} : c'était trop. Nous avons retiré la décision.",
    ),
    "lesser": (
        "Instead we propose something milder: {measure}. It gets a letter of its own before it "
        "starts.",
        "À la place, nous proposons une mesure plus légère : {measure}. "
        "Vous recevrez une autre lettre avant son début.",
    ),
    "reasons": ("The reasons of the person who looked at it:", "Les raisons de cette personne :"),
    "sorry": (
        "We are sorry. You had trouble because of our mistake.",
        "Nous sommes désolés. Notre erreur vous a causé des ennuis.",
    ),
    "after_ruling": ("If you still do not agree", "Si vous n'êtes toujours pas d'accord"),
    "no_second": (
        "We can look at a decision only once. A second appeal to us is not possible.",
        "Nous ne pouvons revoir une décision qu'une fois. Un second recours n'est pas possible.",
    ),
    # the apology
    "wrong": ("We made a mistake", "Nous avons fait une erreur"),
    "wrong_what": (
        "On {time} we told you about this: {measure}. That was wrong. We have taken it back.",
        "Le {time}, nous vous avons annoncé ceci : {measure}. C'était une erreur. "
        "Nous l'avons retirée.",
    ),
    "wrong_untold": (
        "We decided this about your account: {measure}. That was wrong. We have taken it back.",
        "Nous avions décidé ceci pour votre compte : {measure}. C'était une erreur. "
        "Nous l'avons retirée.",
    ),
    "wrong_why": ("What went wrong:", "Ce qui n'allait pas :"),
    "as_if": (
        "It is as if it had never been. It will not count against you.",
        "C'est comme si elle n'avait jamais existé. Elle ne comptera pas contre vous.",
    ),
    "given_back": ("What you have back", "Ce que vous retrouvez"),
    "standing": ("Your account now", "Votre compte maintenant"),
    "standing_free": (
        "You can use your account as before.",
        "Vous pouvez utiliser votre compte comme avant.",
    ),
    "standing_bound": (
        "Other measures are still in force. Each has a letter of its own:",
        "D'autres mesures restent en vigueur. Chacune a sa propre lettre :",
    ),
    "harm": (
        "Did our mistake cost you something? Write to {contact} and name the case reference.",
        "Notre erreur vous a coûté quelque chose ? "
        "Écrivez à {contact} avec la référence du dossier.",
    ),
    # refusals of appeals
    "refusal": ("Why we cannot take it", "Pourquoi nous ne pouvons pas le traiter"),
    "refused_ruled": (
        "{measure}: we have looked at this decision before and gave you our answer. "
        "We can look at it only once.",
        "{measure} : nous avons déjà revu cette décision et vous avons répondu. "
        "Nous ne pouvons la revoir qu'une fois.",
    ),
    "refused_late": (
        "{measure}: the time for an appeal ended on {day}.",
        "{measure} : le délai de recours a pris fin le {day}.",
    ),
    "refused_undone": (
        "{measure}: this decision is gone. It was taken back or never took effect.",
        "{measure} : cette décision n'existe plus. Elle a été retirée ou n'a jamais pris effet.",
    ),
    "refused_open_already": (
        "{measure}: your appeal is still open. You can add to it.",
        "{measure} : votre recours est encore ouvert. Vous pouvez le compléter.",
    ),
    "refused_not_told": (
        "{measure}: we have not told you of a decision yet. You can appeal once we have.",
        "{measure} : nous ne vous avons pas encore annoncé de décision. "
        "Vous pourrez faire un recours ensuite.",
    ),
    "refused_unknown": (
        "Your account has no decision with the name {decision}.",
        "Votre compte n'a aucune décision du nom de {decision}.",
    ),
    "other_door": ("What you can still do", "Ce que vous pouvez encore faire"),
    # the end of a measure
    "ended": ("What has ended", "Ce qui a pris fin"),
    "ended_by_time": (
        "{measure}: its time was over on {time}.",
        "{measure} : sa durée a pris fin le {time}.",
    ),
    "ended_lifted": (
        "{measure}: we lifted it on {time}. The reason:",
        "{measure} : nous l'avons levée le {time}. La raison :",
    ),
    "ended_dropped": (
        "{measure}: this will not happen. We dropped it on {time}.",
        "{measure} : cela n'aura pas lieu. Nous y avons renoncé le {time}.",
    ),
    "ended_unconfirmed": (
        "{measure}: nobody confirmed it in time. It ended by itself on {time}.",
        "{measure} : personne ne l'a confirmée à temps. Elle s'est arrêtée le {time}.",
    ),
}


def say(lang: Lang, key: str, **values: str) -> str:
    """A sentence of ours; what is filled in stays as it is."""
    return typeset(chosen(TEXTS[key], lang), lang).format(**values)
