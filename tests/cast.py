"""The cast: the people of the tests, the same in every story."""

from __future__ import annotations

from dataclasses import dataclass

from habeas.core.decision import Actor


@dataclass(frozen=True, slots=True)
class Person:
    """`account` is their account in the sample; staff have none."""

    name: str
    who: str
    account: str = ""

    @property
    def actor(self) -> Actor:
        """As the record names them."""
        return Actor(self.name, person=True)


ALINE = Person("Aline", "a member for eleven years, about whom there is nothing to say", "aline")
BORIS = Person("Boris", "an abuser, who sends back nearly all he buys", "boris")
CHEN = Person("Chen", "wrongly caught: one tablet, a family of four", "chen")
DORA = Person("Dora", "a reviewer")
EMIL = Person("Emil", "a reviewer who did not take Dora's decisions")
FAY = Person("Fay", "the author of the policies")
GUS = Person("Gus", "an auditor, who believes what he can recompute")
HUGO = Person("Hugo", "someone without any rights here")

# Who shares Chen's tablet.
FAMILY = ("chen", "lan", "mei", "tao")
