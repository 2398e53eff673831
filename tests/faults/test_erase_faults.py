"""Fault table of an erasure. Every statement is a step, and the process fails before it.

| broken step        | what is persisted                     | what the next try does |
|--------------------|---------------------------------------|------------------------|
| in the transaction | all that there was                    | all of it              |
| a letter's file    | texts, files and the contact are gone | deletes the letters    |
"""

from __future__ import annotations

from pathlib import Path

from habeas.config import Database
from habeas.flows.log.erase import erase
from habeas.ports.mail import MailFolder
from habeas.store import contacts, erasing, rows
from habeas.store.contacts import Contact
from tests.core.appeal.casework import EMIL
from tests.faults.test_store_faults import Broken, breaking
from tests.flows.log.test_erase import complained, mail, withdraw
from tests.store.life import LATER


def there() -> tuple[int, ...]:
    tables = ("leaf", "leaftext", "attachment", "contact")
    return tuple(int(rows.select(f"SELECT count(*) FROM habeas_{t}")[0][0]) for t in tables)


def test_an_erasure_broken_before_each_statement(store: Database, tmp_path: Path) -> None:
    withdraw("boris", complained("boris", "R-1"))
    contacts.save([Contact("boris", "boris@mail.example", "fr")], LATER)
    folder = MailFolder(tmp_path / "mail")
    folder.send(mail("mail n boris"))
    before, step, done = there(), 0, False
    while not done:
        step += 1
        try:
            with breaking(step):
                erase("boris", None, EMIL, "he asked", LATER, folder)
            done = True
        except Broken:
            if there() != before:  # all of it was done but to shorten the journal, and the letters
                break
            assert erasing.erasures() == []
    assert step > 15
    leaf, text, file, contact = before
    assert there() == (leaf + 1, text - 1, file - 1, contact - 1)
    erase("boris", None, EMIL, "he asked", LATER, folder)
    assert [*folder.path.iterdir()] == []
    assert len(erasing.erasures()) == 1
