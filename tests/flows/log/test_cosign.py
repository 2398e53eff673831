"""Witnesses are asked for each head; what they answer, or do not, never undoes a seal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from habeas.config import Database
from habeas.core.log.checkpoint import read_note
from habeas.core.log.cosignatures import cosigners_of
from habeas.flows.audit.verify import VerifyReport, verify
from habeas.flows.log.cosign import Outcome, WitnessAnswer, cosign
from habeas.flows.log.head import last_head
from habeas.ports.witnesses import Witness, Witnesses, given_witness
from habeas.store import cosignatures, tree
from tests.faults.test_store_faults import Broken, breaking
from tests.ports.witnessing import SIZE, Answer, Head, LoopbackWitness, witnessing
from tests.store.sealing import LOG, OTHER, add_leaves, assert_whole, sealed
from tests.store.tampering import tamper

KEY = str(LOG.verifier)
CHECK = "cosignatures are of their heads"


@pytest.fixture
def witness(store: Database) -> Iterator[LoopbackWitness]:
    """Of a log of 5 leaves that it has not seen."""
    add_leaves(1, 5)
    sealed()
    with witnessing(KEY) as server:
        yield server


def of(server: LoopbackWitness) -> Witness:
    return given_witness(server.url, server.vkey)


def asked(server: LoopbackWitness) -> WitnessAnswer:
    (found,) = cosign([of(server)])
    return found


def check(report: VerifyReport) -> tuple[int, list[str], str]:
    (found,) = [c for c in report.checks if c.name == CHECK]
    return found.looked_at, found.problems, found.skipped


def test_each_head_is_cosigned_once(witness: LoopbackWitness) -> None:
    quorum = Witnesses(1, (of(witness),))
    assert last_head(asked=quorum).lacks == "the head of 5 leaves has 0 of 1 cosignatures"
    for size, old in ((5, 0), (9, 5), (300, 9)):
        add_leaves(tree.size() + 1, size - tree.size())
        sealed()
        assert asked(witness) == WitnessAnswer(witness.url, Outcome.COSIGNED)
        assert witness.last[LOG.name].size == size
        assert witness.asked[-1].startswith(f"old {old}\n")
        turns = len(witness.asked)
        assert asked(witness).outcome is Outcome.COSIGNED
        assert len(witness.asked) == turns
        head = last_head(asked=quorum)
        assert (head.cosigned, head.quorum, head.lacks) == (1, 1, "")
        assert cosigners_of(read_note(str(head.note)), quorum.cosigners) == quorum.cosigners
    assert check(verify(LOG.verifier, asked=quorum)) == (3, [], "")


def test_nothing_sealed_is_nothing_to_ask(store: Database) -> None:
    with witnessing(KEY) as server:
        assert cosign([of(server)]) == []
        quorum = Witnesses(1, (of(server),))
        assert check(verify(None, asked=quorum)) == (0, [], "")


def test_a_witness_that_knows_an_older_head_tells_its_size(witness: LoopbackWitness) -> None:
    """What it cosigned and we never kept: after a crash, or from another machine."""
    asked(witness)
    tamper("habeas_cosignature", "DELETE FROM {table}")
    add_leaves(6, 4)
    sealed()
    assert asked(witness).outcome is Outcome.COSIGNED
    assert [body.split("\n")[0] for body in witness.asked] == ["old 0", "old 0", "old 5"]


def test_a_cosignature_that_was_lost_is_given_again(witness: LoopbackWitness) -> None:
    asked(witness)
    tamper("habeas_cosignature", "DELETE FROM {table}")
    assert asked(witness).outcome is Outcome.COSIGNED
    assert [body.split("\n")[0] for body in witness.asked] == ["old 0", "old 0", "old 5"]


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        (Head(9, bytes(32)), "it has seen a head of 9 leaves, and the log has 5"),
        (Head(5, bytes(32)), "it has seen a head that this log does not go on from"),
        (Head(3, bytes(32)), "it has seen a head that this log does not go on from"),
    ],
)
def test_a_witness_that_has_seen_another_log_says_so(
    witness: LoopbackWitness, seen: Head, says: str
) -> None:
    witness.last[LOG.name] = seen
    assert asked(witness) == WitnessAnswer(witness.url, Outcome.CONTRADICTED, says)
    assert witness.last[LOG.name] == seen
    assert cosignatures.last_size(witness.vkey) == 0


def answers(body: str, status: int = 200, kind: str = "text/plain") -> Answer:
    return status, kind, body


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (answers("", 403), "it does not know the key that signed the head; give its operator"),
        (answers("", 404), "it does not know this log; ask its operator to take it up"),
        (answers("", 400), "it answers 400"),
        (answers("", 500), "it answers 500"),
        (answers("", 302), "it answers 302"),
        (answers("5\n", 409), "it answers 409"),
        (answers("many\n", 409, SIZE), "the answer tells no size of a log"),
        (answers("", 200), "a signed note is a text, an empty line, and lines of signatures"),
        (answers("thank you\n", 200), "'thank you' is not a signature"),
        (answers("\N{EM DASH} w AAAAAAAAAA==\n", 200), "the answer has no cosignature of"),
    ],
)
def test_what_a_witness_does_undoes_no_seal(
    witness: LoopbackWitness, answer: Answer, says: str
) -> None:
    witness.before = lambda _: answer
    found = asked(witness)
    assert found.outcome is Outcome.NOT_COSIGNED
    assert found.says.startswith(says)
    assert "\n" not in found.says
    assert tree.size() == 5
    assert_whole()
    quorum = Witnesses(1, (of(witness),))
    marked = "the head of 5 leaves has 0 of 1 cosignatures"
    assert check(verify(LOG.verifier, asked=quorum)) == (0, [], marked)
    witness.before = lambda _: None
    assert asked(witness).outcome is Outcome.COSIGNED


def test_a_cosignature_of_another_head_is_not_taken(witness: LoopbackWitness) -> None:
    other = last_head().note.text.replace("\n5\n", "\n6\n")
    witness.before = lambda _: answers(witness.line(other))
    found = asked(witness)
    assert found.says == f"the cosignature of '{witness.name}' is not one of this head"


def test_a_witness_of_another_key_or_log_refuses(store: Database) -> None:
    add_leaves(1, 5)
    sealed()
    with witnessing(str(OTHER.verifier)) as stranger, witnessing() as empty:
        assert asked(stranger).says.startswith("it does not know the key that signed")
        assert asked(empty).says.startswith("it does not know this log")


def test_one_that_is_down_does_not_keep_the_others(witness: LoopbackWitness) -> None:
    with witnessing(KEY, name="witness.example/w2", seed=bytes(32)) as second:
        down, up = of(witness), of(second)
        broken = given_witness("http://127.0.0.1:9/submit", witness.vkey)
        found = cosign([broken, up])
        assert [one.outcome for one in found] == [Outcome.NOT_COSIGNED, Outcome.COSIGNED]
        assert "the witness at 127.0.0.1:9 does not answer" in found[0].says
        assert last_head(asked=Witnesses(1, (down, up))).lacks == ""
        two = Witnesses(2, (down, up))
        assert last_head(asked=two).lacks == "the head of 5 leaves has 1 of 2 cosignatures"
        assert cosign([down])[0].outcome is Outcome.COSIGNED
        assert last_head(asked=two).lacks == ""


def test_others_that_ask_meanwhile_are_waited_for_so_long(witness: LoopbackWitness) -> None:
    told = iter((1, 2, 3, 4))
    witness.before = lambda _: (409, SIZE, f"{next(told)}\n")
    assert asked(witness).says == "others ask it at the same time"
    assert len(witness.asked) == 3


def test_broken_before_each_statement(witness: LoopbackWitness) -> None:
    step = 0
    while True:
        step += 1
        try:
            with breaking(step):
                assert asked(witness).outcome is Outcome.COSIGNED
            break
        except Broken:
            assert_whole()
    assert step > 3
    assert cosignatures.last_size(witness.vkey) == 5
    assert check(verify(LOG.verifier))[:2] == (1, [])


def test_a_cosignature_that_somebody_puts_in_is_named(witness: LoopbackWitness) -> None:
    asked(witness)
    line = witness.line(last_head().note.text)
    for size in (5, 7):
        forged = LoopbackWitness(f"witness.example/{size}", bytes([size]) * 32, {})
        made = line if size == 5 else forged.line(last_head().note.text)
        note = read_note(f"x\n\n{made}")
        cosignatures.keep(size, forged.vkey, note.signatures[0])
    looked, problems, _ = check(verify(LOG.verifier))
    assert looked == 3
    assert len(problems) == 2
    assert all("the cosignature by witness.example/" in one for one in problems)
