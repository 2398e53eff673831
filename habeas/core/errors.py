"""One tree of errors. Its branches carry the HTTP status and the exit code; the message is one
sentence for the person, `hint` is their next step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from enum import StrEnum


class HabeasError(Exception):
    """Something failed that Habeas did not foresee."""

    status = 500
    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def as_json(self) -> dict[str, object]:
        return {"error": type(self).__name__, "message": self.message, "hint": self.hint}


class InvalidInput(HabeasError):
    """A file or value given to Habeas cannot be used."""

    status = 400
    exit_code = 3


class NotFound(HabeasError):
    """A file, account, plan or policy that was named does not exist."""

    status = 404
    exit_code = 4


class InvalidPolicy(HabeasError):
    """Policies, schemas or mappings have problems; each is listed with its place."""

    status = 422
    exit_code = 5

    def __init__(self, message: str, hint: str = "", problems: Iterable[Problem] = ()) -> None:
        super().__init__(message, hint)
        self.problems = tuple(problems)

    def as_json(self) -> dict[str, object]:
        return super().as_json() | {"problems": [asdict(p) for p in self.problems]}


class Changed(HabeasError):
    """What was planned is no longer what stands there."""

    status = 409
    exit_code = 6


class Unwritable(HabeasError):
    """A file could not be written."""

    status = 507
    exit_code = 7


class Overflowed(HabeasError):
    """A fact outgrew 64 bits; the message names the account and the fact."""

    status = 422
    exit_code = 8


class Unavailable(HabeasError):
    """Something outside that Habeas was told to use is missing or does not answer."""

    status = 503
    exit_code = 9


class Unproven(HabeasError):
    """A proof, a signature or a record of the log does not hold."""

    status = 422
    exit_code = 10


class IllegalMove(HabeasError):
    """A decision, a settlement, an appeal or a relief cannot do this as it stands."""

    status = 409
    exit_code = 11


class Forbidden(HabeasError):
    """What was given does not open this: a wrong code, or too many of them."""

    status = 403
    exit_code = 12


class NotAllowed(HabeasError):
    """Whoever asks is nobody who works here, or has no role for this; the message says which."""

    status = 403
    exit_code = 13


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file a person writes. `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    sentence: str
    hint: str = ""
    level: Level = Level.ERROR

    def __str__(self) -> str:
        text = f"{self.file}:{self.line}:{self.column}: {self.level}: {self.sentence}"
        return f"{text}\n  hint: {self.hint}" if self.hint else text


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint with the known name closest to `name`, or the list of what there is."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1, cutoff=0.5)
    if close:
        return f"did you mean `{close[0]}`?"
    return f"known: {', '.join(f'`{n}`' for n in names)}" if names else "there are none yet"
