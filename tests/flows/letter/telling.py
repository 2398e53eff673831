"""A shop that tells its customers: decisions approved, contacts known, mail in a folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from habeas.core.languages import Lang
from habeas.core.letter.delivery import STAFF
from habeas.flows.decision.decide import approve, decide
from habeas.flows.letter.deliver import DeliveryReport, PostOffice, deliver
from habeas.flows.letter.notify import NoticeReport, Teller, notify, teller
from habeas.ports.codes import codes
from habeas.ports.mail import Mail, MailFolder
from habeas.ports.platform import read_platform
from habeas.ports.webhooks import Webhook
from habeas.store import contacts
from habeas.store.accounts import account
from habeas.store.changes import AccountChange, Message
from habeas.store.commits import commit
from habeas.store.contacts import Contact
from habeas.store.decisions import waiting
from tests.flows.deciding import DECIDED_US, DORA, decided_shop
from tests.flows.shop import Shop

PLATFORM = """\
name: Marchand
sender: notices@marchand.example
contact: help@marchand.example
portal: https://marchand.example/appeals
territory: [BE, FR]
redress:
  - {name: Médiation Numérique, address: "https://mediation.example", certified: true}
"""


@dataclass
class Told:
    """A shop in which every account has a decision that waits for its notice."""

    shop: Shop
    now_us: int = DECIDED_US
    sent: list[Mail] = field(default_factory=list)

    @property
    def mail(self) -> Path:
        return self.shop.folder.root / "mail"

    def teller(self) -> Teller:
        folder = self.shop.folder
        return teller(folder, read_platform(folder), codes({}, folder), self.now_us)

    def notify(self) -> NoticeReport:
        return notify(self.teller())

    def post(self, webhook: Webhook | None = None) -> PostOffice:
        folder, mailer = self.shop.folder, MailFolder(self.mail)
        voice = read_platform(folder)
        return PostOffice(voice, codes({}, folder), mailer, lambda: self.now_us, webhook)

    def deliver(self) -> DeliveryReport:
        return deliver(self.post())

    def messages(self) -> list[EmailMessage]:
        return [
            message_from_bytes(path.read_bytes(), policy=policy.default)  # type: ignore[misc]
            for path in sorted(self.mail.glob("*.eml"))
        ]


def reach(*accounts: str, lang: Lang = "en") -> None:
    made = [Contact(a, f"{a.replace(' ', '.')}@mail.example", lang) for a in accounts]
    contacts.save(made, DECIDED_US)


def told_shop(root: Path, accounts: int = 3, first: str = "suspend") -> Told:
    """Call it with a store open: on the database that the test uses."""
    shop = decided_shop(root, accounts=accounts, first=first)
    (root / "platform.yaml").write_text(PLATFORM, encoding="utf-8")
    decide(shop.folder, DECIDED_US)
    for one in waiting():
        approve(one.decision, DORA, DECIDED_US)
    return Told(shop)


WAVE = {"wave": "many-returns.1", "policy": "many-returns", "why": "all decisions: 8"}


def newsroom(root: Path) -> Told:
    """A piece of news for those who work here, and no customer; call it with a store open."""
    (root / "platform.yaml").write_text(PLATFORM, encoding="utf-8")
    news = Message("wave many-returns.1", STAFF, WAVE)
    commit([AccountChange.of(account("boris"), DECIDED_US).sends(news)])
    return Told(Shop(root))
