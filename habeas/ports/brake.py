"""The brake as the operator sets it: `brake.yaml` beside `.habeas`, if it is there."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from habeas.core.brake.settings import Settings
from habeas.core.errors import InvalidInput
from habeas.core.policy.shapes import Duration, Shape, shaped
from habeas.core.policy.yaml import read_document
from habeas.core.times import duration
from habeas.ports.files import unreadable
from habeas.ports.folder import Folder

FILE = "brake.yaml"
Cap = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class BrakeShape(Shape):
    """What the operator promises, and what the brake looks at."""

    promise: Duration = Field("365d", description="the mean time between two false pauses")
    slack: float = Field(1.75, ge=1, description="times the forecast that may last")
    floor: float = Field(1.0, gt=0, description="the least expectation, decisions a day")
    bin: Duration = Field("10s", description="a batch at once lies within one")
    shares: dict[str, Share] = Field({}, description="part of the whole that a new value may take")
    caps: dict[str, Cap] = Field({}, description="decisions in an hour, by attribute; * is all")
    events: str | None = Field(None, description="where attributes are looked up, if not the plan")


def read_settings(folder: Folder) -> Settings:
    """The defaults where there is no such file. Raises InvalidInput, InvalidPolicy."""
    path = folder.root.parent / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except UnicodeDecodeError:
        raise InvalidInput(f"'{path}' is not UTF-8 text", "save it as UTF-8") from None
    except OSError as error:
        raise unreadable(path, "the file", error) from None
    shape = shaped(read_document(text, FILE), BrakeShape)
    return Settings(
        duration(shape.promise), shape.slack, shape.floor, duration(shape.bin), shape.shares,
        shape.caps, str(path.parent / shape.events) if shape.events else None,
    )  # fmt: skip
