"""Small disks, and folders that may not be written, for the tests that need one."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.killing import Starter, starting


@pytest.fixture(scope="module")
def mounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Path | None]]:
    """Mounts for a test; None where this machine does not let us."""
    made: list[Path] = []

    def mount(*words: str) -> Path | None:
        path = tmp_path_factory.mktemp("mount")
        if os.geteuid() != 0 or shutil.which("mount") is None:
            return None
        done = subprocess.run(["mount", *words, str(path)], capture_output=True, check=False)
        if done.returncode != 0:
            return None
        made.append(path)
        return path

    yield mount
    for path in made:
        subprocess.run(["umount", str(path)], check=True)


@dataclass(frozen=True)
class Disk:
    """A small disk, or a limit on the size of files for those who may mount none."""

    root: Path
    mounted: bool

    def fill(self, leave: int) -> str:
        """Leave so many bytes. What a process must do first to feel it."""
        if not self.mounted:
            return f"import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, ({leave},) * 2)"
        state = os.statvfs(self.root)
        room = max(0, state.f_bavail * state.f_frsize - leave)
        (self.root / "filler").write_bytes(b"x" * room)
        return "pass"

    def make_room(self) -> None:
        (self.root / "filler").unlink(missing_ok=True)


@pytest.fixture
def disk(mounts: Callable[..., Path | None], tmp_path: Path) -> Disk:
    mounted = mounts("-t", "tmpfs", "-o", "size=1m", "tmpfs")
    return Disk(mounted or tmp_path, mounted is not None)


@pytest.fixture(scope="module")
def starter() -> Iterator[Starter]:
    with starting() as one:
        yield one
