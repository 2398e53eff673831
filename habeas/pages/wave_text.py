"""A wave as lines of text: its figures, shares, timeline and the draft for the public."""

from __future__ import annotations

from collections.abc import Iterator

from habeas.core.languages import Lang, Texts, number, plural, quote, significant
from habeas.core.letter.announcements import announcement
from habeas.core.times import minute
from habeas.core.wave import Wave
from habeas.core.wave.waves import timeline

TEXTS: Texts = {
    "en": {
        "open": "wave {name}: open",
        "over": "wave {name}: over",
        "stopped": "  told to customers: {told} ({undone}); held: {held}",
        "heard": "  told to customers, from two days before it on: {told} ({undone})",
        "told": "{n} decision|{n} decisions",
        "undone": "{n} undone|{n} undone",
        "share": "    {policy} version {version}: {told} where {expected} were expected",
    },
    "fr": {
        "open": "vague {name} : en cours",
        "over": "vague {name} : terminée",
        "stopped": "  décisions notifiées : {told} ({undone}) ; retenues : {held}",
        "heard": "  décisions notifiées, dès deux jours avant : {told} ({undone})",
        "told": "{n}|{n}",
        "undone": "{n} annulée|{n} annulées",
        "share": "    {policy} version {version} : {told}, pour {expected} prévues",
    },
}


def lines(found: Wave, lang: Lang) -> Iterator[str]:
    """All of it, a line each; the draft comes last, after an empty one."""
    say = TEXTS[lang]
    yield say["open" if found.until_us is None else "over"].format(name=found.id)
    if found.spell is not None:
        yield f"  {found.spell.feed}: {found.spell.burst.words(lang)}"
        yield from (f"    {quote(text, lang)}" for text in found.spell.burst.samples)
    yield say["heard" if found.spell else "stopped"].format(
        told=plural(say["told"], len(found.told), lang),
        undone=plural(say["undone"], found.undone, lang),
        held=number(len(found.held), lang),
    )
    for share in found.shares:
        yield say["share"].format(
            policy=share.policy, version=share.version, told=number(share.told, lang),
            expected=significant(share.expected, lang),
        )  # fmt: skip
    yield from (f"  {minute(time_us)}  {what}" for time_us, what in timeline(found, lang))
    yield f"\n{announcement(found.figures(), lang)}"
