"""The clock: commands read it, and hand what it says to flows."""

from __future__ import annotations

import time


def now_us() -> int:
    """Microseconds UTC."""
    return time.time_ns() // 1000
