"""Plans put in force by those who may: Fay, and Gus where it takes two."""

from __future__ import annotations

import os

from habeas import wiring
from habeas.config import Sqlite, database
from habeas.flows.clock import VARIABLE
from habeas.flows.policy import apply
from habeas.flows.policy.apply import SECOND, ApplyReport
from habeas.ports.clock import now_us
from habeas.ports.folder import Folder
from tests import cast
from tests.databases import another_store
from tests.flows.shop import Answer, Shop
from tests.staffing import hire

FAY, GUS = cast.FAY.actor, cast.GUS.actor


def agree_here(name: str, folder: Folder, at_us: int) -> ApplyReport:
    """In the store that is open."""
    hire()
    done = apply.apply(name, folder, FAY, at_us)
    return apply.apply(name, folder, GUS, at_us) if done.waiting_for else done


def agree(name: str, folder: Folder, at_us: int) -> ApplyReport:
    """In the store of the folder."""
    folder.prepare()
    with another_store(), wiring.opened(Sqlite(folder.root / "habeas.sqlite3")):
        return agree_here(name, folder, at_us)


def staffed(shop: Shop) -> Shop:
    """The cast works in the store that the shop's commands use: since always, or from now on where
    the clock is asked."""
    shop.folder.prepare()
    with another_store(), wiring.opened(database(os.environ, shop.folder)):
        hire(1 if VARIABLE in os.environ else now_us())
    return shop


def put_in_force(shop: Shop, name: str, *more: object) -> Answer:
    """By the command, which a second person repeats where it takes two."""
    staffed(shop)
    answer = shop.run("apply", name, "--as", "fay", *more)
    waits = "next: another person" in answer.out or SECOND in answer.out
    return shop.run("apply", name, "--as", "gus", *more) if waits else answer
