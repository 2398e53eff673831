"""What comes with an appeal: files as values, with limits; each refusal says why."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.complaints import (
    LONGEST_TEXT,
    MEDIA_TYPES,
    MOST_BYTES,
    MOST_FILES,
    MOST_TOGETHER,
    Attachment,
    Complaint,
    against_attachments,
)
from habeas.core.errors import InvalidInput
from tests.core.hearing import complaint, photo


def hashed(count: int, size: int = 1) -> list[Attachment]:
    return [photo(size=size, sha256=f"{i:064x}") for i in range(count)]


@pytest.mark.parametrize("name", ["reçu du 3 mai.pdf", "a", "x" * 255, "it's (1).jpg"])
def test_names_that_people_give(name: str) -> None:
    assert photo(name).name == name


BAD = ["", " ", ".", "..", "a/b", "..\\b", "a\x00", "a\nb", "x" * 256, "é" * 128, "a\u202efdp.exe"]


@pytest.mark.parametrize("name", [*BAD, "a\ud800"])
def test_names_that_would_harm_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="is no name for a file"):
        photo(name)


@given(st.text())
def test_no_name_that_is_taken_is_a_path(name: str) -> None:
    try:
        photo(name)
    except InvalidInput:
        return
    assert not set(name) & set("/\\\0\n")
    assert name not in ("", ".", "..")


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "", "IMAGE/PNG"])
def test_types_that_run_are_refused(kind: str) -> None:
    with pytest.raises(InvalidInput, match=f"photo.jpg is '{kind.replace('+', '.')}'") as caught:
        replace(photo(), media_type=kind)
    assert "application/pdf" in caught.value.hint


def test_sizes_and_hashes() -> None:
    assert [photo(size=n).size for n in (1, MOST_BYTES)] == [1, MOST_BYTES]
    for size in (0, -1, MOST_BYTES + 1):
        with pytest.raises(InvalidInput, match=f"has {size} bytes"):
            photo(size=size)
    for sha256 in ("", "a" * 63, "A" * 64, "a" * 64 + "\n"):
        with pytest.raises(InvalidInput, match="is not 64 hex digits"):
            photo(sha256=sha256)
    assert {replace(photo(), media_type=kind).media_type for kind in MEDIA_TYPES} == MEDIA_TYPES


def test_files_together() -> None:
    assert list(against_attachments(hashed(MOST_FILES))) == []
    assert list(against_attachments(hashed(MOST_FILES + 1))) == ["an appeal has at most 20 files"]
    most = MOST_TOGETHER // MOST_BYTES
    assert list(against_attachments(hashed(most, MOST_BYTES))) == []
    assert "50 MiB together" in next(against_attachments(hashed(most + 1, MOST_BYTES)))
    assert list(against_attachments([photo(), photo("again.jpg")])) == [
        "this file is there already"
    ]


def test_a_complaint_says_something() -> None:
    for text, said in ((" \n", "says nothing"), ("x" * (LONGEST_TEXT + 1), "more than 20000")):
        with pytest.raises(InvalidInput, match=said):
            replace(complaint(), text=text)
    assert replace(complaint(), text="x" * LONGEST_TEXT)
    with pytest.raises(InvalidInput, match="at most 20 files"):
        Complaint("C-1", "boris", ("d1",), "x", tuple(hashed(21)))
