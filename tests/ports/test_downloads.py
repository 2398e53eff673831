"""What an address answers is at hand as a whole, or there is one sentence."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from habeas.core.errors import Unavailable
from habeas.ports import downloads
from habeas.ports.downloads import at_hand, is_address
from tests.ports.answering import answering


def test_a_file_is_at_hand_as_it_is(tmp_path: Path) -> None:
    with at_hand(str(tmp_path / "a.csv")) as path:
        assert path == tmp_path / "a.csv"


def test_an_answer_is_a_file_of_its_kind_while_it_is_used() -> None:
    with answering(b"id\n1\n", "text/csv") as url, at_hand(url) as path:
        assert path is not None
        assert (path.suffix, path.read_bytes()) == (".csv", b"id\n1\n")
    assert not path.exists()
    with answering(b"") as url, at_hand(url) as path:
        assert path is None


def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "PATIENCE_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/posts"
        with pytest.raises(Unavailable, match="does not answer: timed out"), at_hand(url):
            pass


def test_an_answer_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "LONGEST_S", -1.0)
    with (
        answering(b"{}\n" * 9) as url,
        pytest.raises(Unavailable, match="takes longer than"),
        at_hand(url),
    ):
        pass


@pytest.mark.parametrize(
    ("source", "is_one"),
    [("https://a.example/b", True), ("HTTP://a", True), ("a.csv", False), ("http.csv", False)],
)
def test_what_is_an_address(source: str, is_one: bool) -> None:
    assert is_address(source) is is_one


def test_an_address_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="does not answer"), at_hand("http://[half"):
        pass
