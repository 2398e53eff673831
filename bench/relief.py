"""Relief alone: `python -m bench.relief [--decisions 100000] [--kills 10] [--json FILE]`.

One policy wrongly hit so many accounts: suspended, closed or limited, each with money, a card, a
membership and a book. Two people approve one plan. The process that carries it out is killed with
SIGKILL again and again, at even shares of the way, and started anew. Before a time is printed, each
account is read back from the database and compared with what it would be had it never been hit,
and all that must be there once is counted.

Two processes share the plan, as with `habeas relieve apply`. Wall time is from where both have
begun to work until they were killed or had ended; processor time is of the whole processes,
start-up included; memory is of the larger one.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from habeas import wiring
from habeas.config import Sqlite
from habeas.store import rows
from habeas.store.decisions import rebuild
from tests.flows.appeal.relieving import RELIEF_US, differences, hit, names_of, owed, planned

LOOK_S = 0.1  # how often it is asked how far it is
APPLY = """
import sys
from pathlib import Path
from habeas import wiring
from habeas.config import Sqlite
with wiring.opened(Sqlite(Path(sys.argv[1]))):
    from habeas.flows.appeal.relieve import apply
    print("ready", flush=True)
    apply(sys.argv[2], int(sys.argv[3]), share=(int(sys.argv[4]), 2))
"""
PARTS = 2  # processes at once, as `habeas relieve apply` has them
COUNTS = {
    "reversed": "SELECT count(*) FROM habeas_decisionnow WHERE state = 'reversed'",
    "reversals": "SELECT count(*) FROM habeas_decisionmove WHERE kind = 'Reverse'",
}
UNEQUAL = "SELECT currency FROM habeas_ledgerposting GROUP BY currency HAVING sum(amount) <> 0"


@dataclass
class Taken:
    """By all processes so far."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    memory_mb: int = 0
    kills: int = 0


def counted(what: str) -> int:
    return int(rows.select(COUNTS[what])[0][0])


def carry_out(database: Path, plan: str, until: int | None, taken: Taken) -> None:
    """All parts at once; they are killed where `until` decisions are reversed, or end."""
    words = [sys.executable, "-c", APPLY, str(database), plan, str(RELIEF_US)]
    parts = [subprocess.Popen([*words, str(part)], stdout=subprocess.PIPE) for part in range(PARTS)]
    for process in parts:
        if process.stdout is None or process.stdout.readline() != b"ready\n":
            sys.exit("the relief did not start")
    begun = time.perf_counter()
    while until and counted("reversed") < until:
        time.sleep(LOOK_S)
    for process in parts if until else ():
        process.kill()
    codes = [_ended(process, taken) for process in parts]
    taken.wall_s += time.perf_counter() - begun
    taken.kills += -signal.SIGKILL in codes
    if set(codes) - {0, -signal.SIGKILL}:
        sys.exit(f"the relief failed: {codes}")


def _ended(process: subprocess.Popen[bytes], taken: Taken) -> int:
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.stdout is not None:
        process.stdout.close()
    taken.cpu_s += used.ru_utime + used.ru_stime
    taken.memory_mb += max(0, used.ru_maxrss // 1024 - taken.memory_mb)
    return process.returncode


def measure(decisions: int, kills: int) -> dict[str, Any]:
    names, taken = names_of(decisions), Taken()
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "habeas.sqlite3"
        with wiring.opened(Sqlite(database)):
            hit(names)
            start = time.process_time()
            plan = planned()
            plan_cpu_s = time.process_time() - start
            for share in range(1, kills + 1):
                carry_out(database, plan, share * decisions // (kills + 1), taken)
            carry_out(database, plan, None, taken)
            found = refuse_differences(names)
    return {
        "decisions": decisions,
        "kills": taken.kills,
        "plan_cpu_s": round(plan_cpu_s, 1),
        "wall_s": round(taken.wall_s, 1),
        "cpu_s": round(taken.cpu_s, 1),
        "a_second": round(decisions / taken.wall_s),
        "a_cpu_second": round(decisions / taken.cpu_s),
        "memory_mb": taken.memory_mb,
        **found,
    }


def refuse_differences(names: list[str]) -> dict[str, int]:
    """What is once for each account; ends the benchmark where anything is not as it was."""
    found = {what: counted(what) for what in COUNTS}
    found["apologies"] = len(set(owed()))
    other = differences(names)
    decisions, wrong = rebuild()
    if other or wrong or rows.select(UNEQUAL) or set(found.values()) != {decisions, len(names)}:
        sys.exit(f"not all is as it was, or once: {found} {other[:3]}; no time is worth quoting")
    return {**found, "differences": len(other)}


SHOWN = {
    "decisions": "decisions", "kills": "kills", "a second": "a_second",
    "a CPU second": "a_cpu_second", "CPU s": "cpu_s", "plan CPU s": "plan_cpu_s",
    "memory MB": "memory_mb", "apologies": "apologies", "differences": "differences",
}  # fmt: skip


def table(one: dict[str, Any]) -> str:
    lines = (SHOWN, ["---"] * len(SHOWN), (f"{one[key]:,}" for key in SHOWN.values()))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--json", type=Path, default=None)
    asked = parser.parse_args()
    found = measure(asked.decisions, asked.kills)
    print(table(found), flush=True)
    if asked.json is not None:
        asked.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
