"""The cast: the people of the tests, the same in every story."""

from __future__ import annotations

from dataclasses import dataclass

from habeas.core.decision import Actor
from habeas.core.staff import Role


@dataclass(frozen=True, slots=True)
class Person:
    """`account` is their account in the sample; staff have none."""

    name: str
    who: str
    account: str = ""

    roles: tuple[Role, ...] = ()

    @property
    def id(self) -> str:
        return self.name.lower()

    @property
    def actor(self) -> Actor:
        """As the record names them."""
        return Actor(self.id, person=True)


ALINE = Person("Aline", "a member for eleven years, about whom there is nothing to say", "aline")
BORIS = Person("Boris", "an abuser, who sends back nearly all he buys", "boris")
CHEN = Person("Chen", "wrongly caught: one tablet, a family of four", "chen")
ADA = Person("Ada", "who answers for the others", roles=(Role.ADMIN, Role.LEAD))
DORA = Person("Dora", "a reviewer", roles=(Role.REVIEWER,))
EMIL = Person("Emil", "a reviewer who did not take Dora's decisions", roles=(Role.REVIEWER,))
FAY = Person(
    "Fay",
    "the author of the policies, who hears appeals as well",
    roles=(Role.AUTHOR, Role.REVIEWER),
)
GUS = Person("Gus", "an auditor, who believes what he can recompute", roles=(Role.AUDITOR,))
HUGO = Person("Hugo", "someone without any rights here")

# Who shares Chen's tablet.
FAMILY = ("chen", "lan", "mei", "tao")

STAFF = (DORA, EMIL, FAY, GUS)
