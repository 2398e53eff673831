"""Erasure: the text is gone, from the file as well; the log is whole and says who and why."""

from __future__ import annotations

import pytest

from habeas.config import Database, Sqlite
from habeas.core.appeal.appeals import Withdraw, opened
from habeas.core.appeal.cases import case_of
from habeas.core.appeal.complaints import Complaint, attached
from habeas.core.errors import IllegalMove, InvalidInput, NotFound
from habeas.flows.log.erase import erase
from habeas.store import attachments, erasing, leaves, rows
from habeas.store.accounts import account
from habeas.store.changes import AccountChange
from habeas.store.commits import commit
from habeas.store.notices import notices_of
from tests.core.appeal.casework import EMIL, NOW, ROBOT
from tests.store.life import LATER, proposed
from tests.store.sealing import assert_whole, sealed

SAID = "I never sent these back, ask my neighbour Zbigniew."
FILE = b"a letter of a neighbour named Zbigniew"


def complained(name: str, reference: str) -> str:
    commit([proposed(name)])
    file = attached("letter.txt", FILE)
    read = account(name)
    complaint = Complaint(reference, name, (f"d {name}",), SAID, (file,))
    appeal, _ = opened(complaint, [*read.decisions.values()], [], LATER)
    assert appeal is not None
    door = case_of(reference, name, (f"d {name}",), "8WF2")
    commit([AccountChange.of(read, LATER).appealed(appeal).keeps(FILE).opens(door)])
    return appeal.id


def withdraw(name: str, appeal: str) -> None:
    commit([AccountChange.of(account(name), LATER).heard(appeal, Withdraw(LATER))])


def texts() -> str:
    return "\n".join(text for (text,) in rows.select("SELECT text FROM habeas_leaftext"))


def test_what_was_told_and_said_is_erased(store: Database) -> None:
    withdraw("boris", complained("boris", "R-1"))
    sealed()
    found = erase("boris", None, EMIL, "he asked for it", LATER)
    assert (len(found.leaves), len(found.files)) == (2, 1)
    assert "Zbigniew" not in texts()
    assert "Nous avons suspendu" not in texts()
    assert [n.text for n in notices_of("boris")] == [None]
    with pytest.raises(NotFound, match="is not here"):
        attachments.file(found.files[0])
    assert all(leaves.leaf(number).is_erased for number in found.leaves)
    assert [e.leaves for e in erasing.erasures()] == [found.leaves]
    assert "he asked for it" in texts()
    sealed()
    assert_whole()
    again = erase("boris", None, EMIL, "he asked again", LATER)
    assert not again
    assert "he asked again" not in texts()


def test_nothing_of_it_is_left_in_the_file(store: Database) -> None:
    withdraw("boris", complained("boris", "R-1"))
    erase("boris", None, EMIL, "he asked for it", LATER)
    if isinstance(store, Sqlite):
        for path in store.path.parent.glob("habeas.sqlite3*"):
            assert b"Zbigniew" not in path.read_bytes(), path


def test_one_case_alone(store: Database) -> None:
    withdraw("boris", complained("boris", "R-1"))
    withdraw("chen", complained("chen", "R-2"))
    found = erase(None, "R-1", EMIL, "he asked for it", LATER)
    assert (found.account, len(found.leaves)) == ("boris", 2)
    assert found.files == ()  # Chen sent the very same file
    assert account("chen").appeals.popitem()[1].text == SAID
    assert [n.text for n in notices_of("chen")] != [None]
    assert len(erase("chen", None, EMIL, "he asked too", LATER).files) == 1


def test_an_open_appeal_keeps_what_it_rests_on(store: Database) -> None:
    complained("boris", "R-1")
    with pytest.raises(IllegalMove, match="is not ruled on yet"):
        erase("boris", None, EMIL, "he asked for it", LATER)
    assert "Zbigniew" in texts()


def test_bad_requests_are_one_sentence(store: Database) -> None:
    withdraw("boris", complained("boris", "R-1"))
    with pytest.raises(NotFound, match="nothing is recorded on the account 'boros'"):
        erase("boros", None, EMIL, "x", NOW)
    with pytest.raises(NotFound, match="there is no case R-9"):
        erase(None, "R-9", EMIL, "x", NOW)
    with pytest.raises(InvalidInput, match="case R-1 is not of the account 'chen'"):
        erase("chen", "R-1", EMIL, "x", NOW)
    for by, why in ((ROBOT, "x"), (EMIL, " ")):
        with pytest.raises(InvalidInput, match="a person erases, and says why"):
            erase("boris", None, by, why, NOW)
