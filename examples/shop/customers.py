"""What the shop knows of its customers, made up from their names: where they are reached
(DIR/contacts.csv) and what they have (DIR/holdings.ndjson).

    python examples/shop/customers.py DIR      # where generate.py has written labels.csv
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path


def contact_of(name: str) -> str:
    """A line of contacts.csv; every third customer reads French."""
    lang = "fr" if sum(name.encode()) % 3 == 1 else "en"
    return f"{name},{name}@mail.example,{lang}\n"


def owned_by(name: str) -> bytes:
    """A line of holdings.ndjson: something of most kinds."""
    number = sum(name.encode())
    holdings = [
        {"kind": "balance", "id": "wallet", "amount": f"{number % 90}.50", "currency": "EUR"},
        {"kind": "licence", "id": "e-book", "price": "9.99", "currency": "EUR"},
        {"kind": "data", "id": "order history"},
    ]
    if number % 2:
        prime = {"kind": "membership", "id": "premium", "price": "49.00", "currency": "EUR"}
        holdings.append(prime | {"period": "365d", "left": f"{number % 360}d"})
    return json.dumps({"account": name, "holdings": holdings}).encode() + b"\n"


def main() -> None:
    folder = Path(sys.argv[1])
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        names = sorted(row["account"] for row in csv.DictReader(file))
    contacts = "account,email,lang\n" + "".join(map(contact_of, names))
    (folder / "contacts.csv").write_text(contacts, encoding="utf-8")
    (folder / "holdings.ndjson").write_bytes(b"".join(map(owned_by, names)))
    print(f"wrote contacts and holdings of {len(names):,} customers to {folder}")


if __name__ == "__main__":
    main()
