"""Commit: together or not at all, once, and only on what was read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from django.db import connection

from habeas.config import Database
from habeas.core.decision import DecisionState
from habeas.core.decision.decisions import Approve
from habeas.core.errors import Changed, IllegalMove, InvalidInput, NotFound, Unproven
from habeas.core.policy import Measure
from habeas.core.property.holdings import Balance
from habeas.core.property.ledger import balances, complaints
from habeas.store import guards, leaves, ledger, models, rows
from habeas.store.accounts import account, account_of, accounts
from habeas.store.changes import Account, AccountChange, Message
from habeas.store.commits import commit
from habeas.store.notices import notice, notices_of
from tests.core.appeal.casework import DAY, DORA, EMIL, NOW, POLICY, decision
from tests.core.property.owned import BORIS
from tests.store.life import LATER, TEXTS, proposed, record_everything, reversed_, suspended


def how_many(table: rows.Table) -> int:
    return int(rows.select(f"SELECT count(*) FROM {rows.name(table)}")[0][0])


def everything() -> dict[str, int]:
    tables = (*guards.APPEND_ONLY, models.LeafText, models.Outbox, models.DecisionNow)
    return {rows.name(table): how_many(table) for table in tables}


def as_read(change: AccountChange) -> Account:
    return replace(change.account, version=change.before.version + 1)


def test_what_was_committed_is_what_is_read(store: Database) -> None:
    change = proposed()
    commit([change], TEXTS)
    assert account("boris") == as_read(change)
    change = suspended(account("boris"))
    commit([change])
    read = account("boris")
    assert read == as_read(change)
    assert read.decisions["d boris"].state is DecisionState.IN_FORCE
    assert read.standing(LATER).suspended
    assert [s.act.value for s in read.custody.recorded] == ["settle"]
    change = reversed_(read)
    commit([change])
    read = account("boris")
    assert read == as_read(change)
    assert read.version == 3
    assert not read.standing(LATER + DAY).suspended


def test_money_is_in_the_ledger_and_back_after_a_reversal(store: Database) -> None:
    commit([proposed()])
    before = balances(ledger.entries())
    commit([suspended(account("boris"))])
    held = balances(ledger.entries("boris"))
    assert held != before
    assert held == balances(ledger.entries())
    commit([reversed_(account("boris"))])
    entries = ledger.entries()
    assert balances(entries) == before
    assert complaints(entries) == []


def test_the_holdings_follow(store: Database) -> None:
    commit([proposed()])
    assert account("boris").custody.holdings == tuple(BORIS)
    commit([suspended(account("boris"))])
    wallet = account("boris").custody.holdings[0]
    assert (wallet.free, wallet.held) == (0, 20_00)  # type: ignore[union-attr]


def test_a_report_comes_on_top_of_what_was_settled(store: Database) -> None:
    """What is reported while suspended is held as well, and only that is settled anew."""
    commit([proposed()])
    commit([suspended(account("boris"))])
    read = account("boris")
    more = replace(read.custody.holdings[0], id="won", free=5_00, held=0)
    change = AccountChange.of(read, LATER + 1).reported((*read.custody.holdings, more), ())
    commit([change])
    read = account("boris")
    assert read == as_read(change)
    won = next(h for h in read.custody.holdings if h.id == "won")
    assert (won.free, won.held) == (0, 5_00)  # type: ignore[union-attr]
    assert len(read.custody.recorded) == 2


def test_the_same_change_twice_is_refused_and_writes_nothing(store: Database) -> None:
    change = proposed()
    commit([change])
    before = everything()
    with pytest.raises(Changed, match="the account 'boris' has changed since it was read"):
        commit([change])
    with pytest.raises(Changed, match="recorded already"):
        commit([replace(change, before=account("boris"))])
    assert everything() == before
    assert account("boris").version == 1


def test_of_two_who_read_the_same_one_is_refused(store: Database) -> None:
    commit([AccountChange.of(account("boris"), NOW).proposed(decision(Measure.CLOSE))])
    read = account("boris")
    commit([AccountChange.of(read, NOW).moved("d1", Approve(NOW, DORA))])
    late = AccountChange.of(read, NOW).moved("d1", Approve(NOW, EMIL))
    with pytest.raises(Changed):
        commit([late])
    assert account("boris").decisions["d1"].approvers == (DORA,)


def test_one_stale_account_of_many_stops_all(store: Database) -> None:
    read = accounts(["boris", "chen"])
    commit([proposed("chen")])
    changes = [
        AccountChange.of(a, NOW).proposed(decision(Measure.WARN, f"w {a.name}", account=a.name))
        for a in read.values()
    ]
    with pytest.raises(Changed, match="one of these accounts"):
        commit(changes)
    assert account("boris") == Account("boris")


def test_two_changes_of_one_account_are_refused(store: Database) -> None:
    read = account("boris")
    first, second = (
        AccountChange.of(read, NOW).proposed(decision(Measure.WARN, name)) for name in ("a", "b")
    )
    with pytest.raises(Changed):
        commit([first, second])
    assert account("boris") == Account("boris")


def test_nothing_to_record_is_no_commit(store: Database) -> None:
    commit([AccountChange.of(account("boris"), NOW)])
    assert account("boris").version == 0


@pytest.mark.parametrize("many", [2, 1200])
def test_many_accounts_in_one_commit(store: Database, many: int) -> None:
    names = [f"account {i}" for i in range(many)]
    read = accounts(names)
    changes = [
        AccountChange.of(a, NOW)
        .proposed(decision(Measure.CLOSE, f"d {a.name}", account=a.name))
        .moved(f"d {a.name}", Approve(NOW, DORA))
        for a in read.values()
    ]
    commit(changes, TEXTS)
    found = accounts(names)
    assert len(found) == many
    assert all(a.decisions[f"d {n}"].state is DecisionState.APPROVED for n, a in found.items())
    assert how_many(models.Leaf) == 3 * many  # birth, move, commit
    commit([], TEXTS)
    assert rows.select("SELECT text FROM habeas_policytext") == [(POLICY.text,)]


def test_a_notice_is_word_for_word_and_its_message_waits(store: Database) -> None:
    commit([proposed()])
    told = notice("n boris")
    assert told.text == "Nous avons suspendu votre compte."
    assert (told.account, told.decision, told.lang) == ("boris", "d boris", "fr")
    assert notices_of("boris") == [told]
    assert how_many(models.Outbox) == 1
    with pytest.raises(NotFound, match="there is no notice n2"):
        notice("n2")


def test_an_erased_notice_keeps_its_leaf(store: Database) -> None:
    commit([proposed()])
    told = notice("n boris")
    before = leaves.leaf(told.words)
    leaves.erase_leaf(told.words)
    assert notice("n boris").text is None
    after = leaves.leaf(told.words)
    assert after.is_erased
    assert after.hash == before.hash


def test_every_leaf_binds_to_its_text(store: Database) -> None:
    record_everything()
    numbers = [n for (n,) in rows.select("SELECT number FROM habeas_leaf ORDER BY number")]
    kinds = [leaves.leaf(number).kind for number in numbers]
    assert set(kinds) == {
        "finding", "passed", "decision", "decision_move", "inventory", "settlement", "notice",
        "letter", "exemption", "commit",
    }  # fmt: skip
    assert numbers == sorted(set(numbers))
    with pytest.raises(NotFound, match="the log has no record 0"):
        leaves.leaf(0)


def test_moves_on_what_is_not_there(store: Database) -> None:
    with pytest.raises(NotFound, match="there is no decision d9 on the account 'boris'"):
        AccountChange.of(account("boris"), NOW).moved("d9", Approve(NOW, DORA))
    with pytest.raises(NotFound, match="there is no decision d9"):
        account_of("d9")
    commit([proposed()])
    assert account_of("d boris") == "boris"
    with pytest.raises(IllegalMove):
        AccountChange.of(account("boris"), NOW).moved("d boris", Approve(NOW, DORA))


def test_an_entry_that_lost_a_posting_cannot_be_read(store: Database) -> None:
    """Only who drops the guards can do this; reading tells it."""
    commit([proposed()])
    name = "habeas_ledgerposting"
    with connection.cursor() as cursor:
        on = f" ON {name}" if rows.is_postgresql() else ""
        cursor.execute(f"DROP TRIGGER {name}_no_delete{on}")
        cursor.execute(f"DELETE FROM {name} WHERE line = 0")
    with pytest.raises(Unproven, match="of the ledger cannot be read"):
        ledger.entries()


@pytest.mark.parametrize("name", ["a" * 601, "nul \0 within"])
def test_a_name_that_no_database_holds(store: Database, name: str) -> None:
    made = decision(Measure.WARN, "w", account=name)
    with pytest.raises(InvalidInput, match="cannot be the name of an account"):
        commit([AccountChange.of(Account(name), NOW).proposed(made)])


def test_a_report_comes_first(store: Database) -> None:
    commit([proposed()])
    change = suspended(account("boris"))
    with pytest.raises(ValueError, match="a report comes first"):
        change.reported((), ())


def test_a_commit_between_two_questions_is_no_error(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new report and its settlement come in while the account is read, at every question."""
    commit([proposed()])
    commit([suspended(account("boris"))])
    asked = rows.select_in

    def interrupted(number: int) -> Callable[[str, Sequence[str]], list[tuple[Any, ...]]]:
        questions = count(1)

        def select_in(sql: str, names: Sequence[str]) -> list[tuple[Any, ...]]:
            if next(questions) == number:
                monkeypatch.setattr("habeas.store.accounts.select_in", asked)
                read = account("boris")
                left = [h for h in read.custody.holdings if not h.id.startswith("won")]
                won = Balance(f"won {number}", "EUR", 5_00)
                commit([AccountChange.of(read, LATER + number).reported((*left, won), ())])
            return list(asked(sql, names))

        return select_in

    for number in range(2, 9):
        monkeypatch.setattr("habeas.store.accounts.select_in", interrupted(number))
        stale = account("boris")
        change = AccountChange.of(stale, LATER + 99).sends(Message(f"m{number}", "mail", {}))
        with pytest.raises(Changed):
            commit([change])
