"""Contacts: where customers are reached, from a file that the platform writes.

A CSV with the columns account, email and lang (en or fr; empty for the platform's own). The file
is taken as a whole or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from habeas.core.appeal.appeals import UNANSWERED
from habeas.core.errors import IllegalMove, InvalidInput
from habeas.core.languages import LANGS, Lang
from habeas.ports.files import unreadable
from habeas.ports.mail import is_address
from habeas.store import contacts
from habeas.store.accounts import account
from habeas.store.contacts import Contact
from habeas.store.erasing import alone

COLUMNS = ("account", "email")
HEADER = "the first line names the columns: account,email,lang"


def take(path: Path, lang: Lang, now_us: int) -> int:
    """How many were taken, in the place of what was known of them; `lang` is for those that name
    none. Raises InvalidInput with the line that is wrong, and takes nothing."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise unreadable(path, "the file", error) from None
    except UnicodeDecodeError:
        raise InvalidInput(f"'{path}' is not UTF-8", "write it again as UTF-8") from None
    found = list(_read(path, text, lang))
    contacts.save(found, now_us)
    return len(found)


def erase(name: str) -> bool:
    """Where one customer is reached is forgotten; whether there was something to forget. Raises
    IllegalMove while an appeal is to be answered."""
    with alone():
        for appeal in account(name).appeals.values():
            if appeal.state in UNANSWERED:
                raise IllegalMove(
                    f"appeal {appeal.id} is not answered yet, and its answer goes to this address",
                    "answer it first, or let the customer withdraw it",
                )
        return contacts.erase(name)


def _read(path: Path, text: str, lang: Lang) -> Iterator[Contact]:
    lines = csv.DictReader(io.StringIO(text, newline=""))
    if missing := [name for name in COLUMNS if name not in (lines.fieldnames or ())]:
        raise InvalidInput(f"'{path}' has no column '{missing[0]}'", HEADER)
    for line in lines:
        where = f"'{path}' line {lines.line_num}"
        account, email = line["account"] or "", (line["email"] or "").strip()
        spoken = (line.get("lang") or lang).strip()
        if not account:
            raise InvalidInput(f"{where} names no account", HEADER)
        if not is_address(email):
            raise InvalidInput(f"{where}: {email[:80]!r} is no e-mail address", "correct it")
        if spoken not in LANGS:
            raise InvalidInput(
                f"{where}: '{spoken[:20]}' is no language here", f"write {' or '.join(LANGS)}"
            )
        yield Contact(account, email, cast(Lang, spoken))
