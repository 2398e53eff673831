"""Keywords are found as people write them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.errors import InvalidInput
from habeas.core.signal.keywords import Keywords, words

LIST = Keywords(["account closed", "compte fermé", "#compteferme", "n'est plus", "cœur", "closed"])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("My ACCOUNT closed!!", ("account closed", "closed")),
        ("account-closed", ("account closed", "closed")),
        ("account\nclosed", ("account closed", "closed")),
        ("Compte FERME", ("compte fermé",)),
        (unicodedata.normalize("NFD", "mon compte fermé"), ("compte fermé",)),
        ("un compte fermée", ()),
        ("#CompteFermé ce matin", ("#compteferme",)),
        ("compteferme", ()),
        ("elle n’est plus là", ("n'est plus",)),
        ("elle nʼest plus là", ()),  # U+02BC is a letter, not an apostrophe
        ("COEUR brisé", ("cœur",)),
        ("disclosed, enclosed", ()),
        ("#closed", ("closed",)),
        ("my #account closed", ("account closed", "closed")),
        ("ｃｌｏｓｅｄ", ("closed",)),
        ("", ()),
    ],
)
def test_keywords_in_texts(text: str, found: tuple[str, ...]) -> None:
    assert LIST.found(text) == found


@given(st.text(), st.text(), st.sampled_from(["compte fermé", "account closed", "#perdu"]))
def test_a_keyword_between_spaces_is_always_found(before: str, after: str, keyword: str) -> None:
    text = f"{before} {keyword.upper()} {after}"
    assert keyword in Keywords([keyword]).found(text)


@given(st.text())
def test_words_of_words_are_the_same(text: str) -> None:
    assert words(" ".join(words(text))) == words(text)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ([], "there is no keyword"),
        (["closed", "!!"], "'!!' has no word"),
        (["fermé", "FERME"], "'fermé' and 'FERME' say the same"),
    ],
)
def test_keywords_that_cannot_be_meant(texts: list[str], said: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        Keywords(texts)
    assert said in raised.value.message
    assert raised.value.hint
