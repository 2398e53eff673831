"""Roles: what names tell of, and what values mean for a reading."""

from __future__ import annotations

import pytest

from habeas.core.wave.diagnosis import AttributeValue
from habeas.core.wave.roles import AttributeRole, is_blank, is_no, is_old, role_of


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (
            AttributeRole.RELEASE,
            "app_version Deployment_ID release build rule_engine device_version",
        ),
        (AttributeRole.CHANGE, "new_device password_changed address_changed recent_password_reset"),
        (AttributeRole.SHARED, "device device_id card_hash shipping_address ip signup_ip"),
        (AttributeRole.PLAIN, "device_type card_country country tier shipping age"),
        (AttributeRole.TENURE, "tenure_days Tenure account_age_days"),
    ],
)
def test_names_tell_roles(role: AttributeRole, names: str) -> None:
    assert {name: role_of(name) for name in names.split()} == dict.fromkeys(names.split(), role)


@pytest.mark.parametrize("value", [None, "", " ", "Unknown", "n/a", "null", "default"])
def test_a_missing_value_has_many_names(value: AttributeValue) -> None:
    assert is_blank(value)


@pytest.mark.parametrize("value", [0, 0.0, False, "0", "no", "FR"])
def test_nothing_and_no_are_answers(value: AttributeValue) -> None:
    assert not is_blank(value)


def test_what_did_not_change() -> None:
    assert all(map(is_no, (None, False, 0, "No", "jamais")))
    assert not any(map(is_no, (True, 1, "yes", "2 days ago")))


@pytest.mark.parametrize(
    ("name", "value", "old"),
    [
        ("tenure_days", 365, True), ("tenure_days", 364, False), ("tenure_days", 0, False),
        ("tenure_months", 14, True), ("tenure_years", 1, True), ("tenure_days", "400", True),
        ("tenure_days", "1,095 and over", True), ("tenure_days", "30 to 1,094", False),
        ("tenure_days", "under 3,650", False), ("tenure", "2-5y", True), ("tenure", "1y+", True),
        ("tenure", "over 3 years", True), ("tenure", "3 mois", False), ("tenure", "10 ans", True),
        ("tenure", "< 10 years", False), ("tenure", "moins de 2 ans", False),
        ("tenure", 400, None), ("tenure", "new", None), ("tenure_band", "30 to 364", None),
        ("tenure_days", None, None), ("tenure_days", True, None),
    ],
)  # fmt: skip
def test_old_is_a_year_or_more_where_the_unit_is_told(
    name: str, value: AttributeValue, old: bool | None
) -> None:
    assert is_old(name, value) is old
