"""Roles: what names tell of, and what values mean for a reading."""

from __future__ import annotations

import pytest

from habeas.core.wave.diagnosis import Value
from habeas.core.wave.roles import Role, is_blank, is_no, is_old, role_of


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("app_version", Role.RELEASE), ("Deployment_ID", Role.RELEASE), ("release", Role.RELEASE),
        ("build", Role.RELEASE), ("rule_engine", Role.RELEASE), ("device_version", Role.RELEASE),
        ("new_device", Role.CHANGE), ("password_changed", Role.CHANGE),
        ("address_changed", Role.CHANGE), ("recent_password_reset", Role.CHANGE),
        ("device", Role.SHARED), ("device_id", Role.SHARED), ("card_hash", Role.SHARED),
        ("shipping_address", Role.SHARED), ("ip", Role.SHARED), ("signup_ip", Role.SHARED),
        ("device_type", Role.PLAIN), ("card_country", Role.PLAIN), ("country", Role.PLAIN),
        ("tier", Role.PLAIN), ("shipping", Role.PLAIN), ("age", Role.PLAIN),
        ("tenure_days", Role.TENURE), ("Tenure", Role.TENURE), ("account_age_days", Role.TENURE),
    ],
)  # fmt: skip
def test_names_tell_roles(name: str, role: Role) -> None:
    assert role_of(name) is role


@pytest.mark.parametrize("value", [None, "", " ", "Unknown", "n/a", "null", "default"])
def test_a_missing_value_has_many_names(value: Value) -> None:
    assert is_blank(value)


@pytest.mark.parametrize("value", [0, 0.0, False, "0", "no", "FR"])
def test_nothing_and_no_are_answers(value: Value) -> None:
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
    name: str, value: Value, old: bool | None
) -> None:
    assert is_old(name, value) is old
