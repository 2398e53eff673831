"""Spelling: how the id and the name of a member of staff are written, and which ids are one."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from functools import cache
from importlib.resources import files

from habeas.core.errors import InvalidInput

LONGEST_ID = 64
LONGEST_NAME = 100
ID = re.compile(r"[a-z0-9._-]+\Z")
ID_FORM = "write 1 to 64 of a to z, 0 to 9, dot, dash and underscore, as in maria.garcia"
NAME_FORM = "write the name as people read it"
CLIP = 80  # characters of what was given that an error repeats
SEPARATORS = frozenset("._-")
# Format, control and space characters have a category; what else cannot be seen: Unicode's
# Default_Ignorable_Code_Point (DerivedCoreProperties.txt) beyond them, and the empty braille cell.
UNSEEN_CATEGORIES = frozenset(["Cc", "Cf", "Zs", "Zl", "Zp"])
UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
NO_CHARACTER = frozenset(["Cs", "Co", "Cn"])  # halves of pairs, private, unassigned
MARK = "\u200e"  # the library puts it around what is written from right to left


def parse_id(text: str) -> str:
    """The id, as it was given: 1 to 64 of `a-z0-9._-`, letter or digit at both ends. Nothing is
    put right for its writer. Raises InvalidInput with one sentence that names what is wrong."""
    for place, character in enumerate(text, 1):
        if not ID.match(character):
            raise InvalidInput(
                f"the id {text[:CLIP]!r} has {spelled(character)} as character {place}", ID_FORM
            )
    if not text:
        raise InvalidInput("an id is empty", ID_FORM)
    if len(text) > LONGEST_ID:
        raise InvalidInput(f"an id has {len(text)} characters, more than {LONGEST_ID}", ID_FORM)
    for end, character in (("begins", text[0]), ("ends", text[-1])):
        if character in SEPARATORS:
            hint = "let it begin and end with a letter or a digit"
            raise InvalidInput(f"the id {text!r} {end} with {spelled(character)}", hint)
    return text


def parse_name(text: str) -> str:
    """The name without spaces around it, in Unicode's form NFC: 1 to 100 characters, each of which
    can be seen, and plain spaces. Raises InvalidInput with one sentence."""
    name = unicodedata.normalize("NFC", text.strip(" "))
    for place, character in enumerate(name, 1):
        if _is_unseen(character) and character != " ":
            raise InvalidInput(
                f"the name {name[:CLIP]!r} has {spelled(character)} as character {place}, which "
                "cannot be seen",
                NAME_FORM,
            )
        if unicodedata.category(character) in NO_CHARACTER:
            raise InvalidInput(
                f"the name {name[:CLIP]!r} has {spelled(character)} as character {place}, which is "
                "no character",
                NAME_FORM,
            )
    if not name:
        raise InvalidInput("a name is empty", NAME_FORM)
    if len(name) > LONGEST_NAME:
        raise InvalidInput(
            f"a name has {len(name)} characters, more than {LONGEST_NAME}", NAME_FORM
        )
    return name


def spelled(character: str) -> str:
    """One character for an error: as it is where it can be mistaken for none, else by its name in
    Unicode: `'A'`, `ZERO WIDTH SPACE (U+200B)`, `U+0007`."""
    if character.isascii() and character.isprintable() and character != " ":
        return f"'{character}'"
    code, name = f"U+{ord(character):04X}", unicodedata.name(character, "")
    return f"{name} ({code})" if name else code


def folded(text: str) -> str:
    """The skeleton of a text: two ids with one skeleton are one person, and only the first of them
    may be on the roster.

    Folded, that is made one, until nothing changes any more:
    - compatible forms (NFKC, here its decomposed sister NFKD): full-width and mathematical letters;
    - what looks alike in Unicode's table (UTS 39, confusables), as Cyrillic and Greek letters that
      look Latin, in capitals as well; of ASCII these are `0` and `o`, `1` and `l`, `m` and `rn`;
    - case; and `i` with `l` and `1`, since the table has the capital of `i` beside them;
    - spaces, control, format and other invisible characters, and `.`, `_`, `-`: they are dropped.

    So `DORA`, `d0ra`, `do.ra`, `do ra` and `dora` in Cyrillic letters are all `dora`.

    Not folded: accents (no id has any), and what UTS 39 leaves apart: `vv` and `w`, `cl` and `d`,
    `5` and `s`, `2` and `z`, letters in another order. `dora2` is somebody else. UTS 39 folds no
    case and keeps separators; for ids of people both would be two names for one."""
    while (after := _folded_once(text)) != text:
        text = after
    return text


def _folded_once(text: str) -> str:
    alike = _prototypes()
    seen = (
        alike.get(character, character)
        for character in unicodedata.normalize("NFKD", text)
        if not _is_unseen(character) and character not in SEPARATORS
    )
    return "".join(seen).casefold().replace("i", "l")


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in UNSEEN_CATEGORIES or bool(UNSEEN.match(character))


@cache
def _prototypes() -> dict[str, str]:
    """What each confusable character stands for, by the table of UTS 39.

    The library is read as data, as time zones are: its code would take the table from a place that
    the environment names. It tells pairs without their direction. A source has one prototype; a
    character with several partners is the prototype of each; of a pair of single characters that
    has no other, the first one stands for both."""
    pairs: dict[str, set[str]] = defaultdict(set)
    table = files("confusable_homoglyphs").joinpath("confusables.json").read_text("utf-8")
    for one, others in json.loads(table).items():
        pairs[one.strip(MARK)] |= {other["c"].strip(MARK) for other in others}
    found = {}
    for one, partners in pairs.items():
        if len(one) == len(partners) == 1:
            (other,) = partners
            alone = len(other) == 1 and len(pairs[other]) == 1
            found[one] = min(one, other) if alone else other
    return found
