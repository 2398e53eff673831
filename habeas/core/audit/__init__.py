"""The audit: the laws asked again of what was recorded, from the record alone (docs/laws.md)."""

from habeas.core.audit.laws import LAWS, Record

__all__ = ["LAWS", "Record"]
