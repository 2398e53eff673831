"""One tree of errors: every branch has its exit code, and every error its next step."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from habeas.core import errors
from habeas.core.errors import HabeasError, InvalidPolicy, Level, Problem, nearest
from tests.core.samples import calm


def tree(cls: type[HabeasError]) -> list[type[HabeasError]]:
    return [cls, *(found for below in cls.__subclasses__() for found in tree(below))]


def test_every_error_has_its_own_exit_code_and_an_http_status() -> None:
    found = [cls for cls in tree(HabeasError) if cls.__module__ == errors.__name__]
    codes = [cls.exit_code for cls in found]
    assert len(found) >= 7
    assert len(codes) == len(set(codes))
    assert all(1 <= code < 64 and code != 2 for code in codes), "2 is for wrong usage"
    assert all(400 <= cls.status < 600 for cls in found)
    assert all(cls.__doc__ for cls in found)


def test_exit_codes_and_statuses_are_promises_to_scripts() -> None:
    found = {cls.__name__: (cls.exit_code, cls.status) for cls in tree(HabeasError)}
    promised = {
        "HabeasError": (1, 500),
        "InvalidInput": (3, 400),
        "NotFound": (4, 404),
        "InvalidPolicy": (5, 422),
        "Changed": (6, 409),
        "Unwritable": (7, 507),
        "Overflowed": (8, 422),
        "Unavailable": (9, 503),
        "Unproven": (10, 422),
        "IllegalMove": (11, 409),
        "Forbidden": (12, 403),
        "NotAllowed": (13, 403),
    }
    assert {name: found[name] for name in promised} == promised


def test_an_error_as_json_carries_message_and_hint() -> None:
    error = errors.NotFound("there is no plan 'abc'", "run `habeas plan`")
    assert str(error) == "there is no plan 'abc'"
    assert error.as_json() == {
        "error": "NotFound",
        "message": "there is no plan 'abc'",
        "hint": "run `habeas plan`",
    }


def test_an_invalid_policy_as_json_lists_its_problems_with_their_places() -> None:
    problem = Problem("p.yaml", 3, 7, "`cap` must be 1 or more, not '0'", "", Level.WARNING)
    error = InvalidPolicy("p.yaml has the wrong shape", problems=iter([problem]))
    assert error.problems == (problem,)
    assert error.as_json() == {
        "error": "InvalidPolicy",
        "message": "p.yaml has the wrong shape",
        "hint": "",
        "problems": [
            {
                "file": "p.yaml",
                "line": 3,
                "column": 7,
                "sentence": "`cap` must be 1 or more, not '0'",
                "hint": "",
                "level": "warning",
            }
        ],
    }


def test_a_problem_is_printed_as_compilers_print_theirs() -> None:
    bare = Problem("p.yaml", 3, 7, "`cap` is too large")
    assert str(bare) == "p.yaml:3:7: error: `cap` is too large"
    hinted = Problem("p.yaml", 3, 7, "`cap` is too large", "take less", Level.WARNING)
    assert str(hinted) == "p.yaml:3:7: warning: `cap` is too large\n  hint: take less"


def test_the_hint_is_the_nearest_name_else_what_there_is() -> None:
    assert nearest("orderz", ["orders", "returns"]) == "did you mean `orders`?"
    assert nearest("zzz", ["b", "a"]) == "known: `a`, `b`"
    assert nearest("zzz", []) == "there are none yet"


@calm
@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=8))
def test_a_name_that_exists_is_its_own_nearest(name: str, others: list[str]) -> None:
    assert nearest(name, [*others, name]) in (
        f"did you mean `{name}`?",
        f"known: {', '.join(f'`{n}`' for n in sorted([*others, name]))}",
    )
