"""Exemptions: a policy does not apply to an account, mostly since a ruling said so."""

from __future__ import annotations

from dataclasses import dataclass

from habeas.core.policy import Finding


@dataclass(frozen=True, slots=True)
class Exemption:
    """A policy, or all of them where it is None, does not apply to an account until `until_us`
    (for good where that is None), and why: mostly a ruling."""

    account: str
    policy: str | None
    why: str
    until_us: int | None = None

    def covers(self, finding: Finding, now_us: int) -> bool:
        """Whether it spares the account of a finding at this time (microseconds UTC)."""
        names = self.policy in (None, finding.policy) and self.account == finding.account
        return names and (self.until_us is None or now_us < self.until_us)
