"""Complaints: what a customer sends with an appeal, and what is taken in.

A file is a value here: its name, its type, its size and its SHA-256. Its type is what its first
bytes say, whatever a browser says. What is refused is refused with a reason, never dropped; the
text is kept word for word."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from habeas.core.errors import InvalidInput

# What a browser shows without running anything: no HTML, no SVG, no office file with macros.
MEDIA_TYPES = frozenset(
    "application/pdf image/jpeg image/png image/webp message/rfc822 text/plain".split()
)
MEBIBYTE = 2**20
MOST_BYTES = 10 * MEBIBYTE  # of one file
MOST_TOGETHER = 50 * MEBIBYTE
MOST_FILES = 20
LONGEST_NAME = 255  # bytes of UTF-8, as file systems have it
LONGEST_TEXT = 20_000  # characters
SHA_256 = re.compile(r"[0-9a-f]{64}\Z")
# a path, a control character, or a sign that turns the direction of writing ("fdp.exe")
UNSAFE = re.compile(
    "[/\\\\\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file; `size` in bytes, `sha256` in 64 hex digits. Raises InvalidInput where it is not
    taken in."""

    name: str
    media_type: str
    size: int
    sha256: str

    def __post_init__(self) -> None:
        unsafe = UNSAFE.search(self.name) or self.name.strip(". ") == ""
        if unsafe or len(self.name.encode()) > LONGEST_NAME:
            raise InvalidInput(f"{self.name[:40]!r} is no name for a file")
        if self.media_type not in MEDIA_TYPES:
            known = ", ".join(sorted(MEDIA_TYPES))
            raise InvalidInput(f"{self.name} is '{self.media_type}'", f"it can be: {known}")
        if not 0 < self.size <= MOST_BYTES:
            limit = f"a file has at most {MOST_BYTES // MEBIBYTE} MiB"
            raise InvalidInput(f"{self.name} has {self.size} bytes", limit)
        if not SHA_256.match(self.sha256):
            raise InvalidInput(f"the SHA-256 of {self.name} is not 64 hex digits")

    @property
    def nameless(self) -> Attachment:
        """As what stays knows it: called by its hash, since its name is the customer's words."""
        return replace(self, name=self.sha256[:12])


# After the WHATWG's MIME Sniffing, patterns of images and of PDF
MAGIC = (
    (re.compile(rb"%PDF-"), "application/pdf"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"RIFF....WEBPVP", re.DOTALL), "image/webp"),
)
# RFC 5322: fields of printable ASCII and a colon, among them who sent it and when
FIELDS = rb"(?:[^\r\n].*\n)*?"
LETTER = re.compile(b"(?=" + FIELDS + b"From:)(?=" + FIELDS + b"Date:)[!-9;-~]+:", re.IGNORECASE)
BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def media_type_of(content: bytes) -> str | None:
    """The type of a file by its bytes, one of MEDIA_TYPES; None for any other."""
    for pattern, found in MAGIC:
        if pattern.match(content):
            return found
    if BINARY.search(content):
        return None
    if LETTER.match(content):
        return "message/rfc822"
    try:
        content.decode()
    except UnicodeDecodeError:
        return None
    return "text/plain"


def attached(name: str, content: bytes) -> Attachment:
    """What is kept of a file with its bytes. Raises InvalidInput where it is not taken in."""
    whole = len(content) <= MOST_BYTES  # a type is not looked for in what is refused by its size
    found = (media_type_of(content) or "unknown") if whole else "text/plain"
    return Attachment(name, found, len(content), hashlib.sha256(content).hexdigest())


def against_attachments(attachments: Sequence[Attachment]) -> Iterator[str]:
    """Why these files are too many, as sentences."""
    if len(attachments) > MOST_FILES:
        yield f"an appeal has at most {MOST_FILES} files"
    if sum(a.size for a in attachments) > MOST_TOGETHER:
        yield f"the files of an appeal have at most {MOST_TOGETHER // MEBIBYTE} MiB together"
    if len({a.sha256 for a in attachments}) < len(attachments):
        yield "this file is there already"


@dataclass(frozen=True, slots=True)
class Complaint:
    """What the customer sends: the case reference of the notice, the ids of the decisions, why
    they are wrong, and whether waiting would do harm. Raises InvalidInput."""

    reference: str
    account: str
    decisions: tuple[str, ...]
    text: str
    attachments: tuple[Attachment, ...] = ()
    hardship: bool = False

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise InvalidInput("the complaint says nothing", "say in your words what is wrong")
        if len(self.text) > LONGEST_TEXT:
            hint = "attach the rest as a file"
            raise InvalidInput(f"the complaint has more than {LONGEST_TEXT} characters", hint)
        for why in against_attachments(self.attachments):
            raise InvalidInput(why)
