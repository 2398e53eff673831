"""A witness on loopback, from the words of C2SP tlog-witness and tlog-cosignature: it keeps the
last head it cosigned of each log it knows, and answers 200, 400, 403, 404, 409 or 422 as they
say."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from habeas.core.errors import Unproven
from habeas.core.log.merkle import check_consistency
from tests.ports.serving import serving

SIZE = "text/x.tlog.size"
STAMP = 1_679_315_147  # of the specification's example
OLD = re.compile(r"old (0|[1-9][0-9]*)\Z")

Answer = tuple[int, str, str]  # status, type of the content, body


@dataclass
class Head:
    size: int
    root: bytes


@dataclass
class LoopbackWitness:
    """`logs` are vkeys of type 1 by origin. `before` is called with the body before each answer;
    what it gives is answered instead."""

    name: str
    seed: bytes
    logs: dict[str, list[str]]
    last: dict[str, Head] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    before: Callable[[str], Answer | None] = lambda _: None
    url: str = ""

    @property
    def vkey(self) -> str:
        public = b"\x04" + self._key.public_key().public_bytes_raw()
        return f"{self.name}+{self._id(public).hex()}+{b64encode(public).decode()}"

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def _id(self, public: bytes) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + public).digest()[:4]

    def answer(self, body: str) -> Answer:
        self.asked.append(body)
        return self.before(body) or self._checked(body)

    def _checked(self, body: str) -> Answer:
        request, _, note = body.partition("\n\n")
        first, *lines = request.split("\n")
        text, parted, below = note.rpartition("\n\n")
        matched = OLD.match(first)
        if matched is None or not parted or not below.endswith("\n") or len(lines) > 63:
            return 400, "text/plain", "malformed\n"
        text, old = f"{text}\n", int(matched[1])
        origin, size, root = text.split("\n")[:3]
        if origin not in self.logs:
            return 404, "text/plain", "unknown log\n"
        if not any(_signed(vkey, text, below) for vkey in self.logs[origin]):
            return 403, "text/plain", "unsigned\n"
        if old > int(size):
            return 400, "text/plain", "old is larger\n"
        return self._taken(origin, old, lines, Head(int(size), b64decode(root)), text)

    def _taken(self, origin: str, old: int, lines: list[str], head: Head, text: str) -> Answer:
        last = self.last.get(origin, Head(0, b""))
        if old != last.size:
            return 409, SIZE, f"{last.size}\n"
        path = [b64decode(line, validate=True) for line in lines]
        if old == head.size and last.root != head.root:
            return 409, SIZE, f"{last.size}\n"
        try:
            if old:
                check_consistency(old, head.size, last.root, head.root, path)
            elif path:
                raise Unproven("from 0 there is no path")
        except Unproven:
            return 422, "text/plain", "inconsistent\n"
        self.last[origin] = head
        return 200, "text/plain", self.line(text)

    def line(self, text: str, stamp: int = STAMP) -> str:
        """The cosignature of a head's text, as a line of a note."""
        made = self._key.sign(f"cosignature/v1\ntime {stamp}\n{text}".encode())
        public = b"\x04" + self._key.public_key().public_bytes_raw()
        whole = self._id(public) + stamp.to_bytes(8, "big") + made
        return f"\N{EM DASH} {self.name} {b64encode(whole).decode()}\n"


def _signed(vkey: str, text: str, below: str) -> bool:
    name, key_id, key = vkey.split("+", 2)
    for line in below.splitlines():
        _, signer, coded = line.split(" ")
        made = b64decode(coded)
        if signer != name or made[:4].hex() != key_id:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(b64decode(key)[1:]).verify(made[4:], text.encode())
        except InvalidSignature:
            return False
        return True
    return False


@contextmanager
def witnessing(
    *vkeys: str, name: str = "witness.example/w1", seed: bytes = bytes(range(2, 34))
) -> Iterator[LoopbackWitness]:
    """A witness of the logs of these keys."""
    logs: dict[str, list[str]] = {}
    for vkey in vkeys:
        logs.setdefault(vkey.split("+")[0], []).append(vkey)
    witness = LoopbackWitness(name, seed, logs)

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            known = self.path == "/submit/add-checkpoint"
            status, kind, text = witness.answer(body) if known else (404, "text/plain", "no\n")
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

    with serving(Answers) as where:
        witness.url = f"{where}/submit"
        yield witness
