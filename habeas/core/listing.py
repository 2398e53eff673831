"""Listings: a part of a list, and how to go on from there (docs/contract.md)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from habeas.core.errors import InvalidInput

Item = TypeVar("Item")
MOST = 1000  # items of one part, where nobody says


@dataclass(frozen=True, slots=True)
class Listing(Generic[Item]):
    """Some items in the order of the list; `next` is what to go on after, None at the end, and
    `total` how many there are in all."""

    items: tuple[Item, ...]
    next: str | None
    total: int


def listing(
    items: Sequence[Item], name: Callable[[Item], str], after: str | None, limit: int = MOST
) -> Listing[Item]:
    """The part of a whole list that follows the item named `after`. Raises InvalidInput where the
    list has no such item, or `limit` is none."""
    start = 0
    if after is not None:
        places = [place for place, item in enumerate(items) if name(item) == after]
        if not places:
            raise InvalidInput(f"the list has no '{after[:60]}'", "go on after the `next` it gave")
        start = places[0] + 1
    return part(items[start : start + limit + 1], name, len(items), limit)


def part(
    items: Sequence[Item], name: Callable[[Item], str], total: int, limit: int = MOST
) -> Listing[Item]:
    """The same where one item more than `limit` was read, which tells that there are more."""
    if limit < 1:
        raise InvalidInput("a list has one item or more", "give --limit a number from 1")
    shown = tuple(items[:limit])
    return Listing(shown, name(shown[-1]) if len(items) > limit else None, total)


def whole(items: Sequence[Item]) -> Listing[Item]:
    """A list that is never long, in one part."""
    return Listing(tuple(items), None, len(items))
