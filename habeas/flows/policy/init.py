"""Init: a working folder to start from. Nothing that is there already is overwritten."""

from __future__ import annotations

import json
import os
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from habeas.core.errors import Changed, Unwritable
from habeas.core.policy.shapes import MappingShape, PolicyShape, SchemaShape, Shape, json_schema
from habeas.ports.brake import BrakeShape
from habeas.ports.files import write_text
from habeas.ports.folder import Folder
from habeas.ports.platform import PlatformShape
from habeas.ports.signals import SignalsShape
from habeas.ports.witnesses import WitnessesShape

SCHEMAS: dict[str, type[Shape]] = {
    "policy": PolicyShape,
    "events": SchemaShape,
    "mapping": MappingShape,
    "platform": PlatformShape,
    "brake": BrakeShape,
    "signals": SignalsShape,
    "witnesses": WitnessesShape,
}


def scaffold(folder: Path) -> list[Path]:
    """Write the example files and the JSON Schemas that editors complete them with. Raises
    Changed where one of them exists with other content; what a crash left is completed."""
    texts = dict(_texts(resources.files("habeas") / "scaffold", Path()))
    for name, shape in SCHEMAS.items():
        text = json.dumps(json_schema(shape), indent=2, ensure_ascii=False)
        texts[Path("schemas") / f"{name}.schema.json"] = text + "\n"
    there = [path for path in texts if os.path.lexists(folder / path)]
    other = [path for path in there if not _is(folder / path, texts[path])]
    if other:
        raise Changed(f"'{folder / other[0]}' exists already", "choose an empty folder")
    for path, text in texts.items():
        _make(folder / path.parent)
        write_text(folder / path, text)
    Folder(folder / ".habeas").prepare()
    return [folder / path for path in sorted(texts)]


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()


def _texts(here: Traversable, path: Path) -> list[tuple[Path, str]]:
    found = []
    for entry in here.iterdir():
        if entry.is_dir():
            found += _texts(entry, path / entry.name)
        else:
            found.append((path / entry.name, entry.read_text(encoding="utf-8")))
    return found


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unwritable(
            f"'{folder}' cannot be made: {error.strerror}", "name a folder where you may write"
        ) from None
