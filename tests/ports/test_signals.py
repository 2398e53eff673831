"""`signals.yaml`: what it says, and one clear sentence where it cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from habeas.core.errors import InvalidPolicy, NotFound
from habeas.core.times import UNITS
from habeas.ports.folder import Folder
from habeas.ports.signals import Feed, known_feeds, read_feeds

GOOD = """\
feeds:
  - {name: posts, posts: "https://feed.example/posts", keywords: words.yaml, delay: 2m}
  - {name: contacts, counts: contacts.csv, every: 1h}
"""


def read(root: Path, text: str) -> list[Feed]:
    (root / "signals.yaml").write_text(text, encoding="utf-8")
    return read_feeds(Folder(root / ".habeas"))


def test_files_lie_beside_it_and_addresses_do_not(tmp_path: Path) -> None:
    posts, contacts = read(tmp_path, GOOD)
    assert posts == Feed(
        "posts", "https://feed.example/posts", tmp_path / "words.yaml", 5 * UNITS["m"],
        2 * UNITS["m"],
    )  # fmt: skip
    assert contacts == Feed("contacts", str(tmp_path / "contacts.csv"), None, UNITS["h"])


def test_without_it_there_is_nothing_to_listen_to(tmp_path: Path) -> None:
    folder = Folder(tmp_path / ".habeas")
    assert known_feeds(folder) == []
    with pytest.raises(NotFound, match=r"signals\.yaml' is not there: there is nothing"):
        read_feeds(folder)


@pytest.mark.parametrize(
    ("feeds", "said"),
    [
        ("[]", "`feeds`"),
        ("[{name: a}]", "a feed has either `posts` or `counts`"),
        ("[{name: a, posts: a.csv, counts: b.csv}]", "a feed has either `posts` or `counts`"),
        ("[{name: a, posts: a.csv}]", "`posts` and `keywords` go together"),
        ("[{name: a, counts: a.csv, keywords: k}]", "`posts` and `keywords` go together"),
        ("[{name: a, counts: a.csv, every: 7m}]", "7m is less than a minute, or does not divide"),
        ("[{name: a, counts: a.csv, every: 30s}]", "30s is less than a minute"),
        ("[{name: a, counts: a.csv, every: often}]", "`every` must be a length of time"),
        ("[{name: A b, counts: a.csv}]", "`name` must be small letters"),
        ("[{name: a, count: a.csv}]", "`count` is not a key here"),
        ("[{name: a, counts: a}, {name: a, counts: b}]", "a feed 'a' is above already"),
    ],
)
def test_what_it_cannot_use_is_named_with_its_place(tmp_path: Path, feeds: str, said: str) -> None:
    with pytest.raises(InvalidPolicy) as caught:
        read(tmp_path, f"feeds: {feeds}\n")
    (problem, *_) = caught.value.problems
    assert said in problem.sentence
    assert (problem.file, problem.line) == ("signals.yaml", 1)
