"""Appeals: a customer complains without the closed account, another person answers, and what was
wrong is undone.

Laws 6 and 7: reversal is exact, and whoever decided never rules (DSA articles 20 and 21,
docs/appeals.md). Relief undoes all decisions of one fault (docs/relief.md).
"""

from habeas.core.appeal.appeals import Appeal, AppealState
from habeas.core.appeal.cases import Case
from habeas.core.appeal.relief import ReliefPlan
from habeas.core.appeal.rulings import Ruling, Verdict

__all__ = ["Appeal", "AppealState", "Case", "ReliefPlan", "Ruling", "Verdict"]
