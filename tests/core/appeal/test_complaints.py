"""What comes with an appeal: files as values, with limits; each refusal says why."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.appeal.complaints import (
    LONGEST_TEXT,
    MEDIA_TYPES,
    MOST_BYTES,
    MOST_FILES,
    MOST_TOGETHER,
    Attachment,
    Complaint,
    against_attachments,
    attached,
    media_type_of,
)
from habeas.core.errors import InvalidInput
from tests.core.appeal.hearing import complaint, photo


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
    for wrong in ("", "a" * 63, "A" * 64, "a" * 64 + "\n"):
        with pytest.raises(InvalidInput, match="is not 64 hex digits"):
            photo(sha256=wrong)
    assert {replace(photo(), media_type=kind).media_type for kind in MEDIA_TYPES} == MEDIA_TYPES


EMAIL = b"From: boris@example.org\r\nTo: help@example.org\r\nDate: today\r\n\r\nI never did.\xe9"
FILES = [
    (b"%PDF-1.7\n\x00", "application/pdf"),
    (b"\xff\xd8\xff\xe0\x00", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n\x00", "image/png"),
    (b"RIFF\n\x00\x00\x00WEBPVP8 ", "image/webp"),
    (EMAIL, "message/rfc822"),
    (EMAIL.replace(b"\r", b"").replace(b"From", b"from"), "message/rfc822"),
    ("Reçu du 3 mai\n".encode(), "text/plain"),
    (b"Date: today\n\nFrom: here on it is a text", "text/plain"),
    (b"<svg onload='x'/>", "text/plain"),  # it is shown as a text
    (b"MZ\x90\x00", None),
    (b"PK\x03\x04", None),
    (b"\x7fELF", None),
    (b"GIF89a\x00", None),
    (b"RIFF\x00\x00\x00\x00WAVE", None),
    (b" %PDF-1.7\x00", None),
    (b"caf\xe9", None),
]


@pytest.mark.parametrize(("content", "kind"), FILES)
def test_a_type_is_what_the_bytes_say_whatever_the_name_says(
    content: bytes, kind: str | None
) -> None:
    assert media_type_of(content) == kind
    if kind is None:
        with pytest.raises(InvalidInput, match=r"photo.jpg is 'unknown'"):
            attached("photo.jpg", content)
    else:
        made = attached("photo.exe", content)
        assert (made.media_type, made.size) == (kind, len(content))
        assert made.sha256 == sha256(content).hexdigest()


@given(st.binary(max_size=300))
def test_whatever_is_sent_is_taken_in_or_refused_with_a_reason(content: bytes) -> None:
    assert media_type_of(content) in MEDIA_TYPES | {None}
    if media_type_of(content) is None or not content:
        with pytest.raises(InvalidInput, match=r"is 'unknown'|has 0 bytes"):
            attached("a", content)
    else:
        assert attached("a", content).size == len(content)


def test_what_is_too_large_is_refused_by_its_size_and_a_hard_one_is_read_quickly() -> None:
    with pytest.raises(InvalidInput, match=f"has {MOST_BYTES + 1} bytes"):
        attached("a.txt", b"a" * (MOST_BYTES + 1))
    for hard in (b"a: b\r\n" * (MOST_BYTES // 6), b"a" * MOST_BYTES, b"\n" * MOST_BYTES):
        assert media_type_of(hard) == "text/plain"


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
