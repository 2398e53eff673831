"""Policies: events and their schema, facts, conditions, the policy file and its ladder, findings,
plans.

A policy is a versioned file (docs/policies.md). Its condition holds for an account at an
event: that is a finding. What a set of policies would do is a plan.
"""

from habeas.core.policy.events import Event
from habeas.core.policy.facts import Fact
from habeas.core.policy.findings import Finding
from habeas.core.policy.ladder import Step
from habeas.core.policy.measures import Measure
from habeas.core.policy.plans import Plan
from habeas.core.policy.policies import Policy
from habeas.core.policy.schema import Schema

__all__ = ["Event", "Fact", "Finding", "Measure", "Plan", "Policy", "Schema", "Step"]
