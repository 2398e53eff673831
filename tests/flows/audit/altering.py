"""One row of a table changed, deleted or put in by chance, below the guards."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from django.db import models

from habeas.store import guards, rows
from tests.stories.inside import at_once, guarded

LARGE = 2**40


@dataclass(frozen=True, slots=True)
class Alteration:
    """What is done to a row: `verb` is UPDATE, DELETE or INSERT; `column` is the changed one; the
    row as it was, and as it is."""

    verb: str
    table: rows.Table
    column: str
    before: dict[str, Any]
    after: dict[str, Any]

    def __str__(self) -> str:
        changed = {c: v for c, v in self.after.items() if self.before.get(c) != v}
        return f"{self.verb} {rows.name(self.table)} {self.before} {changed}"


def columns(table: rows.Table) -> list[str]:
    return [f.column for f in table._meta.local_concrete_fields]


def chosen(random: Random, table: rows.Table) -> Alteration:
    """By chance: a row, what is done to it, and to which of its columns."""
    listed = ", ".join(f'"{c}"' for c in columns(table))
    found = sorted(rows.select(f"SELECT {listed} FROM {rows.name(table)}"), key=repr)
    all_rows = [dict(zip(columns(table), map(_plain, row), strict=True)) for row in found]
    row = random.choice(all_rows)
    verb = random.choice(("UPDATE", "DELETE", "INSERT"))
    if verb == "DELETE":
        return Alteration(verb, table, "", row, {})
    if verb == "INSERT":
        return Alteration(verb, table, "", row, _copy(random, table, row, all_rows))
    column = random.choice(columns(table))
    after = {**row, column: _other(random, table, column, row[column], all_rows)}
    return Alteration(verb, table, column, row, after)


def alter(one: Alteration) -> None:
    """Below the guards, which are put back word for word. Raises IntegrityError where a key of the
    table does not allow it."""
    name = rows.name(one.table)
    said = " AND ".join(f'"{f.column}" = %s' for f in one.table._meta.pk_fields)
    key = [one.before[f.column] for f in one.table._meta.pk_fields]
    run: Callable[..., None] = at_once if guarded(name) else _bare
    if one.verb == "DELETE":
        run(name, f"DELETE FROM {{table}} WHERE {said}", *key)
    elif one.verb == "UPDATE":
        value = one.after[one.column]
        run(name, f'UPDATE {{table}} SET "{one.column}" = %s WHERE {said}', value, *key)
    else:
        listed = ", ".join(f'"{c}"' for c in one.after)
        places = ", ".join(["%s"] * len(one.after))
        run(name, f"INSERT INTO {{table}} ({listed}) VALUES ({places})", *one.after.values())


def _bare(table: str, sql: str, *values: object) -> None:
    rows.select(f"{sql.format(table=table)} RETURNING 1", values)


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def _copy(
    random: Random, table: rows.Table, row: dict[str, Any], every: list[dict[str, Any]]
) -> dict[str, Any]:
    """The row with another value in a column of each of its keys."""
    made = dict(row)
    for key in guards.guarded_keys(table):
        if all(made[column] == row[column] for column in key):
            column = random.choice(key)
            made[column] = _other(random, table, column, row[column], every)
    return made


def _other(
    random: Random, table: rows.Table, column: str, value: Any, every: list[dict[str, Any]]
) -> Any:
    """Another value of its kind: one that another row has there, or a slightly different one."""
    field = next(f for f in table._meta.local_concrete_fields if f.column == column)
    others = [v for v in (row[column] for row in every) if v != value and v is not None]
    made = [lambda: random.choice(others)] if others else []
    if field.null and value is not None:
        made.append(lambda: None)
    made.append(lambda: _near(random, field, value))
    return random.choice(made)()


def _near(random: Random, field: models.Field[Any, Any], value: Any) -> Any:
    if isinstance(field, models.BooleanField):
        return not value
    if isinstance(field, models.FloatField):
        return (value or 0.0) + random.choice((-1.0, 0.5, 1e9))
    if isinstance(field, models.IntegerField):
        return (value or 0) + random.choice((-1, 1, -LARGE, LARGE, random.randint(2, LARGE)))
    if isinstance(field, models.BinaryField):
        at = random.randrange(len(value))
        return value[:at] + bytes([value[at] ^ 1 << random.randrange(8)]) + value[at + 1 :]
    return _near_text(random, str(value or ""), isinstance(field, models.TextField))


def _near_text(random: Random, text: str, is_long: bool) -> str:
    """A character more, less or other; and of JSON, sometimes one value in it."""
    if is_long and text[:1] in "{[" and text and random.random() < 0.7:
        plain = json.loads(text)
        _change(random, plain)
        made = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if made != text:
            return made
    at = random.randrange(len(text) + 1)
    return random.choice((f"{text[:at]}x{text[at:]}", f"{text[:at]}{text[at + 1 :]}!", f"x{text}"))


def _change(random: Random, plain: Any) -> None:
    """One value somewhere in it."""
    keys: list[Any] = list(plain) if isinstance(plain, dict) else [*range(len(plain))]
    if not keys:
        return
    key = random.choice(keys)
    value = plain[key]
    if isinstance(value, dict | list) and value:
        _change(random, value)
    elif isinstance(value, bool):
        plain[key] = not value
    elif isinstance(value, int | float):
        plain[key] = value + random.choice((-1, 1, LARGE))
    elif isinstance(value, str):
        plain[key] = random.choice((value + "x", "", value.upper()))
    else:
        plain[key] = random.choice((1, "x", []))
