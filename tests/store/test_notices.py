"""Notices as they are kept: letters come back equal, and what was written once is read for good."""

from __future__ import annotations

import json

import pytest

from habeas.config import Database
from habeas.core.errors import NotFound, Unproven
from habeas.core.languages import Lang
from habeas.core.letter import Letter
from habeas.core.letter.letters import Door, Items, Links, Pairs, Quote, Section, Text
from habeas.store import contacts, leaves, notices, rows
from habeas.store.accounts import account
from habeas.store.changes import AccountChange, Notice
from habeas.store.codec import decoded, encoded, read, written
from habeas.store.commits import commit
from habeas.store.contacts import Contact
from tests.core.appeal.casework import NOW
from tests.core.letter.told import LANGS, NOTICES

BLOCKS = (
    Text("t"), Items(("a", "b")), Pairs((("what", "so"),)), Links((("page", "https://x"),)),
    Quote("q", "s"), Door("Reference", "Code"),
)  # fmt: skip
LETTER = Letter(
    "measure", "fr", "Marchand", "Sujet", "Bonjour,", (("Compte", "boris"),),
    (Section("Titre", BLOCKS),), "Marchand", "H7K2",
)  # fmt: skip
ONCE = (
    '{"code":"","ending":"Marchand","greeting":"Bonjour,","head":[["Compte","boris"]],'
    '"kind":"measure","lang":"fr","reference":"H7K2","sections":[{"blocks":['
    '{"text":"t","type":"Text"},{"items":["a","b"],"type":"Items"},'
    '{"pairs":[["what","so"]],"type":"Pairs"},{"links":[["page","https://x"]],"type":"Links"},'
    '{"source":"s","text":"q","type":"Quote"},{"code":"Code","reference":"Reference",'
    '"type":"Door"}],"title":"Titre"}],"sender":"Marchand","subject":"Sujet"}'
)


def test_what_was_written_once_is_read_for_good() -> None:
    assert decoded(read(ONCE), Letter) == LETTER
    assert written(encoded(LETTER)) == ONCE


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", NOTICES)
def test_each_letter_comes_back(name: str, lang: Lang) -> None:
    letter = NOTICES[name](lang)
    assert decoded(json.loads(written(encoded(letter))), Letter) == letter


def test_a_notice_is_kept_with_its_letter_and_can_be_erased(store: Database) -> None:
    change = AccountChange.of(account("boris"), NOW)
    made = Notice("n1", "d1", "measure", "fr", "Bonjour", LETTER, "by post (dora)")
    commit([change.told(made).told(Notice("n2", "d1", "measure", "en", "Hello"))])
    first, second = notices.notices_of("boris")
    assert (first.letter, first.by_hand, first.text) == (LETTER, "by post (dora)", "Bonjour")
    assert (second.letter, second.by_hand) == (None, "")
    assert notices.there(["n1", "n3"]) == {"n1"}
    leaves.erase_leaf(first.words)
    erased = notices.notice("n1")
    assert (erased.text, erased.letter, erased.sha256) == (None, None, first.sha256)
    with pytest.raises(NotFound):
        notices.notice("n3")


def test_a_text_that_is_not_its_hash_is_said(store: Database) -> None:
    """Whoever owns the database can drop a guard and edit; it is seen."""
    commit(
        [AccountChange.of(account("boris"), NOW).told(Notice("n1", "d1", "measure", "en", "Hello"))]
    )
    leaf = notices.notice("n1").words
    text = rows.select("SELECT text, salt FROM habeas_leaftext WHERE leaf = %s", [leaf])[0][0]
    leaves.erase_leaf(leaf)
    sql = "INSERT INTO habeas_leaftext (leaf, salt, text, personal) VALUES (%s, %s, %s, %s)"
    rows.execute_many(sql, [(leaf, b"s" * 16, text.replace("Hello", "Hullo"), True)])
    with pytest.raises(Unproven):
        notices.notice("n1")


def test_the_last_contact_counts_until_it_is_erased(store: Database) -> None:
    first = Contact("boris", "a@mail.example", "en")
    contacts.save([first, Contact("chen", "c@mail.example", "fr")], NOW)
    contacts.save([first, Contact("boris", "b@mail.example", "fr")], NOW + 1)
    found = contacts.contacts(["boris", "chen", "nobody"])
    assert {name: one.email for name, one in found.items()} == {
        "boris": "b@mail.example", "chen": "c@mail.example",
    }  # fmt: skip
    assert (contacts.erase("boris"), contacts.erase("boris")) == (True, False)
    assert set(contacts.contacts(["boris", "chen"])) == {"chen"}
