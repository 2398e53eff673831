"""A folder that listens: a server on loopback whose posts rise in a storm, and a file of counts."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from habeas.core.signal.feeds import Rise
from habeas.core.times import UNITS, iso
from habeas.flows.signal.listen import ListenReport, listen
from habeas.ports.folder import Folder
from habeas.ports.signals import Feed, read_feeds
from habeas.store import feeds
from tests.ports.answering import Answer, answering

MINUTE, HOUR, DAY = UNITS["m"], UNITS["h"], UNITS["d"]
FIVE = 5 * MINUTE
START_US = 1_522_627_200_000_000  # 2018-04-02
UNTIL_STORM_US = 5 * DAY + 16 * HOUR
STORM_US = START_US + UNTIL_STORM_US
KEYWORDS = "keywords: [account closed, compte fermé, '#compteferme']\n"
TEXTS = ("My account closed overnight @shop", "Mon COMPTE FERMÉ", "#CompteFermé", "lovely weather")
SIGNALS = """\
feeds:
  - {{name: posts, posts: "{address}", keywords: keywords.yaml}}
  - {{name: contacts, counts: contacts.csv, every: 1h}}
"""


def post(number: int | str, time_us: int, text: str = TEXTS[0]) -> bytes:
    told = {"id": str(number), "time": iso(time_us), "text": text}
    return json.dumps(told).encode() + b"\n"


def stream(start_us: int = START_US, days: float = 7, storm: int = 60) -> list[tuple[int, bytes]]:
    """Posts by their time: a few in five minutes, and a storm of so many for half an hour."""
    dice = random.Random(4)  # noqa: S311 - it only makes examples
    made = []
    for n in range(round(days * DAY / FIVE)):
        start = start_us + n * FIVE
        stormy = 0 <= n * FIVE - UNTIL_STORM_US < 30 * MINUTE
        for k in range(storm if stormy else dice.randint(0, 4)):
            time_us = start + k * 1_000_000
            made.append((time_us, post(f"{n}-{k}", time_us, dice.choice(TEXTS))))
    return made


@dataclass
class Listening:
    """`posts` are what will be said; the server says those up to `now_us`."""

    root: Path
    answer: Answer
    posts: list[tuple[int, bytes]] = field(default_factory=stream)
    now_us: int = START_US

    @property
    def folder(self) -> Folder:
        return Folder(self.root / ".habeas")

    @property
    def feeds(self) -> list[Feed]:
        return read_feeds(self.folder)

    def at(self, time_us: int, *, due: bool = False) -> dict[str, ListenReport]:
        """Listen then; the reports by feed."""
        self.say(time_us)
        found: dict[str, ListenReport] = {}
        listen(self.feeds, time_us, lambda r: found.update({r.feed: r}), due=due)
        return found

    def say(self, time_us: int) -> None:
        """What the server answers then."""
        self.now_us = time_us
        self.answer.body = b"".join(line for time, line in self.posts if time < time_us)

    def rises(self, name: str = "posts") -> list[Rise]:
        return [swing for swing in feeds.swings(name) if isinstance(swing, Rise)]


@contextmanager
def listening(root: Path) -> Iterator[Listening]:
    """Call it with a store open."""
    answer = Answer()
    with answering(answer) as address:
        (root / "keywords.yaml").write_text(KEYWORDS, encoding="utf-8")
        (root / "signals.yaml").write_text(SIGNALS.format(address=address), encoding="utf-8")
        counts = "".join(f"{iso(START_US + n * HOUR)},{5 + n % 3}\n" for n in range(24) if n != 7)
        (root / "contacts.csv").write_text(f"timestamp,value\n{counts}", encoding="utf-8")
        yield Listening(root, answer)
