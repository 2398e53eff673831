"""What customers have, from the platform's file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from habeas.core.errors import InvalidInput
from habeas.core.money import Money
from habeas.core.property.holdings import (
    Balance,
    Data,
    Device,
    Licence,
    Membership,
    Order,
    OrderStage,
    Unknown,
)
from habeas.ports.holdings import read_holdings

DAY = 86_400_000_000
ALL: list[dict[str, Any]] = [
    {"kind": "balance", "id": "wallet", "amount": "20.00", "currency": "EUR"},
    {"kind": "balance", "id": "yen", "amount": "700", "currency": "JPY", "held": "30"},
    {"kind": "gift_card", "id": "card 7", "currency": "EUR"},
    {"kind": "membership", "id": "prime", "price": "49.00", "currency": "EUR", "period": "365d",
     "left": "200d", "runs_from": "2018-04-01T00:00:00Z"},
    {"kind": "licence", "id": "Moby-Dick", "price": "9.99", "currency": "EUR"},
    {"kind": "order", "id": "o-17", "stage": "paid", "price": "30.00", "currency": "EUR"},
    {"kind": "device", "id": "speaker"},
    {"kind": "data", "id": "photos"},
    {"kind": "loyalty points", "id": "p", "points": 12},
]  # fmt: skip


def written(folder: Path, *records: object) -> Path:
    path = folder / "holdings.ndjson"
    path.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    return path


def test_every_kind_is_read_and_a_strange_one_is_kept(tmp_path: Path) -> None:
    path = written(
        tmp_path, {"account": "boris", "holdings": ALL}, {"account": "a", "holdings": []}
    )
    (name, found), (other, nothing) = read_holdings(path)
    assert (name, other, nothing) == ("boris", "a", ())
    assert found == (
        Balance("wallet", "EUR", 20_00),
        Balance("yen", "JPY", 700, 30),
        Balance("card 7", "EUR", None, card=True),
        Membership("prime", Money(49_00, "EUR"), 365 * DAY, 200 * DAY, 17_622 * DAY),
        Licence("Moby-Dick", Money(9_99, "EUR")),
        Order("o-17", OrderStage.PAID, Money(30_00, "EUR")),
        Device("speaker"),
        Data("photos"),
        Unknown("p", "loyalty points"),
    )


BAD: list[tuple[object, str]] = [
    ([1], "is JSON, but no object"),
    ({"holdings": []}, "it names no account"),
    ({"account": 7, "holdings": []}, "it names no account"),
    ({"account": "", "holdings": []}, "it names no account"),
    ({"account": "a", "holdings": [1]}, "`holdings` is no list of objects"),
    ({"account": "a", "holdings": {}}, "`holdings` is no list of objects"),
    ({"account": "a", "holdings": [{"kind": 7, "id": "p"}]}, "a holding names no kind"),
    ({"account": "a", "holdings": [{"kind": "", "id": "p"}]}, "a holding names no kind"),
    ({"account": "a", "holdings": [{"kind": "data", "id": 7}]}, "a holding of kind data has no id"),
    ({"account": "a", "holdings": [{"kind": "data", "id": ""}]}, "of kind data has no id"),
    ({"account": "a", "holdings": [{"kind": "licence", "id": "l", "price": "1"}]},
     "licence 'l': it names no currency"),
    ({"account": "a", "holdings": [
        {"kind": "licence", "id": "l", "price": 1, "currency": "EUR"}]}, "not 1"),
    ({"account": "a", "holdings": [{"kind": "licence", "id": "l", "currency": "EUR", "b": 1,
                                    "a": 2}]}, "licence 'l' has no field `a`"),
    ({"account": "a", "holdings": [
        {"kind": "membership", "id": "m", "period": "1d", "left": "1d", "runs_from": "soon"}]},
     "membership 'm': "),
    ({"account": "a", "holdings": 1}, "`holdings` is no list of objects"),
    ({"account": "a", "holdings": [{}]}, "a holding names no kind"),
    ({"account": "a", "holdings": [{"kind": "data"}]}, "a holding of kind data has no id"),
    ({"account": "a", "holdings": [{"kind": "data", "id": "p", "size": 1}]},
     "data 'p' has no field `size`"),
    ({"account": "a", "holdings": [{"kind": "balance", "id": "w", "amount": "1"}]},
     "balance 'w': it names no currency"),
    ({"account": "a", "holdings": [{"kind": "balance", "id": "w", "amount": 1, "currency": "EUR"}]},
     "an amount is a text such as '20.00', not 1"),
    ({"account": "a", "holdings": [
        {"kind": "balance", "id": "w", "amount": "0.001", "currency": "EUR"}]}, "finer than"),
    ({"account": "a", "holdings": [{"kind": "order", "id": "o", "stage": "lost"}]},
     "order 'o': 'lost' is no stage; write one of placed, "),
    ({"account": "a", "holdings": [{"kind": "membership", "id": "m", "left": "1d"}]},
     "'' is not a length of time"),
]  # fmt: skip


@pytest.mark.parametrize(("record", "reason"), BAD)
def test_what_cannot_be_read_is_told_with_its_line(
    record: object, reason: str, tmp_path: Path
) -> None:
    path = written(tmp_path, {"account": "b", "holdings": []}, record)
    with pytest.raises(InvalidInput, match=r"line 2:? ") as failed:
        list(read_holdings(path))
    assert reason in failed.value.message


def test_what_is_left_out_is_not_known_and_what_is_said_is_kept(tmp_path: Path) -> None:
    own = [
        {"kind": "membership", "id": "m", "period": "30d", "left": "2d"},
        {"kind": "licence", "id": "free", "price": "0.00", "currency": "EUR"},
        {"kind": "licence", "id": "gift"},
        {"kind": "order", "id": "o", "stage": "refunded"},
        {"kind": "device", "id": "old", "registered": False},
        {"kind": "balance", "id": "w", "currency": "EUR", "held": "1.00"},
    ]
    ((_, found),) = read_holdings(written(tmp_path, {"account": "boris", "holdings": own}))
    assert found == (
        Membership("m", None, 30 * DAY, 2 * DAY, None),
        Licence("free", Money(0, "EUR")),
        Licence("gift", None),
        Order("o", OrderStage.REFUNDED, None),
        Device("old", registered=False),
        Balance("w", "EUR", None, 1_00),
    )


def test_an_empty_line_is_passed_over_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "holdings.ndjson"
    whole = '{"account": "a", "holdings": []}\n'
    path.write_text(f"\n{whole} \n{whole}", encoding="utf-8")
    assert list(read_holdings(path)) == [("a", ()), ("a", ())]
    path.write_text(f"{whole}\n{{\n{whole}", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"line 3 is not JSON"):
        list(read_holdings(path))
    path.write_text(f"{whole}{{", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"line 2 the last line is cut short"):
        list(read_holdings(path))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"gone\.ndjson.* cannot be read"):
        list(read_holdings(tmp_path / "gone.ndjson"))
