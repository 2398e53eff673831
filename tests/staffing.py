"""The staff of the cast, on the roster of a store."""

from __future__ import annotations

from habeas import wiring
from habeas.config import Database
from habeas.flows.staff import appoint
from habeas.store import staff
from tests.cast import ADA, STAFF
from tests.databases import another_store


def hire(now_us: int = 1) -> None:
    """Ada is the admin; from then on Dora, Emil, Fay and Gus are here, and Hugo is not."""
    if staff.roster().members:
        return
    appoint.add(ADA.id, ADA.name, ADA.roles, None, now_us)
    for person in STAFF:
        appoint.add(person.id, person.name, person.roles, ADA.id, now_us)


def hire_in(given: Database) -> None:
    with another_store(), wiring.opened(given):
        hire()
