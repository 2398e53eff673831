"""A part of a list, and how to go on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.errors import InvalidInput
from habeas.core.listing import listing, whole

NAMES = st.lists(st.text("abc", min_size=1, max_size=3), unique=True, max_size=12)


@given(NAMES, st.integers(1, 5))
def test_all_parts_are_the_whole_list(names: list[str], limit: int) -> None:
    seen: list[str] = []
    after = None
    while True:
        found = listing(names, str, after, limit)
        assert found.total == len(names)
        assert len(found.items) <= limit
        seen += found.items
        if found.next is None:
            break
        after = found.next
    assert seen == names


def test_what_cannot_be_asked() -> None:
    with pytest.raises(InvalidInput, match="the list has no 'z'"):
        listing(["a"], str, "z")
    with pytest.raises(InvalidInput, match="one item or more"):
        listing(["a"], str, None, 0)


def test_a_short_list_is_whole() -> None:
    found = whole("abc")
    assert (found.items, found.next, found.total) == (("a", "b", "c"), None, 3)
