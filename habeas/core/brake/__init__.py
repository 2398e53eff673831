"""The brake: it is asked before a restrictive decision takes force, and stops a wave that no plan
foresaw.

Law 11: a closed brake holds. Two people release it (docs/brake.md).
"""

from habeas.core.brake.brakes import Brake, BrakeState, BrakeStatus, Closing
from habeas.core.brake.releases import Release, ReleaseRequest
from habeas.core.brake.terms import BrakeTerms

__all__ = [
    "Brake",
    "BrakeState",
    "BrakeStatus",
    "BrakeTerms",
    "Closing",
    "Release",
    "ReleaseRequest",
]
