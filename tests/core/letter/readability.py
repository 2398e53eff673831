"""How easily a text can be read: Flesch for English, Kandel and Moles for French.

Flesch (1948), "A new yardstick", Journal of Applied Psychology 32: 206.835 - 1.015 words a sentence
- 84.6 syllables a word. Kandel and Moles (1958), "Application de l'indice de Flesch à la langue
française": 207 - 1.015 words a sentence - 73.6 syllables a word. A sentence ends with . ! ? : or ;
as with Flesch; syllables are groups of vowels, less the silent e, right to a few in a hundred."""

from __future__ import annotations

import re
from collections.abc import Iterator

from habeas.core.letter import Letter
from habeas.core.letter.letters import Items, Text

# Numbers, codes and addresses are looked at, not read.
WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
ADDRESS = re.compile(r"\S+@\S+|https?://\S+")
END = re.compile(r"[.!?:;]+(?:\s|\Z)")
VOWELS = {"en": "aeiouy", "fr": "aeiouyàâäéèêëîïôöùûüœæ"}


def sentences_of(letter: Letter) -> Iterator[str]:
    """What we say in our own words, facts included; quotes are others' words."""
    for section in letter.sections:
        for block in section.blocks:
            texts = block.items if isinstance(block, Items) else ()
            texts = (block.text,) if isinstance(block, Text) else texts
            for text in texts:
                yield from (s for s in END.split(ADDRESS.sub("", text)) if words_of(s))


def words_of(text: str) -> list[str]:
    return WORD.findall(text)


def syllables(word: str, lang: str) -> int:
    word, vowels = word.lower(), VOWELS[lang]
    if lang == "fr":  # an elided article is no syllable; final -e, -es, -ent are mostly silent
        word = re.sub(r"^\w+['\u2019]", "", word)
        word = re.sub(r"(?<=\w\w)(?:e|es)\Z", "", word)
    else:
        word = re.sub(r"(?<=\w\w)(?<![l])e\Z|(?<=[^aeiouytd])ed\Z", "", word)
    return max(1, len(re.findall(f"[{vowels}]+", word)))


def ease(sentences: list[str], lang: str) -> float:
    """Higher is easier."""
    words = [w for s in sentences for w in words_of(s)]
    long = len(words) / len(sentences)
    heavy = sum(syllables(w, lang) for w in words) / len(words)
    return (
        206.835 - 1.015 * long - 84.6 * heavy if lang == "en" else 207 - 1.015 * long - 73.6 * heavy
    )
