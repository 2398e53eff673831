"""The witnesses that are asked to cosign: `witnesses.yaml` beside `.habeas`, and their answers.

What is sent (a head, hashes) may be read by anybody and proves itself, and so does what comes back:
plain http loses nothing. No redirect is followed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPException
from typing import NoReturn
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from pydantic import Field

from habeas.core.errors import InvalidInput, InvalidPolicy, NotFound, Unavailable
from habeas.core.log.cosignatures import Cosigner, read_cosigner
from habeas.core.policy.shapes import Shape, Words, shaped
from habeas.core.policy.yaml import Document, read_document
from habeas.ports.files import read_text
from habeas.ports.folder import Folder
from habeas.ports.webhooks import Stay, in_time

FILE = "witnesses.yaml"
PATIENCE_S = 20.0
LARGEST = 64 << 10  # bytes of an answer that are read
ADDRESS = re.compile(r"https?://[!-~]+")
EXAMPLE = "write the address that its operator gives, as https://witness.example/submit"


class WitnessShape(Shape):
    """Somebody else's server that keeps the largest head it has seen."""

    address: Words = Field(description="the submission prefix: http(s), without /add-checkpoint")
    key: Words = Field(description="its vkey, name+id+key, of type 4")


class WitnessesShape(Shape):
    """Who is asked to cosign each head, and how many have to."""

    quorum: int = Field(ge=1, description="a head with fewer cosignatures is marked")
    witnesses: list[WitnessShape] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class HttpReply:
    """What a witness answered: the status, the type of the content without parameters, its text."""

    status: int
    content: str
    text: str


@dataclass(frozen=True, slots=True)
class Witness:
    """Where it is asked, without a slash at the end, and whose cosignature is taken."""

    address: str
    cosigner: Cosigner

    def __post_init__(self) -> None:
        if not ADDRESS.fullmatch(self.address) or not _host(self.address):
            raise InvalidInput("the address of a witness is none that can be called", EXAMPLE)

    def ask(self, body: str, patience_s: float = PATIENCE_S) -> HttpReply:
        """POST to add-checkpoint. Raises Unavailable."""
        request = Request(  # noqa: S310 - the scheme is checked
            f"{self.address}/add-checkpoint", body.encode(), {"User-Agent": "habeas"}, method="POST"
        )
        try:
            return in_time(lambda: _reply(request, patience_s), patience_s)
        except (OSError, HTTPException, ValueError) as error:
            reason = getattr(error, "reason", error)
            said = "nothing came in time" if isinstance(reason, TimeoutError) else str(reason)
            message = f"the witness at {_host(self.address)} does not answer: {said[:200]}"
            raise Unavailable(
                message, "nothing is lost; the next `habeas seal` asks again"
            ) from None


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Who is asked, and how many of them make a quorum; 0 where nobody said."""

    quorum: int = 0
    listed: tuple[Witness, ...] = ()

    @property
    def cosigners(self) -> tuple[Cosigner, ...]:
        return tuple(one.cosigner for one in self.listed)


def given_witness(address: str, vkey: str) -> Witness:
    """Raises InvalidInput."""
    return Witness(address.rstrip("/"), read_cosigner(vkey))


def chosen(known: Witnesses, addresses: Sequence[str], keys: Sequence[str]) -> tuple[Witness, ...]:
    """The witnesses at these addresses, each with the key in its place or the one that is known;
    all that are known where no address is given. Raises NotFound, InvalidInput."""
    if keys and len(keys) != len(addresses):
        raise InvalidInput("each --witness-key goes with one --witness", "give as many of each")
    if keys:
        return tuple(given_witness(*pair) for pair in zip(addresses, keys, strict=True))
    found = {one.address: one for one in known.listed}
    for address in addresses:
        if address.rstrip("/") not in found:
            hint = f"name it in {FILE}, or give its --witness-key too"
            raise NotFound(f"no key is known for the witness at '{address}'", hint)
    return tuple(found[a.rstrip("/")] for a in addresses) if addresses else known.listed


def read_witnesses(folder: Folder) -> Witnesses:
    """Those of the file, none where there is no such file. Raises InvalidInput, InvalidPolicy."""
    path = folder.root.parent / FILE
    if not path.exists():
        return Witnesses()
    document = read_document(read_text(path, "the file"), FILE)
    shape = shaped(document, WitnessesShape)
    listed = tuple(_listed(document, shape, n) for n in range(len(shape.witnesses)))
    if shape.quorum > len(listed):
        _refuse(document, ("quorum",), f"there are {len(listed)} witnesses", "ask for that many")
    return Witnesses(shape.quorum, listed)


def _listed(document: Document, shape: WitnessesShape, n: int) -> Witness:
    one, place = shape.witnesses[n], ("witnesses", n)
    try:
        made = given_witness(one.address, one.key)
    except InvalidInput as error:
        _refuse(document, place, error.message, error.hint)
    if made.cosigner in [read_cosigner(before.key) for before in shape.witnesses[:n]]:
        _refuse(document, place, "this key is above already", "two of one key are one witness")
    return made


def _refuse(document: Document, place: tuple[str | int, ...], says: str, hint: str) -> NoReturn:
    raise InvalidPolicy(f"{FILE} has problems", problems=[document.problem(place, says, hint)])


def _host(address: str) -> str:
    """Without a name or password that may be in it."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        return f"{host}:{parts.port}" if parts.port and host else host
    except ValueError:
        return ""


def _reply(request: Request, patience_s: float) -> HttpReply:
    opener = build_opener(Stay, ProxyHandler({} if request.type == "http" else None))
    try:
        with opener.open(request, timeout=patience_s) as answer:
            kind, text = answer.headers.get_content_type(), answer.read(LARGEST)
            return HttpReply(answer.status, kind, text.decode())
    except HTTPError as error:
        with error:
            kind, text = error.headers.get_content_type(), error.read(LARGEST)
            return HttpReply(error.code, kind, text.decode(errors="replace"))
