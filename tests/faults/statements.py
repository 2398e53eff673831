"""A process that kills itself after one of the statements it sends to its database."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from habeas.config import Database, Postgresql


@dataclass
class Statements:
    """How many were sent."""

    sent: int = 0


@contextmanager
def killed_after(step: int) -> Iterator[Statements]:
    """Within an open store: SIGKILL right after the `step`-th statement, as by the machine."""
    from django.db import connection

    statements = Statements()

    def wrapper(execute: Any, sql: Any, *rest: Any) -> Any:
        made = execute(sql, *rest)
        statements.sent += 1
        if statements.sent == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    with connection.execute_wrapper(wrapper):
        yield statements


def environment(database: Database) -> dict[str, str]:
    """Of a process that opens this database from its working folder."""
    from tests.databases import address

    said = dict(os.environ)
    if isinstance(database, Postgresql):
        said["HABEAS_DATABASE"] = address(database)
    return said
