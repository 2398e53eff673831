"""Round: all that is due, once. `habeas work` goes round after round."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from habeas.core.progress import Progress, silent
from habeas.flows.appeal.hear import OverdueReport, overdue
from habeas.flows.decision.tick import TickReport, tick
from habeas.flows.letter.deliver import DeliveryReport, PostOffice, deliver
from habeas.flows.letter.notify import NoticeReport, Teller, notify
from habeas.ports.folder import Folder
from habeas.ports.mail import Refused


@dataclass(frozen=True, slots=True)
class TimeReport:
    """What time alone did to decisions and appeals."""

    tick: TickReport
    appeals: OverdueReport

    def as_json(self) -> dict[str, object]:
        return {**asdict(self.tick), "appeals": self.appeals}


def pass_time(
    folder: Folder, now_us: int, progress: Progress = silent, *, back: bool = False
) -> TimeReport:
    """Measures take force and end; people are told of appeals that are late. `back`: nothing
    takes force."""
    moved = tick(now_us, progress=progress, folder=folder, back=back)
    return TimeReport(moved, overdue(now_us))


@dataclass(frozen=True, slots=True)
class RoundReport:
    """What one round did; `webhook` is why the webhook can be told nothing, None where it can."""

    webhook: Refused | None
    notify: NoticeReport
    deliver: DeliveryReport
    tick: TickReport
    appeals: OverdueReport


def work(teller: Teller, post: PostOffice, folder: Folder) -> RoundReport:
    """Told first: a warning that was made takes force in this very round."""
    told, late = notify(teller), overdue(post.clock())
    sent, moved = deliver(post), tick(post.clock(), folder=folder)
    return RoundReport(_unsigned(post), told, sent, moved, late)


def _unsigned(post: PostOffice) -> Refused | None:
    """Said in each round, before there is any news for it."""
    try:
        if post.webhook is not None:
            post.webhook.secrets()
    except Refused as error:
        return error
    return None
