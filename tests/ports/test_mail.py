"""Mail: the same message in every retry, by a real server and into a folder; what can never be
sent is told from what can be later."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.errors import InvalidInput, Unwritable
from habeas.ports.folder import Folder
from habeas.ports.mail import (
    Deferred,
    Mail,
    MailFolder,
    Refused,
    Smtp,
    composed,
    is_address,
    mailer,
    message_id,
    smtp,
)
from tests.core.samples import calm
from tests.ports.smtp import Inbox, certificate, free_port, serving

MAIL = Mail(
    key="mail n1",
    sender="notices@marchand.example",
    name="Marchand, Société",
    recipient="boris@mail.example",
    subject="Nous allons suspendre votre compte",
    lang="fr",
    text="Bonjour,\n\nà bientôt\n" + "x" * 2000 + "\n.\n",
    html="<p>Bonjour</p>",
    pdf=b"%PDF-1.7 \x00\xff",
    time_us=1_795_624_200_000_000,
)


def read(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)  # type: ignore[return-value]


def test_a_message_has_three_forms_and_asks_for_no_answer() -> None:
    found = read(composed(MAIL).as_bytes())
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["Content-Language"] == "fr"
    assert found["From"].addresses[0].display_name == MAIL.name
    assert found["Date"].datetime.isoformat() == "2026-11-25T16:30:00+00:00"
    text, html = found.get_body(("plain",)), found.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == MAIL.text
    assert html.get_content().strip() == MAIL.html
    (attached,) = found.iter_attachments()
    assert (attached.get_content(), attached.get_filename()) == (MAIL.pdf, "notice.pdf")


def test_a_retry_is_the_same_message_and_another_notice_is_another() -> None:
    assert composed(MAIL).as_bytes() == composed(MAIL).as_bytes()
    assert message_id(MAIL) != message_id(replace(MAIL, key="mail n2"))
    assert message_id(MAIL).endswith("@marchand.example>")


@pytest.mark.parametrize("field", ["subject", "name", "recipient", "sender", "file"])
@pytest.mark.parametrize("sign", ["\r\nBcc: eve@mail.example", "\n", "\r", "\x00", "\u2028"])
def test_a_line_end_in_a_header_is_refused(field: str, sign: str) -> None:
    given = replace(MAIL, **{field: getattr(MAIL, field) + sign + "x"})  # type: ignore[arg-type]
    with pytest.raises(Refused):
        composed(given)


@pytest.mark.parametrize(
    "text",
    ["", "boris", "a@b@c.example", "a@", "@b.example", "a b@c.example", "<a@b.example>",
     "a,b@c.example", "a@b.example\n", "a@-b.example", f"{'a' * 250}@b.example", "a@bü.example"],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    assert not is_address(text)
    assert is_address("first.last+tag@mail.example")


@calm
@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_adds_a_header(subject: str, name: str) -> None:
    try:
        message = composed(replace(MAIL, subject=subject, name=name))
    except Refused:
        return
    found = read(message.as_bytes())
    assert sorted(found.keys()) == sorted(read(composed(MAIL).as_bytes()).keys())
    assert [a.addr_spec for a in found["To"].addresses] == [MAIL.recipient]


def test_a_folder_has_each_message_once(tmp_path: Path) -> None:
    folder = MailFolder(tmp_path / "mail")
    for _ in range(3):
        folder.send(MAIL)
    folder.send(replace(MAIL, key="mail n2"))
    assert len(list(folder.path.iterdir())) == 2
    assert {p.suffix for p in folder.path.iterdir()} == {".eml"}


def test_a_folder_that_cannot_be_written_defers(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file")
    with pytest.raises(Deferred, match="cannot be written"):
        MailFolder(tmp_path / "mail").send(MAIL)


def test_a_server_takes_the_message(tmp_path: Path) -> None:
    inbox = Inbox()
    with serving(inbox) as port:
        smtp(f"smtp://127.0.0.1:{port}?security=none").send(MAIL)
    assert read(inbox.taken[0])["Message-ID"] == message_id(MAIL)


def test_tls_is_demanded_and_the_certificate_is_looked_at(tmp_path: Path) -> None:
    inbox = Inbox()
    ca, context = certificate(tmp_path)
    with serving(inbox, context) as port:
        smtp(f"smtp://127.0.0.1:{port}?ca={ca}").send(MAIL)
        with pytest.raises(Deferred, match="certificate"):
            smtp(f"smtp://127.0.0.1:{port}").send(MAIL)
    assert inbox.over_tls == [True]
    with serving(inbox) as port, pytest.raises(Deferred):  # no STARTTLS: nothing goes in the clear
        smtp(f"smtp://127.0.0.1:{port}").send(MAIL)
    assert len(inbox.taken) == 1


@pytest.mark.parametrize(
    ("step", "said", "error"),
    [
        ("rcpt", "550 no such mailbox", Refused),
        ("rcpt", "450 mailbox busy", Deferred),
        ("rcpt", "421 going down", Deferred),
        ("data", "554 not wanted", Refused),
        ("data", "452 disk full", Deferred),
    ],
)
def test_what_a_server_says_is_for_good_or_for_now(
    step: str, said: str, error: type[Exception]
) -> None:
    inbox = Inbox([(step, said)])
    with serving(inbox) as port:
        server = smtp(f"smtp://127.0.0.1:{port}?security=none")
        with pytest.raises(error, match=said[:3]):
            server.send(MAIL)
        assert inbox.taken == []
        server.send(MAIL)
    assert len(inbox.taken) == 1


def test_what_a_server_says_is_told_without_addresses() -> None:
    """It is recorded for good, and an address must not be."""
    said = "250 queued for <aline@mail.example> by tx@mx.example"
    with serving(Inbox([("data", said)])) as port:
        answer = smtp(f"smtp://127.0.0.1:{port}?security=none").send(MAIL)
    assert answer == "250 queued for <[address]> by [address]"
    with serving(Inbox([("rcpt", "550 aline@mail.example: no such mailbox")])) as port:
        server = smtp(f"smtp://127.0.0.1:{port}?security=none")
        with pytest.raises(Refused, match=r"550 \[address\]: no such mailbox"):
            server.send(MAIL)


def test_letters_are_forgotten_by_their_keys(tmp_path: Path) -> None:
    folder = MailFolder(tmp_path / "mail")
    assert folder.forget(["mail n1"]) == 0  # there is no folder yet
    for key in ("mail n1", "mail n2"):
        folder.send(replace(MAIL, key=key))
    assert folder.forget(["mail n1", "mail n3"]) == 1
    assert folder.forget(["mail n1"]) == 0
    (left,) = folder.path.iterdir()
    assert read(left.read_bytes())["Message-ID"] == message_id(replace(MAIL, key="mail n2"))
    left.unlink()
    left.mkdir()  # cannot be unlinked
    with pytest.raises(Unwritable, match="cannot be deleted"):
        folder.forget(["mail n2"])


def test_nobody_there_is_for_now() -> None:
    with pytest.raises(Deferred, match="did not take it"):
        Smtp("127.0.0.1", free_port(), "none").send(MAIL)


def test_what_the_environment_says(tmp_path: Path) -> None:
    folder = Folder(tmp_path / ".habeas")
    assert mailer({}, folder) == MailFolder(tmp_path / ".habeas" / "mail")
    made = smtp("smtps://me:p%40ss@mail.example")
    assert (made.port, made.security, made.user, made.password) == (465, "tls", "me", "p@ss")
    assert "p@ss" not in repr(made)
    assert smtp("smtp://mail.example").port == 587


@pytest.mark.parametrize("text", ["mail.example", "http://x", "smtp://", "smtp://x:no",
                                  "smtp://x?security=maybe"])  # fmt: skip
def test_a_server_that_cannot_be_read(text: str) -> None:
    with pytest.raises(InvalidInput, match="HABEAS_SMTP"):
        smtp(text)
