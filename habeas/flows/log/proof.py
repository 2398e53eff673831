"""Proof: what was recorded on a decision is in the log, for whoever checks it without us."""

from __future__ import annotations

from dataclasses import dataclass

from habeas.core.errors import NotFound
from habeas.core.log import Proof, Verifier
from habeas.core.log.checkpoint import read_note
from habeas.core.log.proofs import Head, proofs_of
from habeas.flows.log.key_ring import key_ring
from habeas.store import tree
from habeas.store.accounts import account_of
from habeas.store.leaves import leaf, of_decision


@dataclass(frozen=True, slots=True)
class Proofs:
    """One for each record of a decision, the first recorded first; `unsealed` counts those that
    the next seal brings into the log."""

    decision: str
    proofs: tuple[Proof, ...]
    unsealed: int

    def as_json(self) -> list[dict[str, object]]:
        """The value of the file."""
        return [proof.as_json() for proof in self.proofs]


def proofs(decision: str, verifier: Verifier) -> Proofs:
    """Proofs of a decision's birth, moves, notices and settlements, up to the latest
    checkpoint, of a log of which one key is known. Raises NotFound, also where nothing of it is
    sealed, and Unproven where the log does not hold: a proof that fails is never handed out."""
    account_of(decision)
    last = tree.checkpoint()
    numbers = of_decision(decision)
    places = {n: tree.place_of(n) for n in numbers}
    if last is None or all(place is None for place in places.values()):
        raise NotFound(f"decision {decision} is not in the log yet", "run `habeas seal`, then this")
    sealed = [(leaf(number), place) for number, place in places.items() if place is not None]
    signed_by = key_ring(verifier).at(last.size)
    head = Head(tree.KeptTree(last.size), read_note(last.note), signed_by)
    return Proofs(decision, proofs_of(decision, sealed, head), len(numbers) - len(sealed))
