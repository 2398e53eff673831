"""One person, one spelling: what an id may be, and which two are one."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.errors import InvalidInput
from habeas.core.staff import folded, parse_id
from habeas.core.staff.spelling import ID_FORM, parse_name, spelled
from tests.core.samples import often, thorough
from tests.core.staff.offices import ids

LETTERS = "abcdefghijklmnopqrstuvwxyz"
CYRILLIC = "d\N{CYRILLIC SMALL LETTER O}r\N{CYRILLIC SMALL LETTER A}"
GREEK = "d\N{GREEK SMALL LETTER OMICRON}ra"
FULL_WIDTH = "\uff44\uff4f\uff52\uff41"


@often
@given(ids)
def test_an_id_of_the_form_is_taken_as_it_is(text: str) -> None:
    assert parse_id(text) == text


@thorough
@given(st.text(max_size=70) | st.text(alphabet="ab1._-", max_size=70))
def test_whatever_is_typed_is_an_id_or_one_sentence(text: str) -> None:
    plain = set(text) <= set(LETTERS + "0123456789._-")
    fits = 0 < len(text) <= 64 and text[0] not in "._-" and text[-1] not in "._-"
    if plain and fits:
        assert parse_id(text) == text
    else:
        with pytest.raises(InvalidInput) as caught:
            parse_id(text)
        assert caught.value.message.isprintable()
        assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "an id is empty"),
        ("a" * 65, "an id has 65 characters, more than 64"),
        ("Dora", "the id 'Dora' has 'D' as character 1"),
        ("do ra", "the id 'do ra' has SPACE (U+0020) as character 3"),
        ("dora\n", r"the id 'dora\n' has U+000A as character 5"),
        ("do\u200bra", r"the id 'do\u200bra' has ZERO WIDTH SPACE (U+200B) as character 3"),
        ("dora\u202e", r"the id 'dora\u202e' has RIGHT-TO-LEFT OVERRIDE (U+202E) as character 5"),
        (CYRILLIC, f"the id '{CYRILLIC}' has CYRILLIC SMALL LETTER O (U+043E) as character 2"),
        (
            FULL_WIDTH,
            f"the id '{FULL_WIDTH}' has FULLWIDTH LATIN SMALL LETTER D (U+FF44) as character 1",
        ),
        ("dora/emil", "the id 'dora/emil' has '/' as character 5"),
        ("dora\ud800", r"the id 'dora\ud800' has U+D800 as character 5"),
        (".dora", "the id '.dora' begins with '.'"),
        ("dora-", "the id 'dora-' ends with '-'"),
        ("-", "the id '-' begins with '-'"),
    ],
)
def test_what_is_no_id_is_said_with_its_character(text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_id(text)
    assert caught.value.message == said


def test_a_long_text_is_not_repeated_whole() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_id("A" * 100_000)
    assert len(caught.value.message) < 150
    assert caught.value.hint == ID_FORM


@pytest.mark.parametrize(
    "text",
    [
        "dora",
        "Dora",
        "DORA",
        "d0ra",
        "do.ra",
        "d-o_r.a",
        " do ra\t",
        FULL_WIDTH,
        FULL_WIDTH.upper(),
        CYRILLIC,
        GREEK,
        "D\N{CYRILLIC CAPITAL LETTER O}R\N{GREEK CAPITAL LETTER ALPHA}",
        "\N{MATHEMATICAL BOLD SMALL D}ora",
        "do\u200bra",
        "\ufeffdora",
        "do\u00adra",
        "do\u2060ra",
        "do\u3164ra",
        "do\u2800ra",
        "\u202edora\u202c",
        "do\ufe0fra",
        "do\N{HYPHEN}ra",
        "do\N{EN DASH}ra",
        "do\N{NKO LAJANYALAN}ra",
        "d\N{ARABIC-INDIC DIGIT FIVE}ra",
    ],
)
def test_what_reads_as_dora_is_dora(text: str) -> None:
    assert folded(text) == "dora"


@pytest.mark.parametrize("text", ["dara", "dora2", "dor", "adro", "dorá", "rado"])
def test_what_reads_as_another_is_another(text: str) -> None:
    assert folded(text) != "dora"


@pytest.mark.parametrize(
    ("one", "other"), [("0", "o"), ("1", "l"), ("i", "l"), ("i", "1"), ("rn", "m"), ("I", "l")]
)
def test_what_looks_alike_in_ascii_is_one(one: str, other: str) -> None:
    assert folded(f"a{one}b") == folded(f"a{other}b")


@pytest.mark.parametrize(("one", "other"), [("vv", "w"), ("cl", "d"), ("5", "s"), ("2", "z")])
def test_what_unicode_leaves_apart_is_two(one: str, other: str) -> None:
    assert folded(f"a{one}b") != folded(f"a{other}b")


def test_of_single_characters_of_an_id_only_these_are_one() -> None:
    """Nothing else falls together, whatever the table of the library comes to hold."""
    alone = f"{LETTERS}0123456789"
    same = {frozenset((a, b)) for a, b in product(alone, alone) if folded(a) == folded(b) and a < b}
    expected = [("0", "o"), ("1", "i"), ("1", "l"), ("i", "l")]
    assert same == {frozenset(pair) for pair in expected}


@thorough
@given(st.text(max_size=12))
def test_a_skeleton_is_its_own_and_that_of_all_its_forms(text: str) -> None:
    skeleton = folded(text)
    assert folded(skeleton) == skeleton
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert folded(unicodedata.normalize(form, text)) == skeleton


@often
@given(ids, st.data())
def test_what_cannot_be_seen_and_case_make_no_other_id(text: str, data: st.DataObject) -> None:
    unseen = st.sampled_from(
        [*"\u200b\u200d\u2060\ufeff\u00ad\u034f\u061c \u00a0.-_", "\U000e0061"]
    )
    other = "".join(
        data.draw(st.sampled_from([c, c.upper(), chr(ord(c) + 0xFEE0)])) + data.draw(unseen)
        for c in text
    )
    assert folded(other) == folded(text)


def test_every_character_comes_to_rest() -> None:
    """The table is applied until nothing changes: it must have no ring."""
    for code in range(0x110000):
        skeleton = folded(chr(code))
        assert len(skeleton) <= 40, hex(code)


def test_the_table_of_the_environment_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    """Whoever starts the program could else make two people of one."""
    monkeypatch.setenv("CONFUSABLE_DATA", str(tmp_path))
    from habeas.core.staff import spelling

    spelling._prototypes.cache_clear()
    assert folded(CYRILLIC) == "dora"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Maria Garcia", "Maria Garcia"),
        ("  Maria Garcia ", "Maria Garcia"),
        ("Zoe\u0308 O'Neill-Núñez", "Zoë O'Neill-Núñez"),
        ("李小龍", "李小龍"),
        ("ليلى", "ليلى"),
        ("x" * 100, "x" * 100),
    ],
)
def test_a_name_is_what_people_read(text: str, name: str) -> None:
    assert parse_name(text) == name
    assert parse_name(name) == name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a name is empty"),
        ("   ", "a name is empty"),
        ("x" * 101, "a name has 101 characters, more than 100"),
        ("Do\u202era", r"'Do\u202era' has RIGHT-TO-LEFT OVERRIDE (U+202E) as character 3"),
        ("Do\u200bra", r"'Do\u200bra' has ZERO WIDTH SPACE (U+200B) as character 3"),
        ("Do\nra", r"'Do\nra' has U+000A as character 3, which cannot be seen"),
        ("Do\x1b[31mra", r"has U+001B as character 3, which cannot be seen"),
        ("Do\u00a0ra", "has NO-BREAK SPACE (U+00A0) as character 3, which cannot be seen"),
        ("Do\u3164ra", "has HANGUL FILLER (U+3164) as character 3"),
        ("Do\ud800ra", "has U+D800 as character 3, which is no character"),
        ("Do\ue000ra", "has U+E000 as character 3, which is no character"),
    ],
)
def test_what_is_no_name_is_said(text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_name(text)
    assert said in caught.value.message
    assert caught.value.message.isprintable()


@often
@given(st.text(max_size=110))
def test_a_name_that_is_taken_hides_nothing(text: str) -> None:
    with suppress(InvalidInput):
        name = parse_name(text)
        assert name.isprintable()
        assert 1 <= len(name) <= 100
        assert parse_name(name) == name


@given(st.characters())
def test_a_character_is_spelled_so_that_it_is_seen(character: str) -> None:
    assert spelled(character).isprintable()
    assert spelled(character).strip()
