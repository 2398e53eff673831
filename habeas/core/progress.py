"""Progress: how far long work is, told to whoever waits."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]  # how much is done, of how much


def silent(_done: int, _all: int) -> None:
    """No progress is shown."""
