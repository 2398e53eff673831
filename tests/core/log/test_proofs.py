"""A proof file holds for the key it names, reads back, and no part of it can be changed."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.errors import InvalidInput, NotFound, Unproven
from habeas.core.log.checkpoint import checkpoint_of
from habeas.core.log.proofs import Head, check_proof, check_whole, proofs_of, read_proof
from tests.core.log.logs import LOG, OTHER, decisions, leaf_of, moved, proved, salt_of, tree_of
from tests.core.samples import few

FIELDS = (
    "format decision moves kind value salt commitment leaf_hash index path checkpoint verifier_key"
).split()


@few
@given(st.integers(1, 60), st.booleans(), st.data())
def test_a_proof_of_any_leaf_reads_back_and_holds(
    count: int, erased: bool, data: st.DataObject
) -> None:
    proof = proved(data.draw(st.integers(0, count - 1)), count, erased)
    found = read_proof(json.loads(json.dumps(proof.as_json())))
    assert found == proof
    check_proof(found, LOG.verifier)


def test_the_file_has_these_fields() -> None:
    file = proved().as_json()
    assert list(file) == FIELDS
    assert file["value"] == '{"account":"A5","measure":"warn","share":0.7142857142857143}'
    gone = proved(erased=True).as_json()
    assert {name for name in FIELDS if gone[name] != file[name]} == {"value", "salt"}
    assert gone["value"] is gone["salt"] is None


@pytest.mark.parametrize("name", FIELDS)
def test_a_file_without_one_field_or_of_another_type_is_refused(name: str) -> None:
    file = proved().as_json()
    without = {key: value for key, value in file.items() if key != name}
    for wrong in (without, {**file, name: 1.5}, {**file, name: [1]}, {**file, name: True}, [file]):
        with pytest.raises(InvalidInput, match="not a proof file of the format habeas-proof-v1"):
            read_proof(wrong)


@pytest.mark.parametrize(
    ("changed", "error", "said"),
    [
        ({"kind": "notice"}, Unproven, "the kind and the commitment do not give the leaf hash"),
        ({"value": '{"account":"A6"}'}, Unproven, "the value and the salt do not give"),
        ({"value": '{"account": "A5"}'}, InvalidInput, "is not canonical JSON"),
        ({"value": None}, InvalidInput, "kept together and erased together"),
        ({"salt": "00" * 16}, Unproven, "the value and the salt do not give"),
        ({"salt": "00"}, InvalidInput, "a salt has 16 bytes or more"),
        ({"salt": "zz"}, InvalidInput, "'zz' is not lower-case hex"),
        ({"commitment": "00" * 32}, Unproven, "the value and the salt do not give"),
        ({"leaf_hash": "00" * 32}, Unproven, "the kind and the commitment do not give"),
        ({"path": ["AAAA="]}, InvalidInput, "a hash of the path is not base64"),
        ({"checkpoint": ""}, InvalidInput, "a signed note is a text"),
        ({"verifier_key": "x"}, InvalidInput, "a verifier key is written"),
    ],
)
def test_a_file_that_contradicts_itself_is_not_read(
    changed: dict[str, object], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=re.escape(said)):
        read_proof(proved().as_json() | changed)


def test_a_proof_that_was_changed_does_not_hold() -> None:
    proof = proved()
    for changed, said in [
        (replace(proof, index=6), "the path does not lead from leaf 6"),
        (replace(proof, index=11), "there is no leaf 11 in a tree of 11"),
        (replace(proof, path=proof.path[1:]), "fewer hashes"),
        (replace(proof, path=(*proof.path[1:], bytes(32))), "does not lead from leaf 5"),
        (replace(proof, leaf=decisions(9)[8]), "does not lead from leaf 5"),
        (replace(proof, note=replace(proof.note, text="x\n")), "is not one of this text"),
        (replace(proof, verifier=OTHER.verifier), "for another key than the one that is trusted"),
    ]:
        with pytest.raises(Unproven, match=said):
            check_proof(changed, LOG.verifier)
    with pytest.raises(Unproven, match="for another key"):
        check_proof(proof, OTHER.verifier)


def test_no_proof_is_made_that_would_not_hold() -> None:
    leaves = decisions(5)
    tree = tree_of([leaf.hash for leaf in leaves])
    note = checkpoint_of(tree, LOG.name).signed_by(LOG)
    late = leaf_of("decision", "late", salt_of(9))
    tree.append(late.hash)
    head = Head(tree, note, LOG.verifier)
    (made,) = proofs_of("d4", [(leaves[4], 4)], head)
    assert made.path == tuple(tree.inclusion(4, 5))
    with pytest.raises(NotFound, match="there is no leaf 5 in a tree of 5"):
        proofs_of("d4", [(late, 5)], head)
    with pytest.raises(Unproven, match="does not lead from leaf 3"):
        proofs_of("d4", [(leaves[4], 3)], head)
    with pytest.raises(Unproven, match="no signature of a trusted key"):
        proofs_of("d4", [(leaves[4], 4)], replace(head, verifier=OTHER.verifier))


def test_each_proof_says_how_many_moves_there_were() -> None:
    found = moved(3)
    assert [(p.decision, p.moves, p.leaf.kind) for p in found] == [
        ("d0", 3, "decision"), *[("d0", 3, "decision_move")] * 3,
    ]  # fmt: skip
    check_whole(found)
    check_whole(moved(0))
    check_whole([])


@pytest.mark.parametrize("left_out", [1, 2, 3])
def test_a_list_that_lacks_a_move_is_named(left_out: int) -> None:
    found = moved(3)
    del found[left_out]
    said = f"of the 3 moves of decision d0, number {left_out - 1} .from 0. is missing"
    with pytest.raises(Unproven, match=said):
        check_whole(found)


def test_no_list_is_made_of_moves_with_a_gap() -> None:
    move = leaf_of("decision_move", {"decision": "d0", "number": 1}, salt_of(1))
    tree = tree_of([move.hash])
    head = Head(tree, checkpoint_of(tree, LOG.name).signed_by(LOG), LOG.verifier)
    with pytest.raises(Unproven, match=r"number 0 .from 0. is missing"):
        proofs_of("d0", [(move, 0)], head)


def test_a_count_is_a_whole_number_from_0() -> None:
    with pytest.raises(InvalidInput, match="not a proof file"):
        read_proof(proved().as_json() | {"moves": -1})
