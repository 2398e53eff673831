"""The sentences of notices.

Short sentences, everyday words, "we" and "you": tests measure how well they can be read. Spaces
are typed plainly here; `sentence` sets them as each language wants them."""

from __future__ import annotations

from habeas.core.languages import Lang, Texts, typeset

TEXTS: Texts = {
    "en": {
        "labelled": "{what}: {value}",
        "greeting": "Hello,",
        "ending": "{platform}",
        "account": "Your account",
        "date": "Date",
        "reference": "Case reference",
        "code": "One-time code",
        # what the letter is about
        "subject_warn": "A warning about your account with {platform}",
        "subject_limit": "We have limited your account with {platform}",
        "subject_suspend": "We have suspended your account with {platform}",
        "subject_close": "We have closed your account with {platform}",
        "subject_suspend_later": "We plan to suspend your account with {platform}",
        "subject_close_later": "We plan to close your account with {platform}",
        "subject_ruling": "Our answer to your appeal, case {reference}",
        "subject_apology": "We were wrong about your account with {platform}",
        "subject_refusal": "We cannot take your new appeal, case {reference}",
        "subject_end": "A measure on your account with {platform} has ended",
        # (a) what was decided
        "decided": "What we decided",
        "is_warn": "This is a warning. You can use your account as before.",
        "is_limit": "You cannot use this part of your account: {capability}. You can use the rest "
        "as before.",
        "is_suspend": "Your account is suspended. You cannot log in or buy for now.",
        "is_close": "Your account is closed. You cannot log in to it any more.",
        "will_suspend": "We plan to suspend your account. You will not be able to log in or buy "
        "for that time.",
        "will_close": "We plan to close your account. You will not be able to log in to it any "
        "more.",
        "until_confirmed": "For now your account is only suspended. It will be closed once "
        "another person at {platform} has checked this.",
        "because_emergency": "We could not wait. The person who decided this says why:",
        "review_emergency": "Another person checks this by {time}. If nobody does, it ends by "
        "itself.",
        "begins": "Starts",
        "begins_not_before": "Starts at the earliest",
        "ends": "End",
        "ends_not": "when we lift it; no day is set",
        "ends_never": "none; it is meant to last",
        "lasts": "{time} ({period})",
        "lasts_after": "{period} after it starts",
        "where": "Where it applies",
        "until_then": "Until it starts you can use your account as before.",
        # (b) and (e) why
        "why": "Why",
        "rule": "You agreed to this rule:",
        "law": "This is the law or rule:",
        "against": "What we saw goes against it. On {time} these points were true:",
        "against_unsaid": "What we saw on {time} goes against it.",
        "counted": "This is what we counted up to then:",
        "own": "We looked at this on our own. Nobody reported you.",
        "notice": "We looked at this because somebody reported it.",
        "withheld": "These things counted too. We do not show their values:",
        "withheld_ground": "The reason: who knows these values could get around the rule.",
        "ground": "The reason: {text}",
        "changes": "What would have changed it",
        "any_of": "One of these would have been enough. We would not have decided this:",
        "no_change": "We found no small change of these facts that would have been enough.",
        # (c) how
        "how": "Who decided",
        "found_by_program": "A computer program counted these facts and found this case.",
        "decided_by_program": "The program decided this by itself. No person took part.",
        "decided_by_person": "A person looked at the case and took the decision.",
        # what is owned
        "holdings": "What happens to what you have with us",
        "holdings_none": "Nothing that you have with us changes.",
        "holdings_kept": "Nothing that you own is lost. This is what happens:",
        "holdings_later": "Nothing that you own is lost. Seen from today, this will happen:",
        "holdings_back": "This is yours again:",
        "holdings_open": "A person still has to decide about this. It stays yours until then:",
        "holding": "{kind} “{id}”",
        "what_amount": "{amount} – {text}",
        "told_reason": "{text} – {reason}",
        "rights": "You can always read this letter, fetch a copy of your data and appeal. You "
        "need no login for that.",
        # (f) redress
        "appeal": "If you do not agree",
        "appeal_how": "You can appeal. It is free. Tell us in your own words what is wrong. You "
        "can add files.",
        "appeal_until": "You have until {day}. That day counts in full, wherever you are.",
        "appeal_who": "A person who did not take this decision will read it. We answer within "
        "{days}.",
        "appeal_hardship": "Tell us if waiting would do you harm. Then we answer sooner.",
        "door": "Open this page. It asks for the reference and the code.",
        "page": "Page",
        "other_ways": "You can also turn to one of these. They do not belong to us:",
        "ways_left": "You can still turn to one of these. They do not belong to us:",
        "body": "{name} (settles disputes out of court)",
        "way": "{name}",
        "court": "You can go to court at any time.",
        "questions": "Do you have a question? Write to {contact} and name the case reference.",
        # the ruling
        "ruling": "Our answer",
        "ruled": "You appealed against our decision. A person who did not take that decision has "
        "looked at it again on {time}.",
        "ruled_uphold": "{measure}: our decision stays.",
        "ruled_overturn": "{measure}: you were right. We have taken the decision back, as if it "
        "had never been.",
        "ruled_lesser": "{measure}: this was too much. We have taken the decision back.",
        "lesser": "Instead we propose something milder: {measure}. It gets a letter of its own "
        "before it starts.",
        "reasons": "The reasons of the person who looked at it:",
        "sorry": "We are sorry. You had trouble because of our mistake.",
        "after_ruling": "If you still do not agree",
        "no_second": "We can look at a decision only once. A second appeal to us is not possible.",
        # the apology
        "wrong": "We made a mistake",
        "wrong_what": "On {time} we told you about this: {measure}. That was wrong. We have taken "
        "it back.",
        "wrong_untold": "We decided this about your account: {measure}. That was wrong. We have "
        "taken it back.",
        "wrong_why": "What went wrong:",
        "as_if": "It is as if it had never been. It will not count against you.",
        "given_back": "What you have back",
        "standing": "Your account now",
        "standing_free": "You can use your account as before.",
        "standing_bound": "Other measures are still in force. Each has a letter of its own:",
        "harm": "Did our mistake cost you something? Write to {contact} and name the case "
        "reference.",
        # refusals of appeals
        "refusal": "Why we cannot take it",
        "refused_ruled": "{measure}: we have looked at this decision before and gave you our "
        "answer. We can look at it only once.",
        "refused_late": "{measure}: the time for an appeal ended on {day}.",
        "refused_undone": "{measure}: this decision is gone. It was taken back or never took "
        "effect.",
        "refused_open_already": "{measure}: your appeal is still open. You can add to it.",
        "refused_not_told": "{measure}: we have not told you of a decision yet. You can appeal "
        "once we have.",
        "refused_unknown": "Your account has no decision with the name {decision}.",
        "other_door": "What you can still do",
        # the end of a measure
        "ended": "What has ended",
        "ended_by_time": "{measure}: its time was over on {time}.",
        "ended_lifted": "{measure}: we lifted it on {time}. The reason:",
        "ended_dropped": "{measure}: this will not happen. We dropped it on {time}.",
        "ended_unconfirmed": "{measure}: nobody confirmed it in time. It ended by itself on "
        "{time}.",
    },
    "fr": {
        "labelled": "{what} : {value}",
        "greeting": "Bonjour,",
        "ending": "{platform}",
        "account": "Votre compte",
        "date": "Date",
        "reference": "Référence du dossier",
        "code": "Code à usage unique",
        # what the letter is about
        "subject_warn": "Un avertissement pour votre compte {platform}",
        "subject_limit": "Nous avons limité votre compte {platform}",
        "subject_suspend": "Nous avons suspendu votre compte {platform}",
        "subject_close": "Nous avons fermé votre compte {platform}",
        "subject_suspend_later": "Nous allons suspendre votre compte {platform}",
        "subject_close_later": "Nous allons fermer votre compte {platform}",
        "subject_ruling": "Notre réponse à votre recours, dossier {reference}",
        "subject_apology": "Nous nous sommes trompés sur votre compte {platform}",
        "subject_refusal": "Nous ne pouvons pas traiter votre nouveau recours, dossier {reference}",
        "subject_end": "Une mesure sur votre compte {platform} a pris fin",
        # (a) what was decided
        "decided": "Notre décision",
        "is_warn": "Ceci est un avertissement. Vous pouvez utiliser votre compte comme avant.",
        "is_limit": "Vous ne pouvez plus utiliser ceci : {capability}. Vous pouvez utiliser le "
        "reste comme avant.",
        "is_suspend": "Votre compte est suspendu. Vous ne pouvez plus vous connecter ni acheter "
        "pour le moment.",
        "is_close": "Votre compte est fermé. Vous ne pouvez plus vous y connecter.",
        "will_suspend": "Nous allons suspendre votre compte. Vous ne pourrez pas vous connecter "
        "ni acheter pendant ce temps.",
        "will_close": "Nous allons fermer votre compte. Vous ne pourrez plus vous y connecter.",
        "until_confirmed": "Pour l'instant, votre compte est seulement suspendu. Il sera fermé "
        "quand une autre personne chez {platform} l'aura vérifié.",
        "because_emergency": "Nous ne pouvions pas attendre. La personne qui a décidé dit "
        "pourquoi :",
        "review_emergency": "Une autre personne le vérifie avant le {time}. Sinon, la mesure "
        "s'arrête toute seule.",
        "begins": "Début",
        "begins_not_before": "Début au plus tôt",
        "ends": "Fin",
        "ends_not": "quand nous la levons ; aucun jour n'est fixé",
        "ends_never": "aucune ; elle est prévue pour durer",
        "lasts": "{time} ({period})",
        "lasts_after": "{period} après le début",
        "where": "Où elle s'applique",
        "until_then": "Jusque-là, vous pouvez utiliser votre compte comme avant.",
        # (b) and (e) why
        "why": "Pourquoi",
        "rule": "Vous avez accepté cette règle :",
        "law": "Voici la loi ou la règle :",
        "against": "Ce que nous avons vu ne la respecte pas. Le {time}, ces points étaient vrais :",
        "against_unsaid": "Ce que nous avons vu le {time} ne la respecte pas.",
        "counted": "Voici ce que nous avions compté :",
        "own": "Nous avons vu cela nous-mêmes. Personne ne vous a signalé.",
        "notice": "Nous avons regardé cela parce que quelqu'un l'a signalé.",
        "withheld": "Ces éléments ont compté aussi. Nous n'en montrons pas la valeur :",
        "withheld_ground": "La raison : qui connaît ces valeurs pourrait contourner la règle.",
        "ground": "La raison : {text}",
        "changes": "Ce qui aurait tout changé",
        "any_of": "Un seul de ces points aurait suffi. Nous n'aurions pas décidé cela :",
        "no_change": "Nous n'avons trouvé aucun petit changement de ces faits qui aurait suffi.",
        # (c) how
        "how": "Qui a décidé",
        "found_by_program": "Un programme informatique a compté ces faits et trouvé ce cas.",
        "decided_by_program": "Le programme a décidé seul. Aucune personne n'y a pris part.",
        "decided_by_person": "Une personne a regardé le cas et a pris la décision.",
        # what is owned
        "holdings": "Ce qui arrive à ce que vous avez ici",
        "holdings_none": "Rien de ce que vous avez ici ne change.",
        "holdings_kept": "Rien de ce qui est à vous n'est perdu. Voici ce qui se passe :",
        "holdings_later": "Rien de ce qui est à vous n'est perdu. Vu d'aujourd'hui, voici ce qui "
        "se passera :",
        "holdings_back": "Ceci est de nouveau à vous :",
        "holdings_open": "Une personne doit encore décider de ceci. Cela reste à vous jusque-là :",
        "holding": "{kind} « {id} »",
        "what_amount": "{amount} – {text}",
        "told_reason": "{text} – {reason}",
        "rights": "Vous pouvez toujours lire cette lettre, obtenir une copie de vos données et "
        "faire un recours. Vous n'avez pas besoin de vous connecter.",
        # (f) redress
        "appeal": "Si vous n'êtes pas d'accord",
        "appeal_how": "Vous pouvez faire un recours. C'est gratuit. Dites-nous avec vos mots ce "
        "qui est faux. Vous pouvez joindre des fichiers.",
        "appeal_until": "Vous avez jusqu'au {day}. Ce jour compte en entier, où que vous soyez.",
        "appeal_who": "Une personne qui n'a pas pris cette décision le lira. Nous répondons en "
        "{days}.",
        "appeal_hardship": "Dites-nous si attendre vous ferait du tort. Nous répondrons alors "
        "plus vite.",
        "door": "Ouvrez cette page. Elle demande la référence et le code.",
        "page": "Page",
        "other_ways": "Vous pouvez aussi vous adresser à l'un d'eux. Ils sont indépendants de "
        "nous :",
        "ways_left": "Vous pouvez encore vous adresser à l'un d'eux. Ils sont indépendants de "
        "nous :",
        "body": "{name} (règle les litiges à l'amiable)",
        "way": "{name}",
        "court": "Vous pouvez aller en justice à tout moment.",
        "questions": "Vous avez une question ? Écrivez à {contact} avec la référence du dossier.",
        # the ruling
        "ruling": "Notre réponse",
        "ruled": "Vous avez fait un recours contre notre décision. Une personne qui ne l'avait "
        "pas prise l'a revue le {time}.",
        "ruled_uphold": "{measure} : notre décision reste.",
        "ruled_overturn": "{measure} : vous aviez raison. Nous avons retiré la décision, comme si "
        "elle n'avait jamais existé.",
        "ruled_lesser": "{measure} : c'était trop. Nous avons retiré la décision.",
        "lesser": "À la place, nous proposons une mesure plus légère : {measure}. Vous recevrez "
        "une autre lettre avant son début.",
        "reasons": "Les raisons de cette personne :",
        "sorry": "Nous sommes désolés. Notre erreur vous a causé des ennuis.",
        "after_ruling": "Si vous n'êtes toujours pas d'accord",
        "no_second": "Nous ne pouvons revoir une décision qu'une fois. Un second recours n'est "
        "pas possible.",
        # the apology
        "wrong": "Nous avons fait une erreur",
        "wrong_what": "Le {time}, nous vous avons annoncé ceci : {measure}. C'était une erreur. "
        "Nous l'avons retirée.",
        "wrong_untold": "Nous avions décidé ceci pour votre compte : {measure}. C'était une "
        "erreur. Nous l'avons retirée.",
        "wrong_why": "Ce qui n'allait pas :",
        "as_if": "C'est comme si elle n'avait jamais existé. Elle ne comptera pas contre vous.",
        "given_back": "Ce que vous retrouvez",
        "standing": "Votre compte maintenant",
        "standing_free": "Vous pouvez utiliser votre compte comme avant.",
        "standing_bound": "D'autres mesures restent en vigueur. Chacune a sa propre lettre :",
        "harm": "Notre erreur vous a coûté quelque chose ? Écrivez à {contact} avec la référence "
        "du dossier.",
        # refusals of appeals
        "refusal": "Pourquoi nous ne pouvons pas le traiter",
        "refused_ruled": "{measure} : nous avons déjà revu cette décision et vous avons répondu. "
        "Nous ne pouvons la revoir qu'une fois.",
        "refused_late": "{measure} : le délai de recours a pris fin le {day}.",
        "refused_undone": "{measure} : cette décision n'existe plus. Elle a été retirée ou n'a "
        "jamais pris effet.",
        "refused_open_already": "{measure} : votre recours est encore ouvert. Vous pouvez le "
        "compléter.",
        "refused_not_told": "{measure} : nous ne vous avons pas encore annoncé de décision. Vous "
        "pourrez faire un recours ensuite.",
        "refused_unknown": "Votre compte n'a aucune décision du nom de {decision}.",
        "other_door": "Ce que vous pouvez encore faire",
        # the end of a measure
        "ended": "Ce qui a pris fin",
        "ended_by_time": "{measure} : sa durée a pris fin le {time}.",
        "ended_lifted": "{measure} : nous l'avons levée le {time}. La raison :",
        "ended_dropped": "{measure} : cela n'aura pas lieu. Nous y avons renoncé le {time}.",
        "ended_unconfirmed": "{measure} : personne ne l'a confirmée à temps. Elle s'est arrêtée "
        "le {time}.",
    },
}


def sentence(lang: Lang, key: str, **values: str) -> str:
    """A sentence of ours; what is filled in stays as it is."""
    return typeset(TEXTS[lang][key], lang).format(**values)
