"""What is appended to the event log comes back: whole, in order, to writers and to followers."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.errors import InvalidInput, Unwritable
from habeas.core.policy import Event, Schema
from habeas.core.policy.schema import read_schema
from habeas.core.policy.shapes import SchemaShape
from habeas.core.policy.yaml import read_document
from habeas.engine.log import Log
from habeas.engine.logged import Reader
from habeas.engine.segments import FrameKind, LogMark
from habeas.ports.tables import events_table
from tests.engine.logs import (
    append,
    contents,
    decoded,
    followed,
    made,
    opened,
    plain,
    rows_of,
    texts_of,
    walked,
)
from tests.engine.making import SCHEMA, examples, histories

SIZES = st.sampled_from([1, 2500, 5000, 1 << 20])


@st.composite
def batches(draw: st.DrawFn) -> list[list[Event]]:
    """A history in parts, of which some are empty."""
    history = draw(histories(most=12))
    cuts = sorted(draw(st.lists(st.integers(0, len(history)), max_size=5)))
    bounds = zip([0, *cuts], [*cuts, len(history)], strict=True)
    return [history[start:end] for start, end in bounds]


def schema_with(**attributes: dict[str, Any]) -> Schema:
    """The schema of the tests with other attributes; None takes one out."""
    told: Any = SCHEMA.as_json()
    told["attributes"] |= attributes
    return Schema(SchemaShape.model_validate(told))


# What is appended comes back


@examples(40)
@given(parts=batches(), size=SIZES, seed=st.randoms(use_true_random=False))
def test_what_is_appended_comes_back(parts: list[list[Event]], size: int, seed: Any) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "log"
        log, said = Log(folder, SCHEMA, size), list[tuple[int, Any]]()
        done: list[Event] = []
        for number, part in enumerate(parts):
            events = log.append(events_table(part, SCHEMA), {"part": number})
            assert list(events.id) == [e.id for e in part]
            assert [log.texts[code] for code in events.account] == [e.account for e in part]
            said.append((len(done), {"part": number}))
            done += part
            if seed.random() < 0.5:
                log.acknowledge()
            if seed.random() < 0.4:
                log.close()
                log = Log(folder, SCHEMA, size)
            agrees(log, done, said)
        log.acknowledge()
        log.close()
        with opened(folder, segment_bytes=size) as again, followed(folder) as follower:
            agrees(again, done, said)
            agrees(follower, done, said)
            assert texts_of(again) == texts_of(follower)
        assert repr(walked(folder).rows) == repr(plain(done))


def agrees(log: Reader, done: Sequence[Event], said: Sequence[tuple[int, Any]]) -> None:
    assert len(log) == len(done)
    wanted = plain(done)
    for start in range(0, len(done) + 1, 5):
        for most in (1, 4, 1000):
            assert repr(rows_of(log, start, most)) == repr(wanted[start:])
    rows = [*range(len(done)), *reversed(range(len(done)))]
    assert log.ids(rows) == [done[row].id for row in rows]
    assert list(log.metas(FrameKind.EVENTS)) == said


@examples(25)
@given(parts=batches(), size=SIZES)
def test_a_crash_at_any_moment_between_two_steps_loses_nothing(
    parts: list[list[Event]], size: int
) -> None:
    """A copy of the folder is what a crash leaves."""
    with tempfile.TemporaryDirectory() as name, opened(Path(name) / "0", segment_bytes=size) as log:
        done: list[Event] = []
        for number, part in enumerate(parts, 1):
            append(log, part)
            done += part
            copy = Path(name) / str(number)
            shutil.copytree(log.folder, copy)
            with opened(copy, segment_bytes=size) as again:
                assert repr(rows_of(again)) == repr(plain(done))
                append(again, made(2, 1000))
                assert len(again) == len(done) + 2


def test_texts_keep_their_codes_also_beside_those_that_are_in_no_event(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        append(log, made(2))
        own = log.texts.code("only in a condition")
        append(log, made(2, 2))
        texts = texts_of(log)
        log.acknowledge()
    with opened(tmp_path) as log, followed(tmp_path) as follower:
        assert texts_of(log) == texts_of(follower) == texts
        assert log.texts.find("only in a condition") == own
        assert rows_of(log) == plain(made(4))


def test_rotation_makes_a_segment_named_by_its_first_event(tmp_path: Path) -> None:
    with opened(tmp_path, segment_bytes=1) as log:
        for first in (0, 3, 5):
            append(log, made(5 if first == 5 else (2 if first else 3), first))
        log.acknowledge()
    names = [f"{first:020}.log" for first in (0, 3, 5)]
    assert sorted(contents(tmp_path)) == [*names, "mark"]
    with followed(tmp_path) as reader:
        assert rows_of(reader) == plain(made(10))


def test_ids_are_found_whether_they_are_still_in_memory_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("habeas.engine.log.RECENT", 3)
    with opened(tmp_path, segment_bytes=5000) as log:
        for row in range(0, 22, 2):
            append(log, made(2, row))
            append(log, [])
            assert log.ids([row + 1, 0, row]) == [f"e{row + 1}", "e0", f"e{row}"]
            assert len(log.recent) <= 3


# Policies and places


def test_policies_are_kept_with_the_event_they_begin_at(tmp_path: Path) -> None:
    with opened(tmp_path, segment_bytes=1) as log:
        log.append_policies({"policies": {"a": "1"}})
        append(log, made(3), position={"file": 10})
        log.append_policies({"policies": {"a": "2", "é": "1"}})
        append(log, made(2, 3), position={"file": 20})
        log.acknowledge()
    with opened(tmp_path) as log, followed(tmp_path) as reader:
        for one in (log, reader):
            told = [(0, {"policies": {"a": "1"}}), (3, {"policies": {"a": "2", "é": "1"}})]
            assert list(one.metas(FrameKind.POLICIES)) == told
            assert list(one.metas(FrameKind.POLICIES, 1)) == told[1:]
            last = (3, {"position": {"file": 20}})
            assert list(one.metas(FrameKind.EVENTS, 4)) == [last]
            assert list(one.metas(FrameKind.EVENTS, 3)) == [(0, {"position": {"file": 10}}), last]


# Schemas that change


def test_an_older_schema_is_read_under_a_newer_one(tmp_path: Path) -> None:
    newer = schema_with(
        shop={"type": "text"}, seats={"type": "integer"}, vip={"type": "boolean"},
        ratio={"type": "number"},
    )  # fmt: skip
    with opened(tmp_path) as log:
        append(log, made(3))
        log.acknowledge()
    unknown = dict.fromkeys(("shop", "seats", "vip", "ratio"))
    old = [dict(sorted((row | unknown).items())) for row in plain(made(3))]
    with opened(tmp_path, newer) as log:
        assert rows_of(log) == old
        table = events_table(made(2, 3), newer)
        log.append(table, {})
        log.acknowledge()
        assert rows_of(log, most=100)[:3] == old
        assert len(log.segments) == 2
    for schema in (newer, SCHEMA):  # and back: what it does not know is left out
        with opened(tmp_path, schema) as log, followed(tmp_path, schema) as follower:
            names = set(schema.attributes)
            for one in (log, follower):
                assert [row["id"] for row in rows_of(one)] == [e.id for e in made(5)]
                assert all(names < set(row) for row in rows_of(one))


def test_a_kind_that_changed_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        append(log, made(3))
        log.acknowledge()
    for kind in ("integer", "boolean", "number"):
        with (
            opened(tmp_path, schema_with(city={"type": kind})) as log,
            pytest.raises(InvalidInput, match="`city`") as caught,
        ):
            rows_of(log)
        assert "new name" in caught.value.hint


def test_events_of_no_row_are_read_under_any_schema(tmp_path: Path) -> None:
    """A batch of which every event was known already is written for its place alone."""
    with opened(tmp_path) as log:
        append(log, [], place=1)
        log.acknowledge()
    newer = schema_with(shop={"type": "text"}, aaa={"type": "boolean"}, seats={"type": "integer"})
    with opened(tmp_path, newer) as log, followed(tmp_path, newer) as follower:
        assert rows_of(log) == rows_of(follower) == []
        log.append(events_table(made(2), newer), {"place": 2})
        log.append(events_table([], newer), {"place": 3})
        assert log.ids([0, 1]) == ["e0", "e1"]
        log.acknowledge()
    for schema in (newer, SCHEMA):
        with opened(tmp_path, schema) as log, followed(tmp_path, schema) as follower:
            for one in (log, follower):
                assert [row["id"] for row in rows_of(one)] == ["e0", "e1"]
                assert one.ids([1, 0]) == ["e1", "e0"]
                places = [meta["place"] for _, meta in one.metas(FrameKind.EVENTS)]
                assert places == [1, 2, 3]


def test_the_order_of_attributes_in_the_schema_does_not_matter(tmp_path: Path) -> None:
    told: Any = SCHEMA.as_json()
    told["attributes"] = dict(reversed(told["attributes"].items()))
    turned = Schema(SchemaShape.model_validate(told))
    assert list(turned.attributes) != list(SCHEMA.attributes)
    with opened(tmp_path) as log:
        append(log, made(3))
    with opened(tmp_path, turned) as log:
        assert rows_of(log) == plain(made(3))
        log.append(events_table(made(3, 3), turned), {})
        assert rows_of(log) == plain(made(6))
        assert len(log.segments) == 1


def test_a_schema_without_attributes_makes_a_log(tmp_path: Path) -> None:
    bare = read_schema(
        read_document("currencies: [EUR]\nattributes: {}\ntypes: {login: {}}", "events.yaml")
    )
    with opened(tmp_path, bare) as log:
        log.append(events_table(made(2), bare), {})
        log.acknowledge()
    assert [row["id"] for row in walked(tmp_path).rows] == ["e0", "e1"]


# Writers and followers


def test_a_second_writer_is_refused_until_the_first_is_done(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        append(log, made(1))
        with pytest.raises(Unwritable, match="another process writes the log"):
            Log(tmp_path, SCHEMA)
        append(log, made(1, 1))
    with opened(tmp_path) as log:
        assert len(log) == 2


@examples(25)
@given(parts=batches(), size=SIZES, seed=st.randoms(use_true_random=False))
def test_a_follower_sees_what_is_acknowledged_and_never_writes(
    parts: list[list[Event]], size: int, seed: Any
) -> None:
    with tempfile.TemporaryDirectory() as name, opened(Path(name), segment_bytes=size) as log:
        early, done, known = Reader(log.folder, SCHEMA), list[Event](), 0
        for part in parts:
            append(log, part)
            done += part
            if seed.random() < 0.5:
                log.acknowledge()
                known = len(done)
            before = contents(log.folder)
            with followed(log.folder) as late:
                assert repr(rows_of(late)) == repr(plain(done[:known]))
            if seed.random() < 0.6:
                early.refresh()
                assert repr(rows_of(early)) == repr(plain(done[:known]))
                assert early.ids(range(known)) == [e.id for e in done[:known]]
            assert contents(log.folder) == before
        log.acknowledge(77)
        early.refresh()
        assert repr(rows_of(early, most=100)) == repr(plain(done))
        assert texts_of(early) == texts_of(log)
        assert early.mark == log.mark
        assert early.mark.findings == 77
        early.close()


def test_a_follower_of_nothing_acknowledged_sees_an_empty_log(tmp_path: Path) -> None:
    with opened(tmp_path, segment_bytes=1) as log, followed(tmp_path) as reader:
        append(log, made(2))
        append(log, made(2, 2))
        reader.refresh()
        assert len(reader) == 0
        assert rows_of(reader) == []
        assert reader.mark == LogMark()


@pytest.mark.parametrize("place", ["none", "empty"])
def test_where_there_is_no_log_a_follower_says_so(tmp_path: Path, place: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInput, match="holds no event log"):
        Reader(tmp_path / place, SCHEMA)
    assert list(tmp_path.rglob("*")) == [tmp_path / "empty"]


# The format is as it is documented


@examples(30)
@given(parts=batches(), size=SIZES)
def test_the_bytes_are_as_documented(parts: list[list[Event]], size: int) -> None:
    with tempfile.TemporaryDirectory() as name, opened(Path(name), segment_bytes=size) as log:
        done: list[Event] = []
        for number, part in enumerate(parts):
            append(log, part, number=number)
            done += part
            log.acknowledge(number)
        log.append_policies({"policies": {"made": "x"}})
        found = walked(log.folder)
        assert repr(found.rows) == repr(plain(done))
        assert [told for kind, _, told in found.told if kind == 1] == [
            {"number": number} for number in range(len(parts))
        ]
        assert found.told[-1] == (2, len(done), {"policies": {"made": "x"}})
        assert [kind for kind, _, _ in found.told if kind == 0]
        turn, sequence, segment, offset, findings = found.marks[-1]
        assert (turn, findings) == (len(parts) + 1, len(parts) - 1)
        assert sequence == len(done)
        name_, _, end = found.frames[-2]
        assert (f"{segment:020}.log", offset) == (name_, end)


def test_the_walker_reads_texts_by_their_code(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        append(log, made(2))
        ((_, table),) = log.tables()
        assert decoded(table, texts_of(log)) == walked(tmp_path).rows
