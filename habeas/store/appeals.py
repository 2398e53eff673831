"""Appeals in lists, the doors by which customers come in, and the files they send."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.db import transaction

from habeas.core.appeal import Appeal, AppealState, Case
from habeas.core.appeal.appeals import UNRULED
from habeas.core.appeal.cases import Entrance
from habeas.core.errors import NotFound
from habeas.store import models, rows
from habeas.store.codec import decoded, encoded, read, written


def due_us(appeal: Appeal) -> int | None:
    """When time alone moves it next: a reminder, an escalation (`core/appeal/appeals.due` says
    which)."""
    terms = appeal.terms
    if appeal.state in UNRULED:
        late = sorted(terms.escalations)[appeal.escalated :]
        remind = sorted(terms.reminders)[appeal.reminded :] if not appeal.escalated else []
        return min((appeal.opened_us + t for t in (*late, *remind)), default=None)
    if appeal.state is AppealState.RULED and appeal.ruled_us is not None and not appeal.escalated:
        return appeal.ruled_us + terms.carry_out_us
    return None


def appeal_row(appeal: Appeal, moves: int) -> rows.Row:
    """In the order of the columns of `AppealNow`."""
    reviewer = appeal.reviewer.name if appeal.reviewer else ""
    return (
        appeal.id, appeal.account, str(appeal.state), reviewer, appeal.opened_us, due_us(appeal),
        moves,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListedAppeal:
    """An appeal in a list, as the derived table says."""

    appeal: str
    account: str
    state: str
    reviewer: str
    opened_us: int
    due_us: int | None


LISTED = "SELECT id, account, state, reviewer, opened_us, due_us FROM habeas_appealnow WHERE "
MANY = 1000


AFTER = "AND (opened_us, id) > (SELECT opened_us, id FROM habeas_appealnow WHERE id = %s) "


def in_state(
    states: Sequence[AppealState], after: str | None = None, limit: int = MANY
) -> list[ListedAppeal]:
    """The oldest first; the next ones after an id."""
    later, bound = ("", []) if after is None else (AFTER, [after])
    sql = f"{LISTED} {_among(states)} {later}ORDER BY opened_us, id LIMIT %s"
    return [ListedAppeal(*row) for row in rows.select(sql, [*map(str, states), *bound, limit])]


def state_count(states: Sequence[AppealState]) -> int:
    """How many are in one of these states."""
    sql = f"SELECT count(*) FROM habeas_appealnow WHERE {_among(states)}"
    found: int = rows.select(sql, [*map(str, states)])[0][0]
    return found


def _among(states: Sequence[AppealState]) -> str:
    return f"state IN ({', '.join(['%s'] * len(states))})"


def due(now_us: int, limit: int = MANY) -> list[ListedAppeal]:
    """Of which somebody is to be reminded or told that it is late, the longest due first."""
    sql = f"{LISTED} due_us <= %s ORDER BY due_us, id LIMIT %s"
    return [ListedAppeal(*row) for row in rows.select(sql, [now_us, limit])]


# Cases: the door of a notice


def case_row(case: Case) -> rows.Row:
    """In the order of the columns of `Case`."""
    return case.reference, case.account, case.code_hash, written(encoded(case))


def case_of(reference: str) -> Case:
    """Raises NotFound."""
    for (text,) in rows.select("SELECT value FROM habeas_case WHERE reference = %s", [reference]):
        found: Case = decoded(read(text), Case)
        return found
    raise NotFound(f"there is no case {reference}", "the reference stands in the notice")


def entered(
    reference: str, attempt: Callable[[Case], tuple[Case, Entrance]]
) -> tuple[Case, Entrance]:
    """The case after a try, kept before anybody is told what became of it: of tries at the same
    moment each is counted. Raises NotFound."""
    with transaction.atomic():
        if rows.is_postgresql():
            locked = "SELECT 1 FROM habeas_case WHERE reference = %s FOR UPDATE"
            rows.select(locked, [reference])
        after, entrance = attempt(case_of(reference))
        rows.upsert(models.Case, [case_row(after)])
    return after, entrance


# Attachments: files by their hash


def keep_file(content: bytes) -> str:
    """The SHA-256, 64 hex digits; a file that is there already is kept once."""
    name = sha256(content).hexdigest()
    with transaction.atomic():
        there = rows.select("SELECT 1 FROM habeas_attachment WHERE sha256 = %s", [name])
        if not there:
            rows.insert(models.Attachment, [(name, content)])
    return name


def file(name: str) -> bytes:
    """The content by its SHA-256. Raises NotFound, also where it was erased."""
    for (content,) in rows.select(
        "SELECT content FROM habeas_attachment WHERE sha256 = %s", [name]
    ):
        return bytes(content)
    raise NotFound(f"the file {name[:12]} is not here", "it was never sent, or was erased")


FILES = "SELECT sha256, content FROM habeas_attachment WHERE sha256 > %s ORDER BY sha256 LIMIT 10"


def altered_files() -> Iterator[str]:
    """Those of which the content is not that of their hash, a few in memory at a time."""
    last = ""
    while found := rows.select(FILES, [last]):
        last = found[-1][0]
        for name, content in found:
            if sha256(content).hexdigest() != name:
                yield f"habeas_attachment {name}: is not the file of its hash"
