"""The log: leaves, the Merkle tree over them (RFC 6962), signed checkpoints, proofs.

What was recorded cannot be rewritten without this showing it (law 5, docs/transparency.md).
"""

from habeas.core.log.checkpoint import Checkpoint, Signer, Verifier
from habeas.core.log.leaves import Leaf
from habeas.core.log.proofs import Proof

__all__ = ["Checkpoint", "Leaf", "Proof", "Signer", "Verifier"]
