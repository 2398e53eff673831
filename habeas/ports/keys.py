"""The key that signs the log: from a file that only its owner reads, or from the environment, as
a secret store hands it over. The database never has it.

It is text as Go's sumdb writes it: PRIVATE+KEY+<name>+<id>+<base64(type || seed)>. The name is
that of the log (C2SP asks for one without a scheme, like shop.example/log), and is for good.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from habeas.core.errors import Changed, InvalidInput, NotFound, Unwritable
from habeas.core.log import Signer, Verifier
from habeas.core.log.checkpoint import ED25519, KEY, coded, decoded, read_verifier
from habeas.engine.durable import sync_folder
from habeas.ports.files import own_file, own_folder, read_secret, read_text, write_text

PRIVATE = "PRIVATE+KEY+"
MAKE = "make one with `habeas init-key shop.example/log`"


class Keys(Protocol):
    """Where the log's key is. Each raises NotFound and InvalidInput."""

    def signer(self) -> Signer:
        """With the secret: for `seal` alone."""

    def verifier(self) -> Verifier:
        """What everybody may know."""


@dataclass(frozen=True, slots=True)
class KeyFile:
    """`path` holds the secret, and `<path>.pub` beside it what everybody may know."""

    path: Path

    @property
    def public(self) -> Path:
        return self.path.with_name(f"{self.path.name}.pub")

    def signer(self) -> Signer:
        if not self.path.exists():
            raise NotFound(f"there is no key in '{self.path}'", MAKE)
        text = read_secret(self.path, "the key")
        return read_signer(text.strip(), f"'{self.path}'")

    def verifier(self) -> Verifier:
        if self.public.exists():
            return read_verifier(read_text(self.public, "the public key of the log").strip())
        return self.signer().verifier

    def make(self, signer: Signer) -> None:
        """Keep a new key. Raises Changed where there is one, which is left as it is. The secret
        comes first: a crash leaves it alone, and the public one follows from it."""
        try:
            own_folder(self.path.parent)
            _write_once(self.path, f"{secret_text(signer)}\n")
            write_text(self.public, f"{signer.verifier}\n")
        except FileExistsError:
            hint = "use it; `habeas rotate-key` gives the log a new one"
            raise Changed(f"there is a key in '{self.path}' already", hint) from None
        except OSError as error:
            raise Unwritable(f"'{self.path}' cannot be written: {error.strerror}") from None

    @property
    def next(self) -> KeyFile:
        """Where a new key waits until it takes this one's place."""
        return KeyFile(self.path.with_name(f"{self.path.name}.next"))

    def take(self, new: KeyFile) -> None:
        """Put a new key in the place of this one, which stays beside it by its id. A crash leaves
        the old one in place or the new one; a public file that was left behind is of a key that
        leads to the new one. Raises Unwritable."""
        old, signer = self.signer().verifier, new.signer()
        try:
            with suppress(FileExistsError):  # of a crash
                self.path.with_name(f"{self.path.name}.{old.key_id.hex()}").hardlink_to(self.path)
            new.path.replace(self.path)
            write_text(self.public, f"{signer.verifier}\n")
            new.public.unlink(missing_ok=True)
            sync_folder(self.path.parent)
        except OSError as error:
            raise Unwritable(f"'{self.path}' cannot be written: {error.strerror}") from None


def _write_once(path: Path, text: str) -> None:
    """A whole file or none, its owner's alone: linked to its name once it is on the disk."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        own_file(part)
        with part.open("w", encoding="utf-8") as made:
            made.write(text)
            made.flush()
            os.fsync(made.fileno())
        path.hardlink_to(part)
        sync_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class GivenKey:
    """The secret as text, from the variable of this name."""

    variable: str
    text: str = field(repr=False)

    def signer(self) -> Signer:
        return read_signer(self.text.strip(), self.variable)

    def verifier(self) -> Verifier:
        return self.signer().verifier


def secret_text(signer: Signer) -> str:
    name, key_id = signer.name, signer.verifier.key_id.hex()
    return f"{PRIVATE}{name}+{key_id}+{coded(ED25519 + signer.seed)}"


def read_signer(text: str, where: str) -> Signer:
    """Raises InvalidInput, which never quotes the secret."""
    name, _, rest = text.removeprefix(PRIVATE).partition("+")
    key_id, _, material = rest.partition("+")
    try:
        data = decoded(material, "the key")
        signer = Signer(name, data[1:])
        sound = text.startswith(PRIVATE) and data[:1] == ED25519 and len(data) == 1 + KEY
    except InvalidInput:
        sound = False
    if not sound or signer.verifier.key_id.hex() != key_id:
        raise InvalidInput(f"{where} holds no key that signs a log", MAKE)
    return signer
