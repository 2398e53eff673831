"""The commands of notices, as a person uses them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from habeas import wiring
from habeas.ports.webhooks import VARIABLE
from tests.flows.deciding import database, decided_shop
from tests.flows.letter.telling import PLATFORM, newsroom
from tests.flows.shop import Shop
from tests.ports.receiving import SECRET, receiving

pytestmark = pytest.mark.slow  # whole ways by commands, or many lives


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    made = decided_shop(tmp_path_factory.mktemp("shop"), accounts=3, first="suspend")
    assert made.run("decide").code == 0
    waiting = [one["decision"] for one in made.run("queue", "--json").json()["items"]]
    assert made.run("approve", *waiting, "--as", "Dora").code == 0
    return made


def contacts(shop: Shop, text: str) -> Path:
    path = shop.root / "contacts.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_way_of_a_notice(shop: Shop) -> None:
    """One story: no platform, no contacts, told, sent, shown, handed over."""
    refused = shop.run("notify")
    assert refused.code == 4
    assert "platform.yaml" in refused.err
    (shop.root / "platform.yaml").write_text(PLATFORM, encoding="utf-8")

    bad = shop.run("contacts", str(contacts(shop, "account,email\naccount 0,boris\n")))
    assert (bad.code, "line 2" in bad.err) == (3, True)
    good = contacts(shop, "account,email,lang\naccount 0,a@mail.example,fr\n")
    assert shop.run("contacts", str(good), "--json").json() == {"taken": 1}

    found = shop.run("letters", "--json").json()["items"]
    unreached = {one["account"]: one["name"] for one in found if one["kind"] == "unreachable"}
    assert set(unreached) == {"account 1", "account 2"}
    preview = shop.run("notice", unreached["account 1"], "--lang", "en")
    assert "We plan to suspend your account" in preview.out

    done = shop.run("work", "--once", "--json").json()
    assert done["notify"]["told"] == {"measure": 1}
    assert len(done["notify"]["untold"]) == 2
    assert done["deliver"] == {"sent": 1, "later": 0, "dead": 0}
    assert len(list((shop.folder.root / "mail").glob("*.eml"))) == 1

    by_hand = unreached["account 2"]
    paper = shop.root / "letter.pdf"
    words = ("notice", by_hand, "--hand", "registered letter", "--format", "pdf", "--out",
             str(paper))  # fmt: skip
    assert shop.run(*words).code == 2  # nobody says who
    assert shop.run(*words, "--as", "Dora").code == 0
    assert paper.read_bytes().startswith(b"%PDF-")
    left = shop.run("letters", "--json").json()["items"]
    assert [u["account"] for u in left] == ["account 1"]

    kept = shop.run("notice", by_hand, "--json").json()
    assert (kept["kept"], kept["lang"]) == (True, "en")
    assert "····" in kept["text"]
    assert set(kept["sha256"]) == {"text", "html", "pdf"}
    other = shop.run("notice", by_hand, "--lang", "fr", "--format", "html")
    assert '<html lang="fr">' in other.out
    sent = json.loads(shop.run("notice", by_hand, "--format", "dsa").out)
    assert sent["decision_account"] == "DECISION_ACCOUNT_SUSPENDED"

    assert shop.run("contacts", "--erase", "account 0", "--json").json() == {"erased": True}
    assert "nothing was known" in shop.run("contacts", "--erase", "account 0").out
    assert shop.run("letters", "--retry", "99").code == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,email\n", "no column 'account'"),
        ("account,email,lang\na,a@b.example,de\n", "'de' is no language"),
        ("account,email\n,a@b.example\n", "names no account"),
    ],
)
def test_contacts_that_cannot_be_read(shop: Shop, text: str, said: str) -> None:
    (shop.root / "platform.yaml").write_text(PLATFORM, encoding="utf-8")
    done = shop.run("contacts", str(contacts(shop, text)))
    assert (done.code, said in done.err) == (3, True)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[BE, FR]", "[BE, US]", "'US' is no country of the EEA"),
        ("[BE, FR]", "[]", "`territory` must not be empty"),
        (
            "https://marchand.example/appeals",
            "javascript:x",
            "`portal` must be the address of a page",
        ),
        ("notices@marchand.example", "nobody", "`sender` must be an e-mail address"),
        (
            "territory",
            "webhook: http://ops.example/S3CRET\nterritory",
            "`webhook` of platform.yaml would go to 'ops.example' in plain text",
        ),
        ("territory", "webhook: [1]\nterritory", "`webhook` must be text"),
    ],
)
def test_a_platform_that_cannot_be_read(shop: Shop, old: str, new: str, said: str) -> None:
    path = shop.root / "platform.yaml"
    path.write_text(PLATFORM.replace(old, new), encoding="utf-8")
    done = shop.run("notify")
    assert done.code in (3, 5)
    assert said in done.err
    assert "S3CRET" not in done.err


def test_a_webhook_without_a_secret_is_said_in_each_round_and_seen_by_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    shop = decided_shop(tmp_path, accounts=1)
    with wiring.opened(database(shop)):
        newsroom(tmp_path)
    with receiving() as receiver:
        shop.write("platform.yaml", f"{PLATFORM}webhook: {receiver.url}\n")
        done = shop.run("work", "--once")
        assert (done.code, "1 sent, 0 later, 1 given up" in done.out) == (0, True)
        assert f"the webhook is told nothing: {VARIABLE} is not set" in done.err
        (left,) = shop.run("letters", "--json").json()["items"]
        assert left["kind"] == "webhook"
        said = shop.run("letters").out
        assert f"webhook {left['name']} was given up after 1 attempt: {VARIABLE} is not set" in said
        assert shop.run("work", "--once", "--json").json()["webhook"]["error"] == "Refused"
        assert receiver.called == []

        monkeypatch.setenv(VARIABLE, SECRET)
        assert shop.run("letters", "--retry", left["name"]).code == 0
        again = shop.run("work", "--once", "--json").json()
        assert (again["webhook"], again["deliver"]["sent"]) == (None, 1)
        assert [c.signed for c in receiver.called] == [True]
        assert "every letter found its way" in shop.run("letters").out
