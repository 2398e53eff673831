"""Erasure: the text is gone, from the file as well; the log is whole and says who and why."""

from __future__ import annotations

from pathlib import Path

import pytest

import habeas.flows.letter.contacts
from habeas.config import Database, Sqlite
from habeas.core.appeal import Ruling, Verdict
from habeas.core.appeal.appeals import Answer, Assign, Attach, Rule, Withdraw, opened
from habeas.core.appeal.cases import case_of
from habeas.core.appeal.complaints import Complaint, attached
from habeas.core.audit.erasures import BEYOND, ErasureReport, KeepReason, Remainder, remainders
from habeas.core.errors import IllegalMove, InvalidInput, NotFound
from habeas.core.languages import LANGS
from habeas.flows.audit.verify import verify
from habeas.flows.log.erase import erase
from habeas.pages import erasure
from habeas.ports.mail import Mail, MailFolder
from habeas.store import attachments, contacts, erasing, leaves, outbox, rows
from habeas.store.accounts import account
from habeas.store.changes import AccountChange
from habeas.store.commits import commit
from habeas.store.contacts import Contact
from habeas.store.leaves import PERSONAL
from habeas.store.notices import notices_of
from habeas.store.recorded import KINDS
from tests import cast
from tests.core.appeal.casework import EMIL, NOW, ROBOT
from tests.staffing import hire
from tests.store.life import LATER, TEXTS, proposed
from tests.store.sealing import LOG, assert_whole, sealed

SAID = "I never sent these back, ask my neighbour Zbigniew."
FILE = b"a letter of a neighbour named Zbigniew"


def complained(name: str, reference: str) -> str:
    commit([proposed(name)])
    file = attached("letter of Zbigniew.txt", FILE)
    read = account(name)
    complaint = Complaint(reference, name, (f"d {name}",), SAID, (file,))
    appeal, _ = opened(complaint, [*read.decisions.values()], [], LATER)
    assert appeal is not None
    door = case_of(reference, name, (f"d {name}",), "8WF2")
    commit([AccountChange.of(read, LATER).appealed(appeal).keeps(FILE).opens(door)])
    return appeal.id


def problems() -> dict[str, list[str]]:
    return {c.name: c.problems for c in verify(LOG.verifier).checks}


def mail(key: str) -> Mail:
    return Mail(key, "a@shop.example", "Shop", "boris@mail.example", "x", "fr", "x", "x", b"x", NOW)


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
    assert Remainder("file", KeepReason.SENT_BY_ANOTHER, 1) in found.stays
    assert account("chen").appeals.popitem()[1].text == SAID
    assert [n.text for n in notices_of("chen")] != [None]
    assert len(erase("chen", None, EMIL, "he asked too", LATER).files) == 1


def test_all_of_it_is_gone_from_everywhere_and_verify_holds(
    store: Database, tmp_path: Path
) -> None:
    """Names of files, also of one that came later; the address, its letter in the mail folder, and
    what a server said of it."""
    hire()
    name = complained("boris", "R-1")
    late = AccountChange.of(account("boris"), LATER)
    added = b"a bill of the hospital, room 7"
    file = attached("Zbigniew's bill.txt", added)
    commit([late.heard(name, Attach(LATER, file)).keeps(added)], TEXTS)
    assert [a.name for a in account("boris").appeal(name).attachments] == [
        "letter of Zbigniew.txt", "Zbigniew's bill.txt",
    ]  # fmt: skip
    contacts.save([Contact("boris", "boris@mail.example", "fr")], LATER)
    folder = MailFolder(tmp_path / "mail")
    for key in ("mail n boris", "appeal x opened"):
        folder.send(mail(key))
    (claimed, *_) = outbox.claim(LATER)
    assert outbox.failed(claimed, "550 boris@mail.example has no mailbox", LATER, for_good=True)
    withdraw("boris", name)
    sealed()
    before = problems()
    found = erase("boris", None, cast.ADA.actor, "he asked", LATER, folder)
    assert found.erased == {"letter": 1, "complaint": 2, "file": 2, "contact": 1, "mail": 1}
    assert {one.why for one in found.stays} == {
        KeepReason.CLAIM, KeepReason.OUTSIDE, KeepReason.EXPIRES,
    }  # fmt: skip
    assert "Zbigniew" not in texts()
    assert contacts.contacts(["boris"]) == {}
    assert len([*folder.path.iterdir()]) == 1  # the word to those who work here
    assert "boris@" not in outbox.dead()[0].error
    assert [a.name for a in account("boris").appeal(name).attachments] == [
        a.sha256[:12] for a in (attached("a", FILE), attached("b", added))
    ]
    assert erasing.erasures()[0].contact
    sealed()
    assert problems() == before
    assert verify(LOG.verifier).erased == 3
    folder.send(mail("mail n boris"))  # a crash before its letter was deleted
    again = erase("boris", None, cast.ADA.actor, "he asked again", LATER, folder)
    assert again.erased["mail"] == sum(again.erased.values()) == 1


def test_the_address_stays_while_an_answer_is_due(store: Database) -> None:
    name = complained("boris", "R-1")
    contacts.save([Contact("boris", "boris@mail.example", "fr")], LATER)
    says = "is not answered yet, and its answer goes to this address"
    with pytest.raises(IllegalMove, match=says):
        habeas.flows.letter.contacts.erase("boris")
    ruling = Ruling("d boris", Verdict.UPHOLD, "they came back in his name")
    change = AccountChange.of(account("boris"), LATER).heard(name, Assign(LATER, EMIL))
    commit([change.heard(name, Rule(LATER, EMIL, (ruling,)))])
    with pytest.raises(IllegalMove, match=says):
        habeas.flows.letter.contacts.erase("boris")
    found = erase("boris", None, EMIL, "he asked for it", LATER)
    assert found.erased["contact"] == 0
    assert Remainder("contact", KeepReason.ANSWER_DUE, 1) in found.stays
    commit([AccountChange.of(account("boris"), LATER).heard(name, Answer(LATER, "n"))])
    assert erase("boris", None, EMIL, "he asked again", LATER).erased["contact"] == 1
    assert not habeas.flows.letter.contacts.erase("boris")


def test_each_kind_of_leaf_is_erased_or_has_a_reason_to_stay() -> None:
    """And a name in each language."""
    kinds = {**dict.fromkeys(KINDS, 1), "commit": 1}
    stays = remainders({k: n for k, n in kinds.items() if k not in PERSONAL}, 0, due=False)
    assert {one.why for one in stays if one.what in kinds} == {KeepReason.CLAIM}
    report = ErasureReport("boris", None, dict.fromkeys(PERSONAL, 1), (), (), stays)
    assert len(erasure.erasure(report, "en")) == len(erasure.erasure(report, "fr")) == 4
    for lang in LANGS:
        assert erasure.TEXTS[lang].keys() >= {*KeepReason, *kinds, *BEYOND, "mail"}


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
