"""A receiver of webhooks on loopback: it checks each signature by itself, from the words of the
specification, and answers what it is told to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler
from typing import Any, BinaryIO

from tests.ports.serving import serving

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()

Answer = int | Callable[[BinaryIO], None]


@dataclass(frozen=True)
class Called:
    """One request; `signed` says whether its signature is right."""

    id: str
    seconds: int
    body: bytes
    signed: bool
    headers: Message

    def json(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.body)
        return read


@dataclass
class Receiver:
    """Its `answers` are given first: a status, or what writes raw bytes. Then all is taken."""

    answers: list[Answer] = field(default_factory=list)
    called: list[Called] = field(default_factory=list)
    location: str = ""
    url: str = ""

    def take(self, headers: Message, body: bytes) -> Answer:
        name, seconds = headers["webhook-id"], headers["webhook-timestamp"]
        content = name.encode() + b"." + seconds.encode() + b"." + body
        mac = hmac.new(KEY, content, hashlib.sha256).digest()
        signed = headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()
        self.called.append(Called(name, int(seconds), body, signed, headers))
        return self.answers.pop(0) if self.answers else 204


@contextmanager
def receiving(*answers: Answer, location: str = "") -> Iterator[Receiver]:
    receiver = Receiver(list(answers), location=location)

    class Receives(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = receiver.take(self.headers, body)
            if callable(answer):
                with suppress(OSError):  # who called may have gone
                    answer(self.wfile)
                return
            self.send_response(answer)
            if receiver.location:
                self.send_header("Location", receiver.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815 - the library's name; a redirect may ask by it

    with serving(Receives) as where:
        receiver.url = f"{where}/hook?token=T0KEN"
        yield receiver
