"""Claims: which leaves something stands for, so that those that nothing does are named."""

from __future__ import annotations

from habeas.store.recorded import COMMIT, KINDS


class Claims:
    """The leaves that something stands for, and of which kind they are: one byte a leaf."""

    KNOWN = (COMMIT, *KINDS)

    def __init__(self) -> None:
        self._kinds = bytearray()
        self._far: dict[int, int] = {}  # numbers that no log of this length gives out

    def take(self, number: int, kind: str) -> bool:
        """False where something else stands for it already."""
        value = self.KNOWN.index(kind) + 1
        if self._of(number):
            return False
        if not 0 <= number < 1 << 31:
            self._far[number] = value
            return True
        if number >= len(self._kinds):
            self._kinds.extend(bytes(max(number + 1 - len(self._kinds), 1 << 16)))
        self._kinds[number] = value
        return True

    def has(self, number: int) -> bool:
        return bool(self._of(number))

    def _of(self, number: int) -> int:
        if number in self._far:
            return self._far[number]
        return self._kinds[number] if 0 <= number < len(self._kinds) else 0
