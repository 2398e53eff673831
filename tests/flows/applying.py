"""Plans put in force by those who may: Fay, and Gus where it takes two."""

from __future__ import annotations

from habeas import wiring
from habeas.config import Sqlite
from habeas.flows.policy import apply
from habeas.flows.policy.apply import SECOND, ApplyReport
from habeas.ports.folder import Folder
from tests import cast
from tests.flows.shop import Answer, Shop
from tests.staffing import hire

FAY, GUS = cast.FAY.actor, cast.GUS.actor


def agree_here(name: str, folder: Folder, now_us: int) -> ApplyReport:
    """In the store that is open."""
    hire()
    done = apply.apply(name, folder, FAY, now_us)
    return apply.apply(name, folder, GUS, now_us) if done.waiting_for else done


def agree(name: str, folder: Folder, now_us: int) -> ApplyReport:
    """In the store of the folder."""
    folder.prepare()
    with wiring.opened(Sqlite(folder.root / "habeas.sqlite3")):
        return agree_here(name, folder, now_us)


def staffed(shop: Shop) -> Shop:
    """The cast works in the store of the shop's own folder."""
    shop.folder.prepare()
    with wiring.opened(Sqlite(shop.folder.root / "habeas.sqlite3")):
        hire()
    return shop


def put_in_force(shop: Shop, name: str, *more: object) -> Answer:
    """By the command, which a second person repeats where it takes two."""
    staffed(shop)
    answer = shop.run("apply", name, "--as", "fay", *more)
    waits = "next: another person" in answer.out or SECOND in answer.out
    return shop.run("apply", name, "--as", "gus", *more) if waits else answer
