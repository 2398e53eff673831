"""Checkpoints: what the log was at one size, signed (C2SP tlog-checkpoint and signed-note).

A note is a text, an empty line, and signature lines `— NAME base64(key id || signature)`. Only
Ed25519 note signatures (type 0x01) are made and verified; those of other keys and types, such as
the cosignatures of witnesses, are carried along and ignored, as the specification asks.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from habeas.core.errors import Changed, InvalidInput, Unproven
from habeas.core.log.merkle import HASH, Provable

ED25519 = b"\x01"  # signed-note, "Signature types"
KEY = 32  # bytes of an Ed25519 key, public or seed (RFC 8032 section 5.1.5)
KEY_ID = 4  # bytes
MOST_SIGNATURES = 64  # of one note; verifiers must accept 16
LONGEST = 1_000_000  # bytes of a note: one signature may have 5 kB
DASH = "\N{EM DASH} "
LARGEST = 2**63 - 1  # leaves: what a database counts
SIZE = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z")
# Control characters but the newline; and lone surrogates, which UTF-8 cannot carry.
FORBIDDEN = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")
SEALED = re.compile(r"sealed ([0-9]{1,19}) after ([0-9]{1,19})\Z")
HEX_ID = re.compile(r"[0-9a-f]{8}\Z")


@dataclass(frozen=True, slots=True)
class Signature:
    """One line: the key's name, its id (4 bytes), and what it signed the text with."""

    name: str
    key_id: bytes
    made: bytes

    def __str__(self) -> str:
        return f"{DASH}{self.name} {coded(self.key_id + self.made)}\n"


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key that is trusted for a name. Its text is a C2SP vkey."""

    name: str
    key: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.key) != KEY:
            raise InvalidInput(f"an Ed25519 public key has {KEY} bytes, not {len(self.key)}")

    @property
    def key_id(self) -> bytes:
        """SHA-256(key name || 0x0A || signature type || public key)[:4]."""
        return key_id_of(self.name, ED25519 + self.key)

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{coded(ED25519 + self.key)}"

    def verifies(self, text: str, made: bytes) -> bool:
        """Whether `made` is this key's signature (RFC 8032) of the text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(made, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key: 32 secret bytes, and the name that goes with it."""

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.seed) != KEY:
            raise InvalidInput(f"the seed of an Ed25519 key has {KEY} bytes, not {len(self.seed)}")

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.name, self._key.public_key().public_bytes_raw())

    def sign(self, text: str) -> Signature:
        """The same key and text always give the same signature (RFC 8032 section 5.1.6)."""
        return Signature(self.name, self.verifier.key_id, self._key.sign(text.encode()))

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a newline, and the signatures under it, none verified yet."""

    text: str
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        if not self.text.endswith("\n") or FORBIDDEN.search(self.text):
            raise InvalidInput(
                "a note is lines of text that each end in a newline, without control characters"
            )

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"

    def signed_by(self, *signers: Signer) -> Note:
        """With one more signature for each signer: the log's, a second operator's..."""
        return replace(self, signatures=self.signatures + tuple(s.sign(self.text) for s in signers))

    def verified(self, verifiers: Iterable[Verifier]) -> tuple[Verifier, ...]:
        """Those of `verifiers` that signed, in the order of the note.

        Signatures of other keys are ignored. Raises Unproven where one of a known key is wrong
        or there is none of a known key, InvalidInput where two keys share both name and id."""
        known: dict[tuple[str, bytes], Verifier] = {}
        for verifier in verifiers:
            if known.setdefault((verifier.name, verifier.key_id), verifier) != verifier:
                raise InvalidInput(f"two keys of '{verifier.name}' have the same id")
        found: dict[Verifier, None] = {}
        for signature in self.signatures:
            signer = known.get((signature.name, signature.key_id))
            if signer is None:
                continue
            if not signer.verifies(self.text, signature.made):
                raise Unproven(
                    f"the signature of '{signer.name}' is not one of this text",
                    "text or signature was changed after signing",
                )
            found[signer] = None
        if not found:
            names = ", ".join(sorted(name for name, _ in known)) or "no key at all"
            raise Unproven("the note has no signature of a trusted key", f"trusted: {names}")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log named `origin` had `size` leaves and this root (32 bytes)."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()  # not recommended: monitors cannot audit them

    def __post_init__(self) -> None:
        if not 0 <= self.size <= LARGEST:
            raise InvalidInput(f"{self.size} is not the size of a log")
        if len(self.root) != HASH:
            raise InvalidInput(f"a root has {HASH} bytes, not {len(self.root)}")
        for line in (self.origin, *self.extensions):
            if not line or FORBIDDEN.search(line) or "\n" in line:
                raise InvalidInput("origin and extensions are lines of text that are not empty")

    @property
    def text(self) -> str:
        """The note's text: three lines or more, each with its newline."""
        lines = (self.origin, str(self.size), coded(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    def signed_by(self, *signers: Signer) -> Note:
        return Note(self.text, ()).signed_by(*signers)

    @property
    def sealed(self) -> tuple[int, int] | None:
        """When it was signed, microseconds UTC, and the size of the one before it, 0 where it is
        the first; None where the note does not say."""
        said = SEALED.match(self.extensions[0]) if self.extensions else None
        return None if said is None else (int(said[1]), int(said[2]))


def checkpoint_of(
    tree: Provable, origin: str, before: Checkpoint | None = None, time_us: int | None = None
) -> Checkpoint:
    """The checkpoint of all leaves. `before` is the last one that was signed: a log must not sign
    what is inconsistent with it, so Changed is raised where the tree does not begin with it.

    With a time it says, in an extension line, when it was signed and after which size. Without
    that, nothing shows that the time of a seal was changed, or a head in the middle taken out."""
    if before is not None and before.origin != origin:
        raise Changed(f"the last checkpoint is of the log '{before.origin}', not '{origin}'")
    if before is not None and (before.size > tree.size or tree.root(before.size) != before.root):
        raise Changed(
            f"the log no longer begins with the {before.size} leaves that were signed",
            "sign nothing; compare the leaves with a copy from before",
        )
    line = () if time_us is None else (f"sealed {time_us} after {before.size if before else 0}",)
    return Checkpoint(origin, tree.size, tree.root(), line)


def read_checkpoint(text: str) -> Checkpoint:
    """Reads a note's text. Raises InvalidInput with the line that is not as specified."""
    *lines, last = text.split("\n")
    if last or len(lines) < 3 or not all(lines):
        raise InvalidInput("a checkpoint has three lines or more, none of them empty")
    origin, size, root, *extensions = lines
    if not SIZE.match(size):
        raise InvalidInput(f"line 2 of the checkpoint, '{size[:40]}', is not the size of a log")
    return Checkpoint(origin, int(size), decoded(root, "line 3 of the checkpoint"), (*extensions,))


def trusted(
    note: Note, log: Verifier, witnesses: Sequence[Verifier] = (), origin: str | None = None
) -> Checkpoint:
    """The checkpoint of a note that the log and every one of `witnesses` signed.

    Its origin has to be `origin`, or the name of the log's key where none is given: a key that
    signs for two logs must not pass the one off as the other. Raises Unproven otherwise."""
    signed = note.verified((log, *witnesses))
    for one in (log, *witnesses):
        if one not in signed:
            raise Unproven(f"the checkpoint lacks the signature of '{one.name}'")
    found = read_checkpoint(note.text)
    if found.origin != (log.name if origin is None else origin):
        raise Unproven(f"the checkpoint is of another log, '{found.origin}'")
    return found


def read_note(raw: bytes | str) -> Note:
    """Reads a signed note and verifies nothing. Raises InvalidInput where it is malformed."""
    if len(raw) > LONGEST:
        raise InvalidInput(f"a signed note has {LONGEST} bytes or fewer")
    text = _utf8(raw) if isinstance(raw, bytes) else raw
    if FORBIDDEN.search(text):
        raise InvalidInput("a signed note has no control characters but newlines")
    # The text may have empty lines of its own: the last one is what parts it from the signatures.
    head, parted, tail = text.rpartition("\n\n")
    *lines, last = tail.split("\n")
    if not parted or last or not lines:
        raise InvalidInput("a signed note is a text, an empty line, and lines of signatures")
    if len(lines) > MOST_SIGNATURES:
        raise InvalidInput(f"a signed note has {MOST_SIGNATURES} signatures or fewer")
    return Note(f"{head}\n", tuple(map(_signature, lines)))


def key_id_of(name: str, material: bytes) -> bytes:
    """Of a key: SHA-256(key name || 0x0A || signature type || public key)[:4]."""
    return sha256(name.encode() + b"\n" + material).digest()[:KEY_ID]


def read_verifier(vkey: str) -> Verifier:
    """Reads `<key name>+<key id in hex>+<base64(type || public key)>`; raises InvalidInput."""
    return read_vkey(vkey, ED25519, "the verifier key is not of type 1, Ed25519 note signatures")


def read_vkey(vkey: str, kind: bytes, otherwise: str) -> Verifier:
    """A name and an Ed25519 key of a type (one byte), by the id of that type; raises InvalidInput,
    `otherwise` where the type is another."""
    name, _, rest = vkey.partition("+")
    key_id, _, material = rest.partition("+")
    if not HEX_ID.match(key_id):
        raise InvalidInput("a verifier key is written name+id+key, the id as 8 hex digits")
    data = decoded(material, "the key of the verifier key")
    if data[:1] != kind:
        raise InvalidInput(otherwise)
    found = Verifier(name, data[1:])
    if key_id_of(name, data).hex() != key_id:
        own = key_id_of(name, data).hex()
        raise InvalidInput(f"the id of the verifier key is {own}, not {key_id}")
    return found


def _signature(line: str) -> Signature:
    name, _, rest = line.removeprefix(DASH).partition(" ")
    if not line.startswith(DASH) or not rest:
        raise InvalidInput(f"'{line[:40]}' is not a signature: an em dash, a name, base64")
    _check_name(name)
    data = decoded(rest, f"the signature of '{name}'")
    if len(data) <= KEY_ID:
        raise InvalidInput(f"the signature of '{name}' is too short")
    return Signature(name, data[:KEY_ID], data[KEY_ID:])


def _check_name(name: str) -> None:
    if not name or "+" in name or any(c.isspace() for c in name) or FORBIDDEN.search(name):
        raise InvalidInput(
            f"'{name[:40]}' is not the name of a key: no spaces, no plus, not empty",
            "write it like example.com/log",
        )


def _utf8(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise InvalidInput("a signed note is UTF-8") from None


def coded(data: bytes) -> str:
    """Standard base64, RFC 4648 section 4."""
    return b64encode(data).decode()


def decoded(text: str, what: str) -> bytes:
    """RFC 4648 section 4, one spelling a value: a signature must not have two texts."""
    try:
        data = b64decode(text.encode("ascii"), validate=True)
    except ValueError:  # binascii.Error and UnicodeEncodeError are
        data = b""
    if not data or coded(data) != text:
        raise InvalidInput(f"{what} is not base64")
    return data
