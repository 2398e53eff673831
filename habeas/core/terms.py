"""Terms: by when an appeal is answered, and who is told when it is not (DSA article 20(4) and (5):
in time and without undue delay)."""

from __future__ import annotations

from dataclasses import dataclass

from habeas.core.errors import InvalidInput
from habeas.core.ids import UNITS

DAY = UNITS["d"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the platform promises, in microseconds: when the reviewer is reminded and when the
    appeal goes one level higher, both since it was opened; how long a ruling may wait to be
    carried out and told. The first escalation is the day by which the answer is due."""

    reminders: tuple[int, ...] = (5 * DAY, 10 * DAY)
    escalations: tuple[int, ...] = (14 * DAY, 21 * DAY, 28 * DAY)
    carry_out_us: int = DAY

    def __post_init__(self) -> None:
        times = (*self.reminders, *self.escalations, self.carry_out_us)
        if not self.escalations or min(times) <= 0:
            raise InvalidInput("the terms of an appeal name a day by which it is answered")


NORMAL = Terms()
# for who cannot wait: hardship was claimed when the appeal was opened
URGENT = Terms((DAY,), (3 * DAY, 5 * DAY, 7 * DAY))
