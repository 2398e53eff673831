"""Mail: a notice as a message, and two ways to send it: SMTP, and a folder of .eml files.

A message follows from what it is made of, byte for byte: its Message-ID is made from the key of
the outbox, so that a retry is the same message and a mailbox can tell (RFC 5322, section 3.6.4).
`Auto-Submitted` keeps absence notes from answering (RFC 3834). The folder is what is used without
any set-up: nothing leaves the machine until somebody says by what."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from habeas.core.errors import HabeasError, InvalidInput, Unavailable, Unwritable
from habeas.engine.durable import sync_folder
from habeas.ports.files import own_folder, written
from habeas.ports.folder import Folder

VARIABLE = "HABEAS_SMTP"
EXAMPLE = "write for example smtp://user:password@mail.example:587, or smtps:// for port 465"
FOLDER = "mail"
TIMEOUT_S = 20
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\Z")
ADDRESSES = re.compile(r"[^\s<>,;:()\[\]\"]+@[^\s<>,;:()\[\]\"]+")  # in what a server says
LONGEST_ADDRESS = 254  # RFC 5321, section 4.5.3.1.3, without the angle brackets


class Refused(InvalidInput):
    """A message can never be sent as it is: nobody takes it for this address."""


class Deferred(Unavailable):
    """A message was not sent now and can be sent later."""


@dataclass(frozen=True, slots=True)
class Mail:
    """`key` makes the message once; `time_us` is when it was written, microseconds UTC."""

    key: str
    sender: str
    name: str  # of the sender
    recipient: str
    subject: str
    lang: str
    text: str
    html: str
    pdf: bytes
    time_us: int
    file: str = "notice.pdf"


class Mailer(Protocol):
    def send(self, mail: Mail) -> str:
        """What the server said when it took it. Raises Refused or Deferred."""


def message_id(mail: Mail) -> str:
    """`<...@domain of the sender>`, the same in every retry."""
    return f"<{_name(mail.key)}@{mail.sender.rpartition('@')[2]}>"


def _name(key: str) -> str:
    return sha256(f"habeas-mail-v1\n{key}".encode()).hexdigest()[:40]


def composed(mail: Mail) -> EmailMessage:
    """Text and HTML, and the PDF attached. Raises Refused for an address that is none and for a
    line end where a header would take it as its own."""
    _check(mail)
    message = EmailMessage(policy=WIRE)
    message["From"] = Address(mail.name, addr_spec=mail.sender)
    message["To"] = Address(addr_spec=mail.recipient)
    message["Subject"] = mail.subject
    message["Date"] = datetime.fromtimestamp(mail.time_us // 1_000_000, UTC)
    message["Message-ID"] = message_id(mail)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text, cte="base64")
    message.add_alternative(mail.html, subtype="html", cte="base64")
    message.add_attachment(
        mail.pdf, maintype="application", subtype="pdf", filename=mail.file, cte="base64"
    )
    message["Content-Language"] = mail.lang  # after the parts: making them drops Content-*
    _bound(message, message_id(mail))
    return message


def _check(mail: Mail) -> None:
    for what in (mail.name, mail.subject, mail.file):
        if CONTROL.search(what):
            raise Refused(f"a header of {mail.key} has a control character in it")
    for address in (mail.sender, mail.recipient):
        if not is_address(address):
            raise Refused(f"{address[:80]!r} is no e-mail address", "correct it, then retry")


def is_address(text: str) -> bool:
    """An address that a mail server takes as it is: no display name, no quotes, ASCII domain."""
    return len(text) <= LONGEST_ADDRESS and ADDRESS.match(text) is not None


def _bound(message: EmailMessage, name: str) -> None:
    """Boundaries that follow from the message; random ones would make each retry another."""
    for number, part in enumerate(p for p in message.walk() if p.is_multipart()):
        digest = sha256(f"{name} {number}".encode()).hexdigest()[:32]
        part.set_boundary(f"=_{digest}")


@dataclass(frozen=True, slots=True)
class MailFolder:
    """A file for each message, named by its Message-ID: sent twice it is there once."""

    path: Path

    def send(self, mail: Mail) -> str:
        content = composed(mail).as_bytes()
        target = self._file(mail.key)
        try:
            own_folder(self.path)
            with written(target) as part:
                part.write_bytes(content)
            sync_folder(self.path)
        except (OSError, Unwritable) as error:
            raise Deferred(f"'{target.name}' cannot be written: {error}", "make room") from None
        return f"in the folder as {target.name}"

    def _file(self, key: str) -> Path:
        return self.path / f"{_name(key)}.eml"

    def forget(self, keys: Iterable[str]) -> int:
        """Delete the files of messages by their keys; how many were there. Raises Unwritable."""
        gone = 0
        for key in keys:
            try:
                self._file(key).unlink()
            except FileNotFoundError:
                continue
            except OSError as error:
                what = f"'{self._file(key)}' cannot be deleted: {error.strerror}"
                raise Unwritable(what, "delete it, or erase again where you may write") from None
            gone += 1
        if gone:
            sync_folder(self.path)
        return gone


@dataclass(frozen=True, slots=True)
class Smtp:
    """A server of outgoing mail. `security` is `starttls` (demanded, not tried), `tls` from the
    first byte, or `none` for a server on the same machine; `ca` is a file of trusted
    certificates."""

    host: str
    port: int
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    ca: str | None = None

    def send(self, mail: Mail) -> str:
        message = composed(mail)
        with _told(self), self._connected() as server:
            if self.user:
                server.login(self.user, self.password)
            return _sent(server, message, mail)

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        if self.security == "tls":
            made: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=TIMEOUT_S, context=self._context()
            )
        else:
            made = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)
        try:
            if self.security == "starttls":
                made.starttls(context=self._context())
            yield made
        finally:
            _close(made)

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca)


def _sent(server: smtplib.SMTP, message: EmailMessage, mail: Mail) -> str:
    """`sendmail` in its three steps, since it keeps the answer to the last one for itself."""
    server.ehlo_or_helo_if_needed()
    for code, said in (server.mail(mail.sender), server.rcpt(mail.recipient)):
        if code not in (250, 251):
            raise smtplib.SMTPResponseException(code, said)
    code, said = server.data(message.as_bytes())
    if code != 250:
        raise smtplib.SMTPResponseException(code, said)
    return f"{code} {_plain(said)}"


def _close(server: smtplib.SMTP) -> None:
    """Once the message was taken, what becomes of the farewell changes nothing."""
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()


@contextmanager
def _told(server: Smtp) -> Iterator[None]:
    """Errors as Refused (5xx on this very message) or Deferred (all else: it may pass)."""
    where = f"the mail server {server.host}:{server.port}"
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise _answered(where, code, said) from None
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPConnectError, smtplib.SMTPHeloError) as e:
        raise _deferred(where, f"{e.smtp_code} {_plain(e.smtp_error)}") from None
    except smtplib.SMTPResponseException as error:
        raise _answered(where, error.smtp_code, error.smtp_error) from None
    except smtplib.SMTPNotSupportedError as error:
        raise _deferred(where, str(error)) from None
    except (OSError, smtplib.SMTPException) as error:
        raise _deferred(where, str(error) or type(error).__name__) from None


def _answered(where: str, code: int, said: bytes | str) -> HabeasError:
    text = f"{code} {_plain(said)}"
    if 500 <= code < 600:
        return Refused(f"{where} refuses this message: {text}", "correct the address, then retry")
    return _deferred(where, text)


def _deferred(where: str, text: str) -> Deferred:
    return Deferred(f"{where} did not take it: {text}", "it is tried again by itself")


def _plain(said: bytes | str) -> str:
    """On one line, without addresses: what a server answers is recorded for good."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return ADDRESSES.sub("[address]", CONTROL.sub(" ", text))[:300]


def mailer(environment: Mapping[str, str], folder: Folder) -> Mailer:
    """SMTP where HABEAS_SMTP names a server, else the folder `mail` of the working folder."""
    given = environment.get(VARIABLE, "")
    return smtp(given) if given else mail_folder(folder)


def mail_folder(folder: Folder) -> MailFolder:
    """Where letters lie that no server took, also of a time before there was one."""
    return MailFolder(folder.root / FOLDER)


SECURITY = ("starttls", "tls", "none")


def smtp(address: str) -> Smtp:
    """`smtp://user:password@host:587?security=none&ca=FILE`. Raises InvalidInput."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise InvalidInput(f"{VARIABLE} has no port that is a number", EXAMPLE) from None
    options = dict(parse_qsl(parts.query))
    first = "tls" if parts.scheme == "smtps" else "starttls"
    security = options.get("security", first)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or security not in SECURITY:
        raise InvalidInput(f"{VARIABLE} does not name a mail server", EXAMPLE)
    return Smtp(
        host=parts.hostname,
        port=port or (465 if security == "tls" else 587),
        security=security,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        ca=options.get("ca"),
    )
