"""Hooks: news for those who work here as a signed POST to one address, as Standard Webhooks 1.0.0
says (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md).

The id is the same in every retry, so that the receiver tells two of one message apart; the time is
that of the attempt; both are signed with the body ("Signature scheme"). Nothing goes unsigned, in
plain text to another machine, or on to where a redirect points. Of an answer only the status is
read. Errors name the host alone: the rest of an address is often a secret too.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import digest
from http.client import HTTPException
from ipaddress import ip_address
from threading import Thread
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from habeas.core.errors import InvalidInput
from habeas.ports.mail import CONTROL, Deferred, Refused

VARIABLE = "HABEAS_WEBHOOK_SECRET"
PREFIX = "whsec_"
LEAST, MOST = 24, 64  # bytes of a secret ("Signature scheme")
MAKE = f'make one with `echo "{PREFIX}$(openssl rand -base64 32)"` and give it to the receiver too'
PATIENCE_S = 20.0  # the specification recommends 15 to 30 ("Request timeouts")
LATER = (408, 425, 429)  # 4xx that speak of this moment, not of this message (RFC 9110, 8470, 6585)
ADDRESS = re.compile(r"https?://[!-~]+")
EXAMPLE = "write for example https://ops.shop.example/habeas"

T = TypeVar("T")
HttpAnswer = tuple[int, str]  # status and its words


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that `checked_address` let pass, and the text of its secret: one, or while it is
    being changed several with spaces between, of which each signs."""

    address: str
    given: str = field(repr=False)
    patience_s: float = PATIENCE_S

    def secrets(self) -> tuple[bytes, ...]:
        """Raises Refused, which never quotes a secret."""
        if not self.given.strip():
            raise Refused(f"{VARIABLE} is not set, and nothing goes unsigned", MAKE)
        return tuple(map(_secret, self.given.split()))

    def send(self, name: str, body: str, now_us: int) -> str:
        """POST a JSON text under this id; the answer that took it. Raises Refused or Deferred."""
        seconds, content = str(now_us // 1_000_000), body.encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "habeas",
            "webhook-id": name,
            "webhook-timestamp": seconds,
            "webhook-signature": signature(self.secrets(), name, seconds, content),
        }
        request = Request(self.address, content, headers, method="POST")  # noqa: S310 - checked
        try:
            answer = in_time(lambda: _answer(request, self.patience_s), self.patience_s)
        except (OSError, HTTPException, ValueError) as error:
            raise Deferred(f"{self._where()} does not answer: {self._why(error)}") from None
        return self._taken(*answer)

    def _taken(self, status: int, words: str) -> str:
        said = f"{self._where()} answers {status} {CONTROL.sub(' ', words)[:100]}".rstrip()
        if 200 <= status < 300:
            return said
        if 300 <= status < 400:
            raise Deferred(f"{said}, and redirects are not followed")
        if 400 <= status < 500 and status not in LATER:
            raise Refused(said)
        raise Deferred(said)

    def _where(self) -> str:
        return f"the webhook at {urlsplit(self.address).netloc}"

    def _why(self, error: Exception) -> str:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            return f"nothing came within {self.patience_s:g} s"
        return CONTROL.sub(" ", str(reason) or type(reason).__name__)[:200]


def signature(secrets: tuple[bytes, ...], name: str, seconds: str, body: bytes) -> str:
    """One for each secret, with spaces between ("Webhook headers")."""
    signed = f"{name}.{seconds}.".encode() + body
    return " ".join(f"v1,{b64encode(digest(s, signed, sha256)).decode()}" for s in secrets)


def call_id(key: str, made_us: int) -> str:
    """The id of a message of the outbox, the same in every retry. When it was made (microseconds
    UTC) tells it from the one of the same key in another installation; it has no full stop in it,
    as the specification asks."""
    return "msg_" + sha256(f"habeas-webhook-v1\n{key}\n{made_us}".encode()).hexdigest()[:32]


def webhook(environment: Mapping[str, str], address: str | None) -> Webhook | None:
    """The webhook of this address, if there is one. Its secret is read when it is used: news go by
    mail without it."""
    return None if address is None else Webhook(address, environment.get(VARIABLE, ""))


def checked_address(text: str) -> str:
    """`text`, if news may be sent there. Raises InvalidInput, which does not quote it."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or not ADDRESS.fullmatch(text):
        raise InvalidInput("`webhook` of platform.yaml is no address that can be called", EXAMPLE)
    if "@" in parts.netloc:
        hint = f"leave it out; what is sent is signed with {VARIABLE}"
        raise InvalidInput("`webhook` of platform.yaml has a name or a password in it", hint)
    if parts.scheme == "http" and not _is_here(host):
        sentence = f"`webhook` of platform.yaml would go to '{host}' in plain text"
        raise InvalidInput(sentence, "use https://")
    return text


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _secret(text: str) -> bytes:
    try:
        secret = b64decode(text.removeprefix(PREFIX), validate=True)
    except ValueError:
        secret = b""
    if not text.startswith(PREFIX) or not LEAST <= len(secret) <= MOST:
        form = f"{PREFIX} and {LEAST} to {MOST} bytes in base64"
        raise Refused(f"{VARIABLE} holds no secret of the form {form}", MAKE)
    return secret


class Stay(HTTPRedirectHandler):
    """What is signed for one address is for no other: a redirect is an answer like any."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _answer(request: Request, patience_s: float) -> HttpAnswer:
    # in plain text it goes to this machine alone, and not to a proxy
    proxies = ProxyHandler({} if request.type == "http" else None)
    try:
        with build_opener(Stay, proxies).open(request, timeout=patience_s) as answer:
            return answer.status, answer.reason
    except HTTPError as error:
        with error:
            return error.code, str(error.reason)


def in_time(ask: Callable[[], T], patience_s: float) -> T:
    """A socket's own patience starts anew with each byte: who answers a byte at a time would hold
    up the customers' mail behind this. Raises TimeoutError, and what `ask` raises."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(ask())
        except Exception as error:
            future.set_exception(error)

    Thread(target=run, name="asking", daemon=True).start()
    return future.result(patience_s)
