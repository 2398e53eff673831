"""Every record read is accepted, a duplicate, or in quarantine; the counts always add up."""

from __future__ import annotations

import base64
import json
import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habeas.core.errors import HabeasError, InvalidInput, InvalidPolicy, NotFound, Unwritable
from habeas.flows.policy.ingest import IngestReport, ingest
from habeas.ports.sources import CHUNK, chunks
from tests.budgets import examples
from tests.flows.shop import DAY_US, NOW_US, START_US, Shop, event, history, lines, open_shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return open_shop(tmp_path)


def iso(time_us: int) -> str:
    return datetime.fromtimestamp(time_us / 1_000_000, UTC).isoformat()


def adds_up(counts: IngestReport) -> bool:
    return counts.read == counts.accepted + counts.duplicate + counts.quarantined


def test_a_clean_history_is_accepted_in_its_order(shop: Shop) -> None:
    counts = shop.take_all(history())
    assert (counts.read, counts.accepted) == (11, 11)
    assert [row["id"] for row in shop.rows()] == [record["id"] for record in history()]
    assert shop.refused() == []
    assert counts.types == {"return": 6, "order": 4, "login": 1}
    assert (counts.first_us, counts.last_us) == (START_US, START_US + 181 * DAY_US)


def test_the_same_events_are_taken_from_each_kind_of_file(shop: Shop) -> None:
    shop.take_all(history())
    expected = shop.rows()
    names = list(dict.fromkeys(name for record in history() for name in record))
    columns: dict[str, list[Any]] = {n: [r.get(n) for r in history()] for n in names}
    pq.write_table(pa.table(columns), shop.root / "raw.parquet")
    text = ";".join(names) + "\r\n"
    for record in history():
        spoken = record | {"time": iso(record["time"])}
        text += ";".join(f'"{spoken[n]}"' if n in spoken else "" for n in names) + "\r\n"
    csv = shop.write("raw.csv", b"\xef\xbb\xbf" + text.encode())
    for source, mapping in ((shop.root / "raw.parquet", ""), (csv, "delimiter: ';'\n")):
        counts = shop.take(source, mapping="schema: events.yaml\n" + mapping)
        assert counts.accepted == 11
        assert shop.rows() == expected


def test_what_is_refused_is_told_with_file_line_field_reason_and_source(shop: Shop) -> None:
    good, bad = event(1, "a", "login", 0), event(2, "a", "order", 1, amount="12,50")
    path = shop.write("raw.ndjson", b"\n" + lines([good, bad]) + b"garbage\n")
    counts = shop.take(path)
    assert (counts.read, counts.accepted, counts.quarantined) == (3, 1, 2)
    broken, refused = shop.refused()
    assert broken == {
        "file": str(path),
        "line": 4,
        "field": "record",
        "reason": "is not JSON: Expecting value: line 1 column 1 (char 0)",
        "raw": "garbage",
    }
    assert (refused["file"], refused["line"], refused["field"]) == (str(path), 3, "amount")
    assert refused["raw"] == json.dumps(bad)
    assert "'12,50'" in refused["reason"]


def test_bytes_that_are_not_utf8_are_kept_as_they_were(shop: Shop) -> None:
    line = b'{"id": "\xe9\xff"}\r\n'
    shop.take(shop.write("raw.ndjson", line))
    (entry,) = shop.refused()
    assert entry["raw"] == '{"id": "\\xe9\\xff"}'
    assert base64.b64decode(entry["raw_base64"]) == line


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"id": None}, "id", "is missing"),
        ({"id": True}, "id", "must be text"),
        ({"account": ""}, "account", "is missing"),
        ({"account": ["a"]}, "account", "must be text"),
        ({"account": "nul \0"}, "account", "no text may have"),
        ({"account": "half \ud800"}, "account", "no text may have"),
        ({"account": "x" * 5000}, "account", "longer than"),
        ({"type": "gift"}, "type", "is not an event type"),
        ({"time": None}, "time", "is missing"),
        ({"time": "yesterday"}, "time", "ISO 8601"),
        ({"time": 1.5}, "time", "whole microseconds"),
        ({"time": NOW_US + DAY_US + 1}, "time", "more than 24 h ahead"),
        ({"time": 10**30}, "time", "outside the years"),
        ({"amount": None}, "amount", "is missing, and `order` needs it"),
        ({"amount": 12.5}, "amount", "has no unit"),
        ({"amount": "12.505 EUR"}, "amount", "finer than"),
        ({"amount": "12.50 USD"}, "amount", "USD"),
        ({"amount": 2**63}, "amount", "64 bits"),
        ({"amount": 10**4000}, "amount", "64 bits"),
        ({"amount": "1e999999 EUR"}, "amount", "amount of EUR"),
        ({"amount": "\ud800 EUR"}, "amount", "amount of EUR"),
        ({"price": 5}, "currency", "currency"),
        ({"price": "5 EUR", "currency": "USD"}, "price", "EUR"),
        ({"quantity": 1.5}, "quantity", "whole number"),
        ({"quantity": "3 kg"}, "quantity", "kg"),
        ({"weight": float("nan")}, "weight", "finite"),
        ({"weight": "heavy"}, "weight", "finite"),
        ({"gift": "perhaps"}, "gift", "true or false"),
        ({"device": 1.0}, "device", "must be text"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(
    shop: Shop, change: dict[str, Any], field: str, reason: str
) -> None:
    counts = shop.take_all([event(1, "a", "order", 0) | change, event(2, "a", "login", 0)])
    (entry,) = shop.refused()
    assert entry["field"] == field
    assert reason in entry["reason"]
    assert (counts.accepted, counts.quarantined) == (1, 1)


def test_a_time_just_within_a_day_ahead_is_taken(shop: Shop) -> None:
    assert shop.take_all([event(1, "a", "login", 0, time=NOW_US + DAY_US)]).accepted == 1


def test_like_reasons_are_counted_together_without_the_values_they_quote(shop: Shop) -> None:
    odd: list[Any] = ["it's", 'say"x"', "2x", "-", "é" * 99, 12.5, -0.25, 1e300, [1], {"a": 1}]
    counts = shop.take_all(event(i, "a", "order", 0, amount=v) for i, v in enumerate(odd))
    assert list(counts.reasons.values()) == [len(odd)]
    (reason,) = counts.reasons
    assert reason.startswith("amount: … has no unit; write whole minor units")
    times = [event(i, "a", "login", 0, time=f"day {i}") for i in range(9)]
    assert len(shop.take_all(times).reasons) == 1
    raw = shop.write("raw.ndjson", b'{"a" 1}\n{"abc" 1}\n"\xff\n  "\xff\n')
    assert shop.take(raw).reasons == {
        "record: is not JSON: Expecting … delimiter": 2,
        "record: byte … is not UTF-8": 2,
    }


# Duplicates


def test_the_first_of_an_id_is_kept_and_those_that_differ_are_counted(shop: Shop) -> None:
    one = event(1, "a", "order", 0, quantity=-1)
    counts = shop.take_all([one, one, one | {"quantity": -2}, one | {"account": "b"}])
    assert (counts.accepted, counts.duplicate, counts.differing) == (1, 3, 2)
    assert [row["quantity"] for row in shop.rows()] == [-1]


def test_an_id_is_one_across_files_whatever_their_kind(shop: Shop) -> None:
    first = shop.write("a.ndjson", lines([event(1, "a", "login", 0), event(2, "a", "login", 0)]))
    text = f"id,time,account,type\n2,{iso(START_US)},a,login\n3,{iso(START_US)},a,login\n"
    second = shop.write("b.csv", text)
    counts = shop.take(first, second)
    assert (counts.read, counts.accepted, counts.duplicate, counts.differing) == (4, 3, 1, 0)
    assert [row["id"] for row in shop.rows()] == ["1", "2", "3"]
    again = shop.take(first, first)
    assert (again.accepted, again.duplicate, again.differing) == (2, 2, 0)


def test_an_id_that_was_refused_is_not_taken_yet(shop: Shop) -> None:
    bad = event(1, "a", "order", 0, amount="?")
    assert shop.take_all([bad, event(1, "a", "order", 0)]).accepted == 1


def test_an_id_is_one_across_chunks(shop: Shop) -> None:
    many = (event(i, "a", "login", 0) for i in range(CHUNK + 10))
    raw = shop.write("raw.ndjson", lines(many) + lines([event(3, "b", "login", 0)]))
    counts = shop.take(raw)
    assert (counts.accepted, counts.duplicate, counts.differing) == (CHUNK + 10, 1, 1)
    assert len(shop.rows()) == CHUNK + 10


# Counts


def test_values_that_a_type_does_not_have_are_counted_and_left_out(shop: Shop) -> None:
    counts = shop.take_all([event(1, "a", "login", 0, amount=5), event(2, "a", "order", 0)])
    assert counts.ignored == {"amount of login": 1}
    assert [row["amount"] for row in shop.rows()] == [None, 10_00]


def test_files_without_a_record_give_a_file_without_an_event(shop: Shop) -> None:
    header = shop.write("raw.csv", "id,time,account,type\n")
    pq.write_table(pa.table({"id": pa.array([], pa.string())}), shop.root / "raw.parquet")
    counts = shop.take(header, shop.root / "raw.parquet", shop.write("raw.json", "\n\n"))
    assert (counts.read, counts.first_us, counts.last_us) == (0, None, None)
    assert shop.rows() == []
    assert adds_up(counts)


def test_a_single_event_is_a_log(shop: Shop) -> None:
    counts = shop.take(shop.write("raw.csv", "id,time,account,type\n1,2020-01-01,--json,login"))
    assert counts.accepted == 1
    assert shop.rows()[0]["account"] == "--json"


# Files


@pytest.mark.parametrize("target", ["raw.ndjson", "mapping.yaml", "bad.ndjson", "link"])
def test_nothing_is_written_over_an_input_or_the_other_output(shop: Shop, target: str) -> None:
    raw = shop.write("raw.ndjson", lines(history()))
    (shop.root / "link").symlink_to(raw)
    before = {p: p.read_bytes() for p in shop.root.iterdir() if p.is_file()}
    out = shop.root / target
    for first, second in ((out, shop.quarantine), (shop.events, out)):
        if first == second or (target == "bad.ndjson" and second == out):
            continue
        with pytest.raises(InvalidInput, match="would be written over"):
            ingest([raw], shop.mapping, first, second, NOW_US)
    with pytest.raises(InvalidInput, match="would be written over"):
        ingest([raw], shop.mapping, out, out, NOW_US)
    assert {p: p.read_bytes() for p in shop.root.iterdir() if p.is_file()} == before


def test_a_file_whose_name_is_not_utf8_is_named_in_the_quarantine(shop: Shop) -> None:
    raw = Path(os.fsdecode(os.fsencode(shop.root / "raw") + b"\xff.ndjson"))
    raw.write_bytes(b"garbage\n")
    assert shop.take(raw).quarantined == 1
    assert shop.refused()[0]["file"] == str(raw)


@pytest.mark.parametrize(
    ("second", "kind"),
    [("none.ndjson", NotFound), ("empty.csv", InvalidInput), ("no-id.csv", InvalidInput)],
)
def test_an_input_that_fails_leaves_the_outputs_of_before(
    shop: Shop, second: str, kind: type[HabeasError]
) -> None:
    first = shop.write("raw.ndjson", lines(history()))
    shop.write("empty.csv", "")
    shop.write("no-id.csv", "nr\n1\n")
    shop.take(first)
    before = shop.events.read_bytes(), shop.quarantine.read_bytes()
    with pytest.raises(kind):
        shop.take(shop.write("more.ndjson", lines([event(9, "a", "login", 0)])), shop.root / second)
    assert (shop.events.read_bytes(), shop.quarantine.read_bytes()) == before
    assert shop.leftovers() == []


def test_an_output_that_is_a_folder_is_one_sentence(shop: Shop) -> None:
    shop.events.mkdir()
    with pytest.raises(Unwritable, match=r"events.parquet' cannot be written: Is a directory"):
        shop.take_all(history())
    assert shop.leftovers() == []


def test_sql_that_fails_on_a_record_sends_that_one_to_the_quarantine(shop: Shop) -> None:
    records = [event(i, "a", "order", i, quantity=q) for i, q in enumerate(["1", "many", "3"])]
    shop.write("mapping.yaml", "attributes: {amount: amount, quantity: {sql: quantity::int}}\n")
    counts = shop.take_all(records)
    assert (counts.accepted, counts.quarantined) == (2, 1)
    (entry,) = shop.refused()
    assert (entry["line"], entry["field"]) == (2, "quantity")
    assert entry["raw"] == json.dumps(records[1])


def test_sql_that_fits_no_record_stops_before_anything_is_written(shop: Shop) -> None:
    shop.write("mapping.yaml", "attributes: {amount: {sql: nosuch(amount)}}\n")
    with pytest.raises(InvalidPolicy, match="does not fit the file"):
        shop.take_all(history())
    assert not shop.events.exists()
    assert not shop.quarantine.exists()
    assert shop.leftovers() == []


# Properties

ids = st.sampled_from(["1", "2", "3", "é"])
good = st.builds(
    lambda i, account, kind, day: json.dumps(event(i, account, kind, day)).encode(),
    ids,
    st.sampled_from(["a", "b", "[bold]", "--out"]),
    st.sampled_from(["order", "return", "login", "unknown"]),
    st.integers(0, 3),
)
line = st.one_of(
    good,
    good.map(lambda b: b"  " + b + b"\t\r"),
    st.tuples(good, st.integers(0, 60)).map(lambda pair: pair[0][: pair[1]]),
    st.tuples(good, st.integers(0, 60)).map(
        lambda pair: pair[0][: pair[1]] + b"\xe9" + pair[0][pair[1] :]
    ),
    st.binary(max_size=20).map(lambda b: b.replace(b"\n", b"")),
    st.text(max_size=8).map(lambda t: json.dumps({"id": t, "amount": t + " EUR"}).encode()),
    st.sampled_from([b"", b" ", b"{}", b"[]", b'{"id":"\\ud800"}', b"\x00", b"\xef\xbb\xbf"]),
)
files = st.lists(st.lists(line, min_size=1, max_size=12), min_size=1, max_size=2)


def outcome(shop: Shop, sources: list[Path], size: int) -> tuple[IngestReport, list[Any], bytes]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("habeas.flows.policy.ingest.chunks", partial(chunks, size=size))
        counts = shop.take(*sources)
    return counts, shop.rows(), shop.quarantine.read_bytes()


def recovered(entry: dict[str, Any]) -> bytes:
    if "raw_base64" in entry:
        return base64.b64decode(entry["raw_base64"]).rstrip(b"\r\n")
    return str(entry["raw"]).encode()


@settings(max_examples=examples(80))
@given(files, st.integers(1, 5))
def test_arbitrary_lines_are_each_accounted_for_and_kept(
    tmp_path_factory: pytest.TempPathFactory, listed: list[list[bytes]], size: int
) -> None:
    shop = open_shop(tmp_path_factory.mktemp("shop"))
    listed = [one for one in listed if b"\n".join(one)]
    sources = [shop.write(f"{i}.ndjson", b"\n".join(one)) for i, one in enumerate(listed)]
    if not sources:
        return
    counts, rows, _ = outcome(shop, sources, 1000)
    first = shop.events.read_bytes(), shop.quarantine.read_bytes()
    assert counts.read == sum(bool(x.strip()) for one in listed for x in one)
    assert adds_up(counts)
    assert len({row["id"] for row in rows}) == len(rows) == counts.accepted
    for entry in shop.refused():
        raw = listed[sources.index(Path(entry["file"]))][entry["line"] - 1].rstrip(b"\r\n")
        assert recovered(entry) in (raw, raw.removeprefix(b"\xef\xbb\xbf"))
    again, same, quarantine = outcome(shop, sources, size)
    assert (again, same) == (counts, rows)
    by_place = sorted(first[1].splitlines())
    assert sorted(quarantine.splitlines()) == by_place
    outcome(shop, sources, 1000)
    assert (shop.events.read_bytes(), shop.quarantine.read_bytes()) == first
