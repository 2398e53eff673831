"""The EU's Digital Services Act in a policy: the ground and the category of its decisions."""

from __future__ import annotations

from enum import StrEnum


class Ground(StrEnum):
    ILLEGAL = "illegal"
    INCOMPATIBLE = "incompatible"


# The categories of a statement of reasons in the DSA Transparency Database, schema of July 2025.
CATEGORIES = frozenset(
    "ANIMAL_WELFARE CONSUMER_INFORMATION CYBER_VIOLENCE CYBER_VIOLENCE_AGAINST_WOMEN "
    "DATA_PROTECTION_AND_PRIVACY_VIOLATIONS ILLEGAL_OR_HARMFUL_SPEECH "
    "INTELLECTUAL_PROPERTY_INFRINGEMENTS NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS "
    "NOT_SPECIFIED_NOTICE OTHER_VIOLATION_TC PROTECTION_OF_MINORS RISK_FOR_PUBLIC_SECURITY "
    "SCAMS_AND_FRAUD SELF_HARM UNSAFE_AND_PROHIBITED_PRODUCTS VIOLENCE".split()
)
