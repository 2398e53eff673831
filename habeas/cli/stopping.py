"""Stopping: what goes on until it is told to stop finishes what it has in hand first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Stop:
    """Set by SIGTERM or Ctrl-C while `listening`."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    @property
    def asked(self) -> bool:
        return self._asked.is_set()

    def ask(self, *_: object) -> None:
        self._asked.set()

    def wait(self, seconds: float) -> bool:
        """Whether it was asked for within that time."""
        return self._asked.wait(seconds)

    @contextmanager
    def listening(self) -> Iterator[None]:
        before = {s: signal.signal(s, self.ask) for s in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
