"""A snapshot gives back what went in, or nothing at all."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from habeas.engine.columns import Array
from habeas.engine.snapshots import read_meta, read_snapshot, write_snapshot
from tests.engine.making import examples

KINDS = ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8", ">i8", "M8[us]"]
ARRAYS = st.sampled_from(KINDS).flatmap(
    lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=9))
)
SOME: dict[str, Array] = {
    "hashes": np.arange(40, dtype=np.uint64) * 12345,
    "none": np.zeros(0, dtype=np.int32),
    "truth": np.array([True, False, True]),
    "square": np.arange(12, dtype=np.float64).reshape(3, 4),
    "flat": np.zeros((4, 0), dtype=np.int64),
}
META = {"sequence": 40, "facts": "é", "position": {"file": 2**60}}


def same(one: dict[str, Array] | None, other: dict[str, Array]) -> bool:
    return one is not None and told(one) == told(other)


def told(arrays: dict[str, Array]) -> list[object]:
    return [(name, a.dtype, a.shape, a.tobytes()) for name, a in arrays.items()]


@examples(80)
@given(arrays=st.dictionaries(st.text(max_size=8), ARRAYS, max_size=5))
def test_every_kind_and_shape_comes_back(
    tmp_path_factory: pytest.TempPathFactory, arrays: dict[str, Array]
) -> None:
    path = tmp_path_factory.getbasetemp() / "kinds"
    write_snapshot(path, META, arrays)
    assert read_meta(path) == META
    assert same(read_snapshot(path), arrays)


def test_parts_of_larger_arrays_come_back_and_can_be_written_to(tmp_path: Path) -> None:
    whole = np.arange(100).reshape(10, 10)
    arrays = {"columns": whole[:, ::2], "turned": whole[::-1].T, "rows": whole[3:4]}
    write_snapshot(tmp_path / "s", {}, arrays)
    found = read_snapshot(tmp_path / "s")
    assert same(found, arrays)
    assert found is not None
    found["rows"][0, 0] = -1
    assert whole[3, 0] == 30


def test_where_there_is_none_there_is_none(tmp_path: Path) -> None:
    assert read_meta(tmp_path / "s") is None
    assert read_snapshot(tmp_path / "s") is None


def test_a_flip_anywhere_is_seen_or_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "s"
    write_snapshot(path, META, SOME)
    whole, seen = path.read_bytes(), 0
    assert len(whole) % 64 == 0
    for place in range(len(whole)):
        data = bytearray(whole)
        data[place] ^= 1 << (place % 8)
        path.write_bytes(data)
        found = read_snapshot(path)
        seen += found is None
        assert found is None or same(found, SOME)
        assert read_meta(path) in (None, META)
    padding = sum(-array.nbytes % 64 for array in SOME.values())
    assert seen == len(whole) - padding


def test_a_cut_anywhere_is_seen_or_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "s"
    write_snapshot(path, META, SOME)
    whole = path.read_bytes()
    last = len(whole) - (-SOME["square"].nbytes % 64)  # `flat` is empty, `square` the last bytes
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        assert read_meta(path) in (None, META)
        assert same(read_snapshot(path), SOME) == (size >= last)


KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np
from habeas.engine.snapshots import write_snapshot
left = int(sys.argv[2])
def watch(event, arguments):
    global left
    if event == "open" and str(arguments[0]).startswith(sys.argv[1]) or event == "os.rename":
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
path = Path(sys.argv[1], "s")
sys.addaudithook(watch)
write_snapshot(path, {"new": 1}, {"new": np.arange(100_000)})
"""


@pytest.mark.parametrize("step", [1, 2])
def test_a_crash_while_it_is_written_leaves_the_old_one(tmp_path: Path, step: int) -> None:
    write_snapshot(tmp_path / "s", META, SOME)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), str(step)], check=False, timeout=60
    )
    assert done.returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == step
    assert read_meta(tmp_path / "s") == META
    assert same(read_snapshot(tmp_path / "s"), SOME)
    write_snapshot(tmp_path / "s", {"new": 1}, {})
    assert list(tmp_path.iterdir()) == [tmp_path / "s"]
    assert read_meta(tmp_path / "s") == {"new": 1}
