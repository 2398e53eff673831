"""Commands as processes of their own that start at once, since they are forked from one that has
loaded everything; and that kill themselves at a given moment of their writing.

`python -m tests.faults.killing` is the one that they are forked from: it reads orders line by
line, and writes the id of the process and then how it ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests import ROOT
from tests.flows.policy.running import following
from tests.flows.shop import history, lines, open_shop

CALLS = ("write", "pwrite", "fsync", "fdatasync", "ftruncate", "truncate", "replace", "unlink")
SAID = "said"  # what a command printed, beside its folder


@dataclass
class Started:
    """A command that was started: what ended it is known after `wait`."""

    pid: int
    answers: IO[str]
    said: Path
    code: int | None = None

    def wait(self) -> int:
        """Its exit code, or minus the signal that ended it."""
        if self.code is None:
            self.code = int(self.answers.readline())
        return self.code

    def ended(self) -> bool:
        """Whether it has, so far."""
        if self.code is None and select.select([self.answers], [], [], 0)[0]:
            self.wait()
        return self.code is not None

    def send(self, number: int) -> None:
        """A signal, unless it has ended."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)


class Starter:
    """Starts one command at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin
        assert process.stdout
        self.orders, self.answers = process.stdin, process.stdout

    def start(self, words: Sequence[object], inside: Path, moment: int = 0) -> Started:
        """`moment`: at which of its changes of files it kills itself; 0: never."""
        said = inside.with_name(f"{inside.name}.{SAID}")
        order = {"words": list(map(str, words)), "inside": str(inside), "moment": moment}
        self.orders.write(json.dumps(order | {"said": str(said)}) + "\n")
        self.orders.flush()
        return Started(int(self.answers.readline()), self.answers, said)

    def run(self, words: Sequence[object], inside: Path, moment: int = 0) -> tuple[int, str]:
        started = self.start(words, inside, moment)
        return started.wait(), started.said.read_text(encoding="utf-8")


@contextmanager
def starting() -> Iterator[Starter]:
    words = [sys.executable, "-m", "tests.faults.killing"]
    with subprocess.Popen(
        words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        try:
            yield Starter(process)
        finally:
            assert process.stdin
            process.stdin.close()


# In the process that is forked from


def serve() -> None:
    with tempfile.TemporaryDirectory() as folder:  # all that a run needs is loaded once, here
        shop = open_shop(Path(folder))
        shop.write("raw.ndjson", lines(history() * 10))
        following(shop)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if not child:
            _obey(order)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _obey(order: dict[str, Any]) -> None:
    """Be the command; this process ends with it."""
    from habeas.cli import main

    nothing = os.open(os.devnull, os.O_RDONLY)
    said = os.open(order["said"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    for number, file in ((0, nothing), (1, said), (2, said)):
        os.dup2(file, number)
    os.chdir(order["inside"])
    sys.argv = ["habeas", *order["words"]]
    if order["moment"]:
        _watch(order["moment"])
    code = 1
    try:
        main()
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stdout.flush()
        os._exit(code)


def _watch(left: int) -> None:
    """Kill this process at the `left`-th moment: before, within and after each call that changes
    a file. What it was doing is the last line that it says."""
    say: Callable[[int, bytes], int] = os.write

    def moment(what: str, first: Callable[[], object] = lambda: None) -> None:
        nonlocal left
        left -= 1
        if not left:
            first()
            say(2, f"{what}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)

    def watched(name: str) -> Callable[..., object]:
        real = getattr(os, name)

        def call(*given: Any) -> object:
            what = f"{name} {_named(given[0])}"
            moment(f"before {what}")
            if name == "pwrite":  # a disk may have taken a part of it
                fd, data, place = given
                moment(f"within {what}", lambda: real(fd, data[: len(data) // 2], place))
            done: object = real(*given)
            moment(f"after {what}")
            return done

        return call

    for name in CALLS:
        setattr(os, name, watched(name))


def _named(file: object) -> str:
    """The name of a file that is open or of a path; the segments of the log have one name."""
    path = Path(f"/proc/self/fd/{file}").readlink() if isinstance(file, int) else Path(str(file))
    return "segment" if path.suffix == ".log" else path.name


if __name__ == "__main__":
    serve()
