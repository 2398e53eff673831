"""witnesses.yaml, and what a witness answers or does not."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from habeas.core.errors import InvalidInput, InvalidPolicy, NotFound, Unavailable
from habeas.ports.folder import Folder
from habeas.ports.witnesses import HttpReply, Witnesses, chosen, given_witness, read_witnesses
from tests.core.log.logs import LOG
from tests.core.log.test_cosignatures import ONE, TWO
from tests.ports.witnessing import SIZE, witnessing

URL = "https://witness.example/submit"


def written(root: Path, text: str) -> Folder:
    (root / "witnesses.yaml").write_text(text, encoding="utf-8")
    return Folder(root / ".habeas")


def listed(*keys: str, quorum: int = 1) -> str:
    lines = "".join(f"  - {{address: '{URL}/{n}/', key: '{key}'}}\n" for n, key in enumerate(keys))
    return f"quorum: {quorum}\nwitnesses:\n{lines}"


def test_the_file_names_who_is_asked(tmp_path: Path) -> None:
    assert read_witnesses(Folder(tmp_path / ".habeas")) == Witnesses()
    found = read_witnesses(written(tmp_path, listed(ONE.vkey, TWO.vkey, quorum=2)))
    assert found.quorum == 2
    assert [one.address for one in found.listed] == [f"{URL}/0", f"{URL}/1"]
    assert [str(one) for one in found.cosigners] == [ONE.vkey, TWO.vkey]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (listed(ONE.vkey, quorum=2), "there are 1 witnesses"),
        (listed(ONE.vkey, ONE.vkey), "this key is above already"),
        (listed(str(LOG.verifier)), "the key of a witness is not of type 4"),
        (listed("x"), "a verifier key is written"),
        (listed(ONE.vkey).replace("https:", "ftp:"), "is none that can be called"),
        (listed(ONE.vkey, quorum=0), "quorum"),
        ("quorum: 1\nwitnesses: []\n", "witnesses"),
        ("quorum: true\nwitnesses: 5\n", "quorum"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_place(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(InvalidPolicy) as caught:
        read_witnesses(written(tmp_path, text))
    assert any(says in p.sentence and p.line for p in caught.value.problems)


def test_options_choose_among_them(tmp_path: Path) -> None:
    known = read_witnesses(written(tmp_path, listed(ONE.vkey, TWO.vkey)))
    assert chosen(known, (), ()) == known.listed
    assert chosen(known, (f"{URL}/1/",), ()) == known.listed[1:]
    assert chosen(Witnesses(), (URL,), (ONE.vkey,)) == (given_witness(URL, ONE.vkey),)
    with pytest.raises(NotFound, match="no key is known for the witness at"):
        chosen(known, (URL,), ())
    with pytest.raises(InvalidInput, match="goes with one --witness"):
        chosen(known, (URL,), (ONE.vkey, TWO.vkey))


@pytest.mark.parametrize("address", ["", "witness.example", "ftp://w", "http://", "http://a b"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput, match="is none that can be called"):
        given_witness(address, ONE.vkey)


def test_an_answer_is_given_as_it_is() -> None:
    with witnessing() as server:
        asked = given_witness(f"{server.url}/", server.vkey)
        server.before = lambda _: (409, SIZE, "5\n")
        assert asked.ask("old 0\n\n") == HttpReply(409, SIZE, "5\n")
        assert server.asked == ["old 0\n\n"]
        server.before = lambda _: (302, "text/plain", "")
        assert asked.ask("").status == 302


def test_who_does_not_answer_is_named_without_a_password() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://me:secret@127.0.0.1:{port}/submit"
    with pytest.raises(Unavailable, match="does not answer") as caught:
        given_witness(address, ONE.vkey).ask("")
    assert f"127.0.0.1:{port}" in caught.value.message
    assert "secret" not in caught.value.message


def test_who_says_nothing_is_not_waited_for() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        asked = given_witness(f"http://127.0.0.1:{silent.getsockname()[1]}", ONE.vkey)
        with pytest.raises(Unavailable, match="nothing came in time"):
            asked.ask("", patience_s=0.2)
