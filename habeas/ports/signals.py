"""The feeds that are listened to: `signals.yaml` beside `.habeas`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from habeas.core.errors import InvalidPolicy, NotFound, Problem
from habeas.core.policy.shapes import Duration, Shape, Words, shaped
from habeas.core.policy.yaml import Document, read_document
from habeas.core.times import UNITS, duration
from habeas.ports.downloads import is_address
from habeas.ports.files import read_text
from habeas.ports.folder import Folder

FILE = "signals.yaml"
EXAMPLE = "docs/signals.md shows one; it names each feed, and its posts or its counts"


class FeedShape(Shape):
    """A stream of what people write, or of counts of it."""

    name: str = Field(
        pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60, description="for good"
    )
    posts: Words | None = Field(None, description="posts or contacts: a file or http(s)")
    keywords: Words | None = Field(None, description="the file that says what to count in posts")
    counts: Words | None = Field(
        None, description="instead of posts: timestamp and value, a file or http(s)"
    )
    every: Duration = Field("5m", description="how long is counted for one row; for good")
    delay: Duration | None = Field(None, description="how late the source is, at most")


class SignalsShape(Shape):
    """What Habeas listens to."""

    feeds: list[FeedShape] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Feed:
    """Of posts with the file of their keywords, or of counts without. Times in microseconds."""

    name: str
    source: str
    keywords: Path | None
    every_us: int
    delay_us: int = 0


def read_feeds(folder: Folder) -> list[Feed]:
    """In the order of the file. Raises NotFound, InvalidInput, InvalidPolicy."""
    path = folder.root.parent / FILE
    if not path.exists():
        raise NotFound(f"'{path}' is not there: there is nothing to listen to", EXAMPLE)
    document = read_document(read_text(path, "the file"), FILE)
    shape = shaped(document, SignalsShape)
    problems = [p for n in range(len(shape.feeds)) for p in _problems(document, shape.feeds, n)]
    if problems:
        raise InvalidPolicy(f"{FILE} has problems", problems=problems)
    return [_feed(one, path.parent) for one in shape.feeds]


def known_feeds(folder: Folder) -> list[Feed]:
    """The same, and none where there is no such file."""
    return read_feeds(folder) if (folder.root.parent / FILE).exists() else []


def _problems(document: Document, feeds: list[FeedShape], n: int) -> list[Problem]:
    feed, place = feeds[n], ("feeds", n)
    found = list[tuple[tuple[str | int, ...], str, str]]()
    if (feed.posts is None) == (feed.counts is None):
        found.append((place, "a feed has either `posts` or `counts`", "give one of them"))
    elif (feed.posts is None) != (feed.keywords is None):
        found.append((place, "`posts` and `keywords` go together", "name a file of keywords"))
    if feed.name in [one.name for one in feeds[:n]]:
        found.append(((*place, "name"), f"a feed '{feed.name}' is above already", "rename one"))
    every = duration(feed.every)
    if every < UNITS["m"] or UNITS["d"] % every:
        sentence = f"{feed.every} is less than a minute, or does not divide a day"
        found.append(((*place, "every"), sentence, "5m is usual"))
    return [document.problem(*one) for one in found]


def _feed(shape: FeedShape, folder: Path) -> Feed:
    source = shape.posts or shape.counts or ""
    return Feed(
        name=shape.name,
        source=source if is_address(source) else str(folder / source),
        keywords=folder / shape.keywords if shape.keywords else None,
        every_us=duration(shape.every),
        delay_us=duration(shape.delay) if shape.delay else 0,
    )
