"""Roles: what the attributes of accounts can tell of, by their names; and what their values mean
where a reading of a wave depends on it."""

from __future__ import annotations

import re
from enum import StrEnum
from fnmatch import fnmatchcase

from habeas.core.wave.diagnosis import AttributeValue

NO = frozenset({"no", "false", "0", "none", "never", "non", "faux", "jamais", ""})
BLANKS = frozenset({"", "unknown", "inconnu", "null", "none", "nan", "n/a", "undefined", "default"})
OLD_DAYS = 365
UNIT_DAYS = {"d": 1, "j": 1, "w": 7, "s": 7, "m": 30, "y": 365, "a": 365}  # by its first letter
UNIT = r"(d|days?|j|jours?|w|weeks?|semaines?|m|months?|mois|y|years?|ans?|années?)"
LENGTH = re.compile(rf"(\d+)(?:\D+\d+)?\s*(?:{UNIT}\b)?")  # of a band the lower end
THOUSANDS = re.compile(r"(?<=\d)[,\s](?=\d{3}\b)")
LESS = ("<", "under", "less", "up to", "moins", "jusqu")


class AttributeRole(StrEnum):
    """What an attribute can tell of. `plain` tells of none of the readings."""

    RELEASE = "release"
    CHANGE = "change"
    SHARED = "shared"
    PLAIN = "plain"
    TENURE = "tenure"


# The first pattern that fits the attribute's name in lower case gives its role.
NAMES: tuple[tuple[AttributeRole, tuple[str, ...]], ...] = (
    (
        AttributeRole.PLAIN,
        ("*_type", "*_kind", "*_os", "*_model", "*_brand", "*_country", "*_class", "*_lang*"),
    ),
    (
        AttributeRole.CHANGE,
        (
            "new_*", "*_new", "*_changed", "*_change", "*changed_*", "*_reset*", "*_added",
            "recent_*", "*password*", "*recovery*",
        ),
    ),
    (
        AttributeRole.RELEASE,
        (
            "*version*", "*deploy*", "*release*", "*build*", "*rollout*", "*engine*", "*commit*",
            "*experiment*", "*feature_flag*",
        ),
    ),
    (
        AttributeRole.SHARED,
        (
            "*device*", "*card*", "*address*", "ip", "ip_*", "*_ip", "*phone*", "*email*",
            "*iban*", "*bank*", "*payment*", "*fingerprint*", "*wallet*",
        ),
    ),
    (AttributeRole.TENURE, ("*tenure*", "account_age*", "membership_age*")),
)  # fmt: skip


def role_of(name: str) -> AttributeRole:
    """The role that an attribute's name suggests."""
    lower = name.lower()
    for role, patterns in NAMES:
        if any(fnmatchcase(lower, pattern) for pattern in patterns):
            return role
    return AttributeRole.PLAIN


def is_no(value: AttributeValue) -> bool:
    """Whether the value of a change says that there was none."""
    return value is None or str(value).strip().lower() in NO


def is_blank(value: AttributeValue) -> bool:
    """Whether a value stands for one that is missing. 0 does not: a new customer has 0 orders."""
    return value is None or (isinstance(value, str) and value.strip().lower() in BLANKS)


def is_old(name: str, value: AttributeValue) -> bool | None:
    """Whether an account with this value of a tenure is a year old or more; of a band the lower
    end counts. The unit stands in the value (`2-5y`) or the name (`tenure_days`); None where
    neither tells."""
    if value is None or isinstance(value, bool):
        return None
    text = THOUSANDS.sub("", str(value).strip().lower())
    named = re.fullmatch(UNIT, name.lower().rpartition("_")[2])
    found = LENGTH.search(text)
    unit = (found and found[2]) or (named and named[0])
    if not found or not unit:
        return None
    return not text.startswith(LESS) and int(found[1]) * UNIT_DAYS[unit[0]] >= OLD_DAYS
