"""Names made from what they name (no random), and lengths of time as people write them."""

from __future__ import annotations

import hashlib
import re

from habeas.core.canon import digest

SECOND = 1_000_000
UNITS = {"s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND, "d": 86_400 * SECOND}
UNITS["w"] = 7 * UNITS["d"]
UNIT_NAMES = {"second": "s", "minute": "m", "hour": "h", "day": "d", "week": "w"}
NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
DURATION = re.compile(r"([1-9][0-9]{0,5})([smhdw])\Z")


def finding_id(policy: str, version: int, outcome: str, event_id: str) -> str:
    """The same finding has the same id in every run (law 10), 32 hex digits."""
    return digest([policy, version, outcome, event_id])[:32]


def made_id(noun: str, *parts: str) -> str:
    """What is made once from the same parts has the same id in every run and retry (law 10), and
    another for every noun; 32 hex digits."""
    return digest([noun, *parts])[:32]


def share_of(account: str, salt: str) -> float:
    """Where an account falls in [0, 1), the same on every machine, apart for every salt."""
    head = hashlib.sha256(f"{salt}\x00{account}".encode()).digest()[:8]
    return int.from_bytes(head) / 2**64


def duration(text: str) -> int:
    """Microseconds of `30s`, `15m`, `24h`, `14d` or `2w`. Raises ValueError with one sentence."""
    found = DURATION.match(text)
    if not found:
        raise ValueError(f"'{text}' is not a length of time; write for example 24h, 14d or 52w")
    return int(found[1]) * UNITS[found[2]]


def spoken(us: int) -> str:
    """The shortest text that `duration` reads back: 1_209_600_000_000 is `14d`."""
    for unit in ("d", "h", "m", "s"):
        if us % UNITS[unit] == 0:
            return f"{us // UNITS[unit]}{unit}"
    return f"{us}us"
