"""Property: what a customer has, and what happens to it under a decision.

Laws 4 and 6: nothing owned is lost, and what was settled is given back exactly. Money is in a
double-entry ledger.
"""

from habeas.core.property.custody import Custody
from habeas.core.property.holdings import Holding
from habeas.core.property.ledger import Entry, Purse, PurseRole
from habeas.core.property.rules import HoldingOutcome, SettlementRules
from habeas.core.property.settlement import Settlement

__all__ = [
    "Custody",
    "Entry",
    "Holding",
    "HoldingOutcome",
    "Purse",
    "PurseRole",
    "Settlement",
    "SettlementRules",
]
