"""The audit: the laws asked again of what was recorded, from the record alone (docs/laws.md)."""

from habeas.core.audit.laws import LAWS
from habeas.core.audit.records import Record

__all__ = ["LAWS", "Record"]
