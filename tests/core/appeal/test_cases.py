"""The door without login: a reference, a one-time code, few tries, and never shut for good."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.appeal import Case
from habeas.core.appeal.cases import (
    CROCKFORD,
    MOST_TRIES,
    SHUT_US,
    Entrance,
    case_of,
    code_hash,
    code_of,
    renewed,
    tried,
    used,
)
from habeas.core.errors import InvalidInput
from tests.core.appeal.casework import DAY, NOW
from tests.core.samples import often

RANDOM = st.binary(min_size=10, max_size=10)
CODE = code_of(bytes(range(10)))
CASE = case_of("C-1", "boris", ("d1",), CODE)


@often
@given(RANDOM, RANDOM)
def test_each_random_has_a_code_of_its_own_and_only_that_opens(one: bytes, two: bytes) -> None:
    code, other = code_of(one), code_of(two)
    assert (code == other) == (one == two)
    assert set(code) <= set(CROCKFORD + "-")
    assert [len(part) for part in code.split("-")] == [4, 4, 4, 4]
    case = case_of("C-1", "boris", ("d1",), code)
    assert tried(case, code, NOW) == (case, Entrance.OPEN)
    assert tried(case, other, NOW)[1] is (Entrance.OPEN if one == two else Entrance.WRONG)


@often
@given(RANDOM, st.sampled_from([str.lower, str.upper, str.strip]))
def test_a_code_read_aloud_or_typed_is_taken_as_it_was_meant(one: bytes, turn: object) -> None:
    code = code_of(one)
    case = case_of("C-1", "boris", ("d1",), code)
    typed = code.replace("0", "O").replace("1", "l").replace("-", " ")
    assert tried(case, f" {turn(typed)} ", NOW)[1] is Entrance.OPEN  # type: ignore[operator]


@given(st.text())
def test_whatever_is_typed_is_an_answer(text: str) -> None:
    assert tried(CASE, text, NOW)[1] in (Entrance.WRONG, Entrance.OPEN)
    assert tried(CASE, f"{text}\ud800", NOW)[1] is Entrance.WRONG


def test_the_code_itself_is_nowhere_kept() -> None:
    assert CODE not in repr(CASE)
    assert len(CASE.code_hash) == 64
    assert code_hash("C-1", CODE) != code_hash("C-2", CODE)


def guessed(case: Case, times: int, now_us: int) -> Case:
    for _ in range(times):
        case, _ = tried(case, "0000-0000-0000-0000", now_us)
    return case


def test_after_five_tries_the_door_is_shut_for_an_hour_and_not_longer() -> None:
    shut = guessed(CASE, MOST_TRIES, NOW)
    assert tried(shut, CODE, NOW) == (shut, Entrance.SHUT)
    assert guessed(shut, 99, NOW + SHUT_US - 1) == shut, "tries at a shut door change nothing"
    assert tried(shut, CODE, NOW + SHUT_US)[1] is Entrance.OPEN
    assert tried(guessed(CASE, MOST_TRIES - 1, NOW), CODE, NOW)[0] == CASE, "a right one clears"


def test_a_guesser_has_few_tries_in_six_months() -> None:
    case, looked_at, now = CASE, 0, NOW
    while now < NOW + 7 * DAY:
        case, found = tried(case, "guess", now)
        looked_at += found is Entrance.WRONG
        now += SHUT_US // 60
    assert looked_at <= MOST_TRIES * 24 * 7


def test_a_code_opens_once_and_a_new_one_opens_a_shut_door() -> None:
    done = used(CASE, NOW)
    assert tried(done, CODE, NOW + 1) == (done, Entrance.USED)
    fresh = renewed(guessed(done, MOST_TRIES, NOW), other := code_of(b"another ra"))
    assert tried(fresh, other, NOW)[1] is Entrance.OPEN
    assert tried(fresh, CODE, NOW)[1] is Entrance.WRONG
    assert fresh == replace(CASE, code_hash=code_hash("C-1", other))


@pytest.mark.parametrize("random", [b"", b"123456789", b"12345678901"])
def test_a_code_has_eighty_bits(random: bytes) -> None:
    with pytest.raises(InvalidInput, match="made of 10 random bytes"):
        code_of(random)


@pytest.mark.parametrize(
    "parts", [(" ", "boris", ("d1",)), ("C-1", "", ("d1",)), ("C-1", "boris", ())]
)
def test_a_case_names_what_it_is_about(parts: tuple[str, str, tuple[str, ...]]) -> None:
    with pytest.raises(InvalidInput, match="a case has a reference"):
        case_of(*parts, CODE)
