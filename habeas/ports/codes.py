"""Codes of notices: made from a secret and the notice, so that no table ever holds one.

The database has the hash of a code (core/appeal/cases), the customer has the code, and whoever
prints or sends a notice again makes the same one from the secret: HMAC-SHA256, cut to the 80 bits
of a code. The secret is a file of the working folder, or HABEAS_CODES (64 hex digits) where several
machines send. Lost, it loses no right: a new code is sent (`core/appeal/cases.renewed`)."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import digest

from habeas.core.appeal.cases import RANDOM, code_of
from habeas.core.errors import InvalidInput, Unwritable
from habeas.engine.durable import sync_folder
from habeas.ports.files import own_file, read_secret
from habeas.ports.folder import Folder

VARIABLE = "HABEAS_CODES"
FILE = "codes.key"
BYTES = 32
HINT = f"restore it from a copy, or give {VARIABLE}; new codes can be sent"


@dataclass(frozen=True, slots=True)
class CaseCodes:
    """Makes the code of a notice."""

    secret: bytes = field(repr=False)

    def of(self, notice: str) -> str:
        return code_of(digest(self.secret, f"habeas-notice-v1\n{notice}".encode(), sha256)[:RANDOM])


def codes(environment: Mapping[str, str], folder: Folder) -> CaseCodes:
    """The codes of this working folder; the secret is made where there is none yet. Raises
    InvalidInput, Unwritable."""
    if given := environment.get(VARIABLE, ""):
        return CaseCodes(_secret(given, VARIABLE))
    path = folder.root / FILE
    with folder.locked():
        if not path.exists():
            _make(folder)
    return CaseCodes(_secret(read_secret(path, "the secret of codes").strip(), f"'{path}'"))


def _secret(text: str, where: str) -> bytes:
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    if len(secret) != BYTES:
        raise InvalidInput(f"{where} holds no secret of {2 * BYTES} hex digits", HINT)
    return secret


def _make(folder: Folder) -> None:
    """Readable by its owner alone, and on the disk before any code is made from it."""
    path, part = folder.root / FILE, folder.root / f".{FILE}.part"
    try:
        part.unlink(missing_ok=True)
        own_file(part)
        with part.open("w", encoding="ascii") as file:
            file.write(secrets.token_hex(BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        sync_folder(folder.root)
    except OSError as error:
        raise Unwritable(f"'{path}' cannot be written: {error.strerror}", "make room") from None
