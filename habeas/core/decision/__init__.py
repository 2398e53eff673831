"""Decisions: a measure on an account, its reason, its times, and the only moves it can make.

Laws 1 to 3: no decision without cause, no closing in the dark, steps in order. Standing is
derived from decisions and nothing else.
"""

from habeas.core.decision.decisions import Actor, Decision, DecisionMove, DecisionState, Reason
from habeas.core.decision.exemptions import Exemption
from habeas.core.decision.standing import Standing

__all__ = ["Actor", "Decision", "DecisionMove", "DecisionState", "Exemption", "Reason", "Standing"]
