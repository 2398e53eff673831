"""Times: integer microseconds UTC, and lengths of time as people write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
UNITS = {"s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND, "d": 86_400 * SECOND}
UNITS["w"] = 7 * UNITS["d"]
UNIT_NAMES = {"second": "s", "minute": "m", "hour": "h", "day": "d", "week": "w"}
DURATION = re.compile(r"([1-9][0-9]{0,5})([smhdw])\Z")


def iso(us: int) -> str:
    """ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(us // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def exact(us: int) -> str:
    """The same, with the part of a second where there is one: nothing is lost."""
    return f"{iso(us)[:-1]}.{us % SECOND:06}Z" if us % SECOND else iso(us)


def minute(us: int) -> str:
    """`2018-04-02 13:00`, in UTC: the same for people of all languages."""
    return f"{datetime.fromtimestamp(us // SECOND, UTC):%Y-%m-%d %H:%M}"


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
