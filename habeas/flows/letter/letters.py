"""Letters: what a person has to see to, since mail was given up or nobody can be reached."""

from __future__ import annotations

from dataclasses import dataclass

from habeas.core.errors import NotFound
from habeas.core.letter.delivery import WEBHOOK
from habeas.core.listing import MOST, Listing, listing
from habeas.store import outbox
from habeas.store.contacts import unreachable


@dataclass(frozen=True, slots=True)
class UnsentLetter:
    """A message that was given up (`kind` is mail or webhook; `name` is what sends it again), or a
    decision that nobody can be told of by mail (unreachable; `name` is the decision)."""

    kind: str
    name: str
    about: str
    why: str
    attempts: int = 0
    account: str | None = None
    measure: str | None = None
    since_us: int | None = None


def letters(after: str | None = None, limit: int = MOST) -> Listing[UnsentLetter]:
    """Messages first, then customers, of each the oldest first. Raises InvalidInput."""
    found = [
        UnsentLetter(
            "webhook" if one.message.channel == WEBHOOK else "mail",
            str(one.id), one.message.key, one.error, one.attempts,
        )
        for one in outbox.dead()
    ]  # fmt: skip
    found += [
        UnsentLetter(
            "unreachable", one.decision, one.decision, "nothing says where the customer is reached",
            0, one.account, one.measure, one.proposed_us,
        )
        for one in unreachable()
    ]  # fmt: skip
    return listing(found, lambda one: one.name, after, limit)


def retry(name: int, now_us: int) -> None:
    """A message that was given up is sent again, from its first attempt. Raises NotFound."""
    if not outbox.revive(name, now_us):
        raise NotFound(f"no message {name} was given up", "`habeas letters` lists those that were")
