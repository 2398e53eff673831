"""Policy files in, problems or policies out."""

from __future__ import annotations

from pathlib import Path

import pytest

from habeas.core.errors import InvalidInput, InvalidPolicy, NotFound
from habeas.core.policy import Policy
from habeas.core.policy.checks import AppliedVersion
from habeas.flows.policy.check import Checked, check_folder, check_texts, find_schema, holds_for
from tests.flows.shop import SCHEMA, Shop, busy_shop, open_shop, policy


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return open_shop(tmp_path)


def checked(shop: Shop, *in_force: Policy) -> Checked:
    versions = {p.name: AppliedVersion(p.version, p.outcome) for p in in_force}
    return check_folder(shop.policies, find_schema(shop.policies), versions)


def only(shop: Shop) -> Policy:
    (found,) = checked(shop).sound().policies.values()
    return found


def said(found: Checked) -> list[str]:
    return [problem.sentence for problem in found.errors]


def test_a_folder_of_sound_policies_has_no_problem(shop: Shop) -> None:
    shop.put(policy("few-orders", when="orders < 0", version=4), "b.yml")
    found = checked(shop).sound()
    assert (found.files, found.tests, found.problems) == (2, 1, ())
    assert {p.name: p.version for p in found.policies.values()} == {
        "many-returns": 1,
        "few-orders": 4,
    }


def test_what_is_no_policy_file_is_left_alone(shop: Shop) -> None:
    for name in ("notes.txt", ".many-returns.yaml.7.part", "many-returns.yaml~"):
        shop.put("not: [yaml", name)
    shop.put(SCHEMA, "events.yaml")
    assert checked(shop).sound().files == 1


def test_one_file_that_cannot_be_read_hides_no_other_problem(shop: Shop) -> None:
    shop.write("policies/latin.yaml", b"policy: \xe9\n")
    shop.put("policy: [", "broken.yaml")
    shop.put("", "empty.yaml")
    shop.put(policy("other", when="nosuch > 1 and orders = returns"), "other.yaml")
    (shop.policies / "folder.yaml").mkdir()
    (shop.policies / "dangling.yaml").symlink_to("none")
    found = checked(shop)
    assert [Path(p.file).name for p in found.errors] == [
        "broken.yaml", "dangling.yaml", "empty.yaml", "folder.yaml", "latin.yaml", "other.yaml",
    ]  # fmt: skip
    assert list(found.policies) == ["many-returns"]
    with pytest.raises(InvalidPolicy, match="6 problems in the policies") as caught:
        found.sound()
    assert caught.value.problems == found.errors


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("returns", "is a whole number, not a condition"),
        ("many_returns > 1", "depend on itself"),
        ("returns > 'x'", "text"),
        ("returns >", "cannot be read near `>`"),
        ("select 1", "cannot be read near `select`"),
        ("'" + "x" * 11_000 + "' = 'x'", "longer than"),
    ],
)
def test_a_condition_that_cannot_hold_is_named_with_its_place(
    shop: Shop, when: str, sentence: str
) -> None:
    shop.put(policy(when='"' + when + '"'))
    (problem, *_) = [p for p in checked(shop).errors if p.line == 8]
    assert sentence in problem.sentence
    assert problem.column >= 7


# The schema


def test_the_schema_is_beside_the_policies_or_above_them_or_in_the_events(tmp_path: Path) -> None:
    shop = busy_shop(tmp_path)
    above = find_schema(shop.policies)
    shop.put(SCHEMA.replace("kg", "lb"), "events.yaml")
    beside = find_schema(shop.policies, shop.events)
    assert (above.attributes["weight"].unit, beside.attributes["weight"].unit) == ("kg", "lb")
    shop.schema.unlink()
    (shop.policies / "events.yaml").unlink()
    assert find_schema(shop.policies, shop.events) == above
    with pytest.raises(NotFound, match=r"there is no events.yaml in '.*policies'"):
        find_schema(shop.policies)


def test_a_folder_that_is_none_is_named_before_its_schema(shop: Shop) -> None:
    with pytest.raises(NotFound, match=r"the folder '.*none' does not exist"):
        find_schema(shop.root / "none")
    with pytest.raises(InvalidInput, match=r"mapping.yaml' is not a folder"):
        find_schema(shop.mapping)
    (shop.root / "empty").mkdir()
    with pytest.raises(NotFound, match="there is no policy in"):
        check_folder(shop.root / "empty", find_schema(shop.policies))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("last: country", "last: colour", "`colour`"),
        ("stake:\n  revenue: {sum: amount", "stake:\n  revenue: {sum: quantity", "money"),
        ("types:", "typos:", "`types` is missing"),
        ("required: [amount]", "required: [size]", "`size` is not an attribute"),
    ],
)
def test_a_schema_with_problems_names_them(shop: Shop, old: str, new: str, sentence: str) -> None:
    shop.write("events.yaml", SCHEMA.replace(old, new))
    with pytest.raises(InvalidPolicy) as caught:
        find_schema(shop.policies)
    assert any(sentence in p.sentence for p in caught.value.problems)


# Versions


@pytest.mark.parametrize(
    ("version", "change", "problem"),
    [
        (1, {}, None),
        (1, {"title": "Other words"}, None),
        (2, {}, None),
        (2, {"when": "returns >= 4"}, None),
        (1, {"when": "returns >= 4"}, "this change can change who is hit, and version 1 is"),
        (1, {"over": "31d"}, "this change can change who is hit, and version 1 is in force"),
    ],
)
def test_the_version_must_rise_with_what_can_change_an_outcome(
    shop: Shop, version: int, change: dict[str, str], problem: str | None
) -> None:
    before = only(shop)
    shop.put(policy(version=version, **change))
    found = said(checked(shop, before))
    assert len(found) == (problem is not None)
    assert not found or found[0].startswith(str(problem))


def test_a_version_that_falls_is_refused(shop: Shop) -> None:
    shop.put(policy(version=3))
    before = only(shop)
    shop.put(policy(version=2))
    assert said(checked(shop, before)) == ["version 3 is in force already"]


# The policies' own tests


def test_a_test_that_fails_is_a_problem_at_its_expectation(shop: Shop) -> None:
    text = policy().replace("expect: finding", "expect: nothing")
    shop.put(text)
    (problem,) = checked(shop).errors
    assert problem.sentence == "test 1 gives finding, not nothing"
    line = text.splitlines()[problem.line - 1]
    assert line[problem.column - 1 :].startswith("nothing")


def test_facts_that_a_test_does_not_give_are_unknown(shop: Shop) -> None:
    found = only(shop)
    assert holds_for(found, found.condition, {"returns": 3, "orders": 1})
    assert not holds_for(found, found.condition, {"returns": 3})
    assert not holds_for(found, found.condition, {"returns": 3, "orders": None})
    assert not holds_for(found, found.condition, {})


def test_an_exemption_of_which_a_test_says_nothing_is_taken_as_not_met(shop: Shop) -> None:
    base = policy().replace("notice: 14d", "unless: tenure > 365\nnotice: 14d")
    base = base.replace("when:", "  tenure: {age: order, unit: day}\nwhen:")
    for given, expect in (("tenure: 366", "nothing"), ("tenure: null", "nothing")):
        more = f"  - {{given: {{orders: 1, returns: 9, {given}}}, expect: {expect}}}\n"
        shop.put(base + more)
        assert checked(shop).errors == ()


def test_texts_are_checked_without_any_file(shop: Shop) -> None:
    schema = find_schema(shop.policies)
    found = check_texts([("one", policy()), ("two", policy())], schema, {})
    assert any("many-returns" in sentence for sentence in said(found))
