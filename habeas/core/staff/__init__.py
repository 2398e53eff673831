"""Staff: the people who work here, each with one id, a name and roles, and who made them so.

People are staff ids, never spellings (law 7): of two ids that could be read as one, the roster has
only the first.
"""

from habeas.core.staff.members import Member, Role, StaffMove
from habeas.core.staff.roster import Roster
from habeas.core.staff.spelling import folded, parse_id

__all__ = ["Member", "Role", "Roster", "StaffMove", "folded", "parse_id"]
