"""Hooks: signed as Standard Webhooks says, to a real receiver; what can never be sent is told from
what can be later, and nothing secret is said."""

from __future__ import annotations

import base64
import re
import threading
import time
from collections.abc import Callable
from typing import Any, BinaryIO
from urllib.parse import urlsplit
from urllib.request import Request

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.errors import InvalidInput
from habeas.ports.mail import Deferred, Refused
from habeas.ports.webhooks import Webhook, call_id, checked_address, signature, webhook
from tests import ROOT
from tests.ports.receiving import KEY, SECRET, Answer, receiving
from tests.ports.smtp import free_port

NAME = "msg_1"
BODY = '{"type":"wave.opened"}'
NOW = 1_795_624_200_999_999
DOCS = ROOT / "docs" / "webhook.md"


def test_the_signature_is_that_of_the_published_example() -> None:
    """The example that the libraries of Standard Webhooks test themselves by."""
    secrets = Webhook("", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").secrets()
    made = signature(secrets, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_finds_id_time_body_and_a_signature_of_them() -> None:
    with receiving() as receiver:
        Webhook(receiver.url, f" {SECRET}\n").send(NAME, BODY, NOW)
    (one,) = receiver.called
    assert (one.id, one.seconds, one.body.decode()) == (NAME, NOW // 1_000_000, BODY)
    assert one.signed
    assert one.headers["Content-Type"] == "application/json"


def published() -> Callable[..., bool]:
    """What the documentation tells a receiver to do."""
    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    room: dict[str, Any] = {}
    exec(code, room)  # noqa: S102 - our own documentation
    found: Callable[..., bool] = room["verified"]
    return found


def test_the_published_way_to_check_it_takes_ours_and_no_other() -> None:
    verified, now_us = published(), time.time_ns() // 1000
    new = "whsec_" + base64.b64encode(b"n" * 24).decode()
    with receiving() as receiver:
        Webhook(receiver.url, f"{new} {SECRET}").send(NAME, BODY, now_us)
        Webhook(receiver.url, SECRET).send(NAME, BODY, now_us - 301_000_000)
    both, old = receiver.called
    assert verified(both.headers, both.body, SECRET)
    assert verified(both.headers, both.body, new)
    assert not verified(both.headers, both.body + b" ", SECRET)
    assert not verified(both.headers, both.body, "whsec_" + base64.b64encode(b"o" * 24).decode())
    assert not verified(old.headers, old.body, SECRET)


def outcome(*answers: Answer, patience_s: float = 5, location: str = "") -> str:
    """What sending to a receiver of these answers comes to."""
    with receiving(*answers, location=location) as receiver:
        try:
            Webhook(receiver.url, SECRET, patience_s).send(NAME, BODY, NOW)
        except (Refused, Deferred) as error:
            found = f"{type(error).__name__}: {error.message}"
            return "a secret was told" if "T0KEN" in found + error.hint else found
        return "sent"


@pytest.mark.parametrize(
    ("status", "said"),
    [(s, "sent") for s in (200, 202, 204, 299)]
    + [(s, "Refused") for s in (400, 401, 404, 409, 410, 413, 422, 451, 499)]
    + [(s, "Deferred") for s in (408, 425, 429, 300, 301, 302, 307, 308, 500, 502, 503, 599)],
)
def test_what_each_status_comes_to(status: int, said: str) -> None:
    found = outcome(status)
    assert found.partition(":")[0] == said
    assert said == "sent" or f"answers {status}" in found


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with receiving() as other:
        assert "redirects are not followed" in outcome(status, location=other.url)
    assert other.called == []


def test_who_is_silent_is_tried_later() -> None:
    over = threading.Event()
    found = outcome(lambda _: over.wait(0.5) and None, patience_s=0.1)
    assert found.endswith("nothing came within 0.1 s")


def test_who_answers_a_byte_at_a_time_holds_nobody_up() -> None:
    gone = threading.Event()

    def drip(out: BinaryIO) -> None:
        out.write(b"HTTP/1.1 200 OK\r\nX: ")
        while not gone.wait(0.05):
            out.write(b"x")
            out.flush()

    started = time.monotonic()
    with receiving(drip) as receiver:
        with pytest.raises(Deferred, match=r"nothing came within 0.3 s"):
            Webhook(receiver.url, SECRET, 0.3).send(NAME, BODY, NOW)
        assert time.monotonic() - started < 2
        gone.set()


def test_an_endless_answer_is_not_read() -> None:
    def flood(out: BinaryIO) -> None:
        out.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            out.write(b"x" * 65536)  # until who called has gone

    assert outcome(flood) == "sent"


@pytest.mark.parametrize("raw", [b"", b"\x00\x01", b"HTTP/1.1 abc\r\n\r\n", b"SSH-2.0-x\r\n"])
def test_what_is_no_answer_is_tried_later(raw: bytes) -> None:
    found = outcome(lambda out: out.write(raw) and None)
    assert found.startswith("Deferred: the webhook at 127.0.0.1")


def test_in_plain_text_it_goes_to_this_machine_and_to_no_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with receiving() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        assert outcome(204) == "sent"
    assert proxy.called == []


def test_where_nobody_listens_it_is_tried_later() -> None:
    hook = Webhook(f"http://127.0.0.1:{free_port()}/T0KEN", SECRET)
    with pytest.raises(Deferred, match=r"does not answer: .*refused") as caught:
        hook.send(NAME, BODY, NOW)
    assert "T0KEN" not in caught.value.message
    with pytest.raises(Deferred, match="does not answer"):
        Webhook("http://a..b/", SECRET).send(NAME, BODY, NOW)


def coded(length: int) -> str:
    return base64.b64encode(bytes(length)).decode()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "is not set"),
        (" \n", "is not set"),
        ("whsec_", "holds no secret"),
        ("whsec_~~~~", "holds no secret"),
        (f"whsec_{coded(23)}", "holds no secret"),
        (f"whsec_{coded(65)}", "holds no secret"),
        (f"whsec_{coded(32)[:-1]}", "holds no secret"),
        (f"whsec_{coded(30)[:-1]}-", "holds no secret"),
        (f"whsk_{coded(32)}", "holds no secret"),
        (coded(32), "holds no secret"),
        (f"{SECRET} whsec_x", "holds no secret"),
        ("whsec_é", "holds no secret"),
    ],
)
def test_a_secret_of_another_form_is_refused_before_anything_is_sent(given: str, said: str) -> None:
    with receiving() as receiver, pytest.raises(Refused, match=said) as caught:
        Webhook(receiver.url, given).send(NAME, BODY, NOW)
    assert receiver.called == []
    assert "openssl rand" in caught.value.hint
    assert "AAAA" not in f"{caught.value.message} {Webhook('https://a', given)!r}"


def test_secrets_of_all_lengths_that_the_specification_has_are_taken() -> None:
    for length in (24, 32, 64):
        assert Webhook("", f"whsec_{coded(length)}").secrets() == (bytes(length),)
    assert Webhook("", SECRET).secrets() == (KEY,)


@pytest.mark.parametrize(
    "text",
    [
        "https://ops.shop.example/habeas",
        "https://ops.shop.example:8443/a?b=c",
        "http://localhost:9000/",
        "http://127.0.0.9/hook",
        "http://[::1]:9000/hook",
    ],
)
def test_where_news_may_be_sent(text: str) -> None:
    assert checked_address(text) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no address"),
        ("ops.shop.example", "no address"),
        ("ftp://ops.shop.example/S3CRET", "no address"),
        ("file:///etc/passwd", "no address"),
        ("https://", "no address"),
        ("https://ops.shop.example:port/S3CRET", "no address"),
        ("https://ops.shop.example:99999/", "no address"),
        ("https://[::1/S3CRET", "no address"),
        ("https://ops.shop.example/S3 CRET", "no address"),
        ("https://ops.shop.example/\r\nHost: x", "no address"),
        ("https://ops.shop.example/é", "no address"),
        ("https://me:S3CRET@ops.shop.example/", "a name or a password"),
        ("https://S3CRET@ops.shop.example/", "a name or a password"),
        ("http://ops.shop.example/S3CRET", "to 'ops.shop.example' in plain text"),
        ("http://10.0.0.1/S3CRET", "to '10.0.0.1' in plain text"),
        ("http://localhost.evil.example/S3CRET", "in plain text"),
    ],
)
def test_where_news_may_not_be_sent(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        checked_address(text)
    assert "S3CRET" not in f"{caught.value.message} {caught.value.hint}"


HOSTS = st.text(max_size=30) | st.sampled_from(["localhost", "[::1]", "127.0.0.1:80", "a@b", "a"])


@given(HOSTS, st.text(max_size=30))
def test_any_text_is_an_address_or_refused(host: str, path: str) -> None:
    for text in (host, f"https://{host}/{path}", f"http://{host}/{path}"):
        try:
            assert checked_address(text) == text
        except InvalidInput:
            continue
        parts = urlsplit(Request(text).full_url)  # noqa: S310 - nothing is sent
        assert parts.scheme == "https" or parts.hostname in ("localhost", "::1", "127.0.0.1")
        assert "@" not in parts.netloc


def test_an_id_is_the_same_again_and_another_elsewhere() -> None:
    assert call_id("wave a.1", NOW) == call_id("wave a.1", NOW)
    assert len({call_id("wave a.1", NOW), call_id("wave a.2", NOW), call_id("wave a.1", 0)}) == 3
    assert re.fullmatch("msg_[0-9a-f]{32}", call_id("wave a.1", NOW))
    assert webhook({"HABEAS_WEBHOOK_SECRET": SECRET}, None) is None
