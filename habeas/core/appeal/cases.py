"""Cases: the door by which a customer comes in without the closed account (law 4).

Every notice carries a case reference and a one-time code. The reference may be known to anyone;
the code is 80 random bits, written so that it can be read aloud. Only its hash is kept: with 80
bits nobody finds the code from it, so that a fast hash is enough. Whoever guesses has five tries
an hour; the door is never shut for good, or a stranger could take the right to appeal away.
"""

from __future__ import annotations

from base64 import b32encode
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest

from habeas.core.errors import InvalidInput
from habeas.core.times import UNITS

RANDOM = 10  # bytes: 80 bits, 16 letters
MOST_TRIES = 5
SHUT_US = UNITS["h"]
# Crockford's alphabet: no letter looks like a digit. What is read wrong is read as was meant.
RFC_4648, CROCKFORD = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
WRITTEN = str.maketrans(RFC_4648, CROCKFORD)
READ = str.maketrans("OIL", "011", " -\u2010\u2011\u00a0\u202f")


class Entrance(StrEnum):
    """What became of a try."""

    OPEN = "open"
    WRONG = "wrong"
    SHUT = "shut"  # too many tries; the code was not looked at
    USED = "used"  # right, but it has opened its appeal: send a new one


@dataclass(frozen=True, slots=True)
class Case:
    """The decisions that one notice told, and what opens an appeal against them.

    `code_hash` is that of the code sent last; `failed` counts tries since the last right one or
    the last shutting; `shut_until_us` and `used_us` are microseconds UTC. The case is stored in
    the same transaction as every try, or tries at the same moment are not counted."""

    reference: str
    account: str
    decisions: tuple[str, ...]
    code_hash: str
    failed: int = 0
    shut_until_us: int = 0
    used_us: int | None = None


def code_of(random: bytes) -> str:
    """The code for 10 bytes from a cryptographic source: `8WF2-Q0ZD-...`, 16 letters in fours.
    Raises InvalidInput where there are more or fewer."""
    if len(random) != RANDOM:
        raise InvalidInput(f"a code is made of {RANDOM} random bytes, not {len(random)}")
    text = b32encode(random).decode().translate(WRITTEN)
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4))


def code_hash(reference: str, code: str) -> str:
    """SHA-256, 64 hex digits, of the code as it is meant: without spaces and hyphens, in capitals.
    The reference is part of it, so that no two cases have the same hash."""
    meant = code.upper().translate(READ)
    return sha256(f"habeas-code-v1\n{reference}\n{meant}".encode("utf-8", "replace")).hexdigest()


def case_of(reference: str, account: str, decisions: tuple[str, ...], code: str) -> Case:
    """The case of a notice. Raises InvalidInput where it names nothing."""
    if not (reference.strip() and account and decisions):
        raise InvalidInput("a case has a reference, an account and at least one decision")
    return Case(reference, account, decisions, code_hash(reference, code))


def tried(case: Case, code: str, now_us: int) -> tuple[Case, Entrance]:
    """The case after a try, and what became of it. The time it takes says nothing about how much
    of the code was right."""
    if now_us < case.shut_until_us:
        return case, Entrance.SHUT
    if not compare_digest(code_hash(case.reference, code), case.code_hash):
        failed = case.failed + 1
        if failed < MOST_TRIES:
            return replace(case, failed=failed), Entrance.WRONG
        return replace(case, failed=0, shut_until_us=now_us + SHUT_US), Entrance.WRONG
    return replace(case, failed=0), Entrance.OPEN if case.used_us is None else Entrance.USED


def used(case: Case, now_us: int) -> Case:
    """The code has opened an appeal and opens no other; a new one follows the appeal."""
    return replace(case, used_us=now_us)


def renewed(case: Case, code: str) -> Case:
    """A new code instead of the old, sent to the address that the platform knows. It works even
    while the door is shut: who has it did not guess."""
    fresh = code_hash(case.reference, code)
    return replace(case, code_hash=fresh, failed=0, shut_until_us=0, used_us=None)
