"""What a leaf of the log commits to, so that a text can be erased and the log stays whole (law 5).

Three steps, each a few lines of text that `sha256sum` can check by hand:

    text        the canonical JSON (RFC 8785) of the value
    commitment  SHA-256 of  habeas-value-v1 LF <salt, hex> LF <text>
    entry       habeas-leaf-v1 LF <kind> LF <commitment, hex> LF

The tree holds SHA-256(0x00 || entry), RFC 6962 section 2.1. The first line keeps the two hashes
apart from each other and from the tree's, whose first byte is 0 or 1; each part ends before the
next begins, so no two inputs make the same bytes.

To erase is to drop text and salt. Kind and commitment still make the entry, so every proof holds.
Who has only the commitment cannot test a guess, however short the text was: they would have to
guess the salt, 2**128 values or more. That is true if each leaf has a salt of its own from a
cryptographic random source, and if the salt is nowhere kept but with the text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from habeas.core.canon import SAFE_INTEGER, canonical
from habeas.core.errors import InvalidInput, Unproven
from habeas.core.ids import NAME
from habeas.core.log.merkle import HASH, leaf_hash

LEAST_SALT = 16  # bytes: 128 bits are out of reach of guessing
VALUE, ENTRY = "habeas-value-v1", "habeas-leaf-v1"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf. `text` is the canonical text of the value and `salt` 16 bytes or more; both are
    None once erased. One that exists is sound: making it raises Unproven where text and salt do
    not give the commitment, InvalidInput where a part has no right form."""

    kind: str
    commitment: bytes
    text: str | None = None
    salt: bytes | None = None

    def __post_init__(self) -> None:
        if not NAME.match(self.kind):
            raise InvalidInput(
                f"'{self.kind}' is not the name of a kind of leaf", "write for example decision"
            )
        if len(self.commitment) != HASH:
            raise InvalidInput(f"a commitment has {HASH} bytes, not {len(self.commitment)}")
        if (self.text is None) != (self.salt is None):
            raise InvalidInput("a value and its salt are kept together and erased together")
        if (
            self.text is not None
            and self.salt is not None
            and commitment(self.text, self.salt) != self.commitment
        ):
            raise Unproven(
                "the value and the salt do not give the commitment",
                "one of the three was changed after it was written",
            )

    @property
    def is_erased(self) -> bool:
        return self.text is None

    @property
    def value(self) -> Any:
        """The value, read back from its text; None when erased."""
        return None if self.text is None else _read(self.text)

    @property
    def entry(self) -> bytes:
        """The bytes that the tree hashes: the same before and after erasure."""
        return f"{ENTRY}\n{self.kind}\n{self.commitment.hex()}\n".encode()

    @property
    def hash(self) -> bytes:
        """The leaf hash, 32 bytes."""
        return leaf_hash(self.entry)

    def erased(self) -> Leaf:
        """What stays when the value must go (GDPR article 17)."""
        return Leaf(self.kind, self.commitment)


def commitment(text: str, salt: bytes) -> bytes:
    """32 bytes that bind to the text and, without the salt, tell nothing of it."""
    if len(salt) < LEAST_SALT:
        raise InvalidInput(
            f"a salt has {LEAST_SALT} bytes or more, not {len(salt)}",
            "take it from a cryptographic random source",
        )
    return sha256(f"{VALUE}\n{salt.hex()}\n{text}".encode()).digest()


def is_canonical(text: str) -> bool:
    """Whether the text is RFC 8785: what it says can then be read in one way only."""
    try:
        return canonical(_read(text)) == text
    except (ValueError, RecursionError):
        return False


def _read(text: str) -> Any:
    return json.loads(text, parse_int=_integer)


def _integer(digits: str) -> int | float:
    # A number this large was a double: canonical text has integers beyond the safe as strings.
    value = float(digits)
    return int(value) if abs(value) <= SAFE_INTEGER else value
