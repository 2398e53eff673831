"""Init-key: a log gets the key that signs it, for good."""

from __future__ import annotations

import secrets

from habeas.core.log import Signer, Verifier
from habeas.core.log.checkpoint import KEY
from habeas.ports.keys import KeyFile


def init_key(name: str, file: KeyFile) -> Verifier:
    """Make it, keep it in the file, and give its public half. Raises InvalidInput for a name,
    Changed where there is a key, and Unwritable."""
    signer = Signer(name, secrets.token_bytes(KEY))
    file.make(signer)
    return signer.verifier
