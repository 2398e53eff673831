"""A server on loopback that answers what it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler

from tests.ports.serving import serving


@dataclass
class Answer:
    """What is answered now; `announced` bytes, where they are not those of the body."""

    body: bytes = b""
    kind: str = "application/x-ndjson"
    status: int = 200
    announced: int | None = None


@contextmanager
def answering(
    body: bytes | Answer,
    kind: str = "application/x-ndjson",
    status: int = 200,
    announced: int | None = None,
) -> Iterator[str]:
    """The address of a server whose every answer is `body`, or what an Answer is by then."""
    now = body if isinstance(body, Answer) else Answer(body, kind, status, announced)

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = len(now.body) if now.announced is None else now.announced
            self.send_response(now.status)
            self.send_header("Content-Type", now.kind)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(now.body)

    with serving(Answers) as where:
        yield f"{where}/posts"
