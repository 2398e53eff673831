"""Rotate-key: the log gets a new key, signed in by the old one. Run again, it goes on.

| broken step                     | what is persisted      | what recovery does                  |
|---------------------------------|------------------------|-------------------------------------|
| making the new key              | nothing, or its file   | takes the one that is there         |
| sealing with the old key        | the file               | seals what is left                  |
| recording the rotation          | the file               | records it                          |
| sealing with the new key        | the file, the leaf: the| seals; until then the old key is    |
|                                 | old key signs no more  | refused, and nothing is lost        |
| putting the new key in place    | all but that           | puts it in place                    |

The old key seals all there is first, so that the leaf comes in the next seal, and with it the term
of the new key begins. Of two that rotate at once the first leaf counts; the other key is refused.
"""

from __future__ import annotations

from habeas.core.decision import Actor
from habeas.core.errors import Changed, InvalidInput
from habeas.core.log import Signer
from habeas.core.log.rotations import KeyTerm, rotation
from habeas.flows.log.init_key import init_key
from habeas.flows.log.key_ring import key_ring
from habeas.flows.log.seal import seal
from habeas.ports.heads import HeadFile
from habeas.ports.keys import KeyFile, Keys
from habeas.store.leaves import record_rotation


def rotate_key(
    keys: Keys, file: KeyFile, by: Actor, now_us: int, kept: HeadFile | None = None
) -> KeyTerm:
    """From the key of the log to the one in `file`, which is made where there is none; in its
    place, where the log's own is a file too. Returns the new key's term. Raises NotFound,
    InvalidInput, Unwritable; Changed and Unproven as `seal`."""
    if not by.person:
        raise InvalidInput("a person rotates the key")
    old = keys.signer()
    if not file.path.exists():
        init_key(old.name, file)
    new = file.signer()
    _let_in(old, new, by, now_us, kept)
    seal(new, now_us, kept)
    term = key_ring(new.verifier).terms[-1]
    if isinstance(keys, KeyFile):
        keys.take(file)
    return term


def _let_in(old: Signer, new: Signer, by: Actor, now_us: int, kept: HeadFile | None) -> None:
    made = rotation(old, new)
    if any(term.key == old.verifier for term in key_ring(new.verifier).terms):
        return
    in_force = key_ring(old.verifier).terms[-1].key
    if in_force != old.verifier:
        hint = "give that one; `habeas checkpoint --keys` lists the keys of the log"
        raise Changed(f"the log got another key already: {in_force}", hint)
    seal(old, now_us, kept)
    record_rotation(str(made.note), by, now_us)
