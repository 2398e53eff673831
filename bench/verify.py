"""Verify alone: `python -m bench.verify [--accounts 10000 30000 100000] [--json FILE]`.

Each account was decided on once, from finding to apology: found, holdings reported, proposed,
approved, told by a mail that a server took, in force and settled, appealed against, overturned,
reversed and settled back, apologized for. All is sealed. Before a time is printed, verify must have
found the whole sound and have looked at every account; and it must name a row that was altered
below the guards.

Each run is a process of its own, start-up included. Processor time and peak memory are of that
process; what PostgreSQL's server takes beside it is not in them.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.db import transaction

from habeas import config, wiring
from habeas.core.appeal import Ruling, Verdict
from habeas.core.appeal.appeals import Assign, Rule, opened
from habeas.core.appeal.complaints import Complaint
from habeas.core.decision.decisions import Reverse, TakeForce
from habeas.flows.audit.verify import verify
from habeas.ports.folder import Folder
from habeas.store import outbox
from habeas.store.accounts import accounts
from habeas.store.changes import Account, AccountChange, Message, Notice
from habeas.store.commits import commit
from tests.core.appeal.casework import DAY, EMIL, FAY, NOW
from tests.databases import TEMPLATE, address, cluster
from tests.store.lawful import LATER, RULED, SAID, STRICT_TEXTS, open_for_work, told
from tests.store.sealing import LOG, sealed
from tests.stories.inside import at_once

TOGETHER = 500
ALTERED = "UPDATE {table} SET account = 'nobody' WHERE id = 'd account 000001'"
VERIFY = """
import json, os, resource
from pathlib import Path
from habeas import config, wiring
from habeas.core.log.checkpoint import read_verifier
from habeas.ports.folder import Folder
with wiring.opened(config.database(os.environ, Folder(Path.cwd() / ".habeas"))):
    from habeas.flows.audit.verify import verify
    report = verify(read_verifier(os.environ["LOG_KEY"]))
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "sound": report.sound, "cpu_s": used.ru_utime + used.ru_stime,
    "memory_mb": used.ru_maxrss // 1024,
    "looked_at": {c.name: c.looked_at for c in report.checks},
}))
"""


def record(count: int) -> None:
    """All accounts, some hundreds at a time, and a seal after them."""
    open_for_work()
    for i in range(0, count, TOGETHER):
        names = [f"account {n:06}" for n in range(i, min(i + TOGETHER, count))]
        commit([_told(name) for name in names], STRICT_TEXTS)
        while claimed := outbox.claim(NOW, TOGETHER):
            for mail in claimed:
                outbox.sent(mail, "250 OK", NOW)
        for then in (_in_force, _ruled, _reversed):
            commit([then(read) for read in accounts(names).values()])
    sealed(NOW)


def _told(name: str) -> AccountChange:
    change = told(name)
    (notice,) = change.notices
    mail = Message(f"mail {notice.id}", "mail", {"notice": notice.id})
    return replace(change, notices=(replace(notice, by_hand=""),), messages=(mail,))


def _in_force(read: Account) -> AccountChange:
    return AccountChange.of(read, LATER).moved(f"d {read.name}", TakeForce(LATER))


def _ruled(read: Account) -> AccountChange:
    now_us, (decision,) = LATER + DAY, read.decisions.values()
    sent = Complaint(f"R {read.name}", read.name, (decision.id,), SAID)
    made, _ = opened(sent, [decision], [], now_us)
    if made is None:
        sys.exit(f"{read.name} could not appeal")
    rule = Rule(now_us, EMIL, (Ruling(decision.id, Verdict.OVERTURN, RULED),))
    change = AccountChange.of(read, now_us).appealed(made)
    return change.heard(made.id, Assign(now_us, EMIL)).heard(made.id, rule)


def _reversed(read: Account) -> AccountChange:
    now_us, name = LATER + 2 * DAY, f"d {read.name}"
    sorry = Notice(f"a {read.name}", name, "apology", "fr", "Pardon.", by_hand="by post (dora)")
    change = AccountChange.of(read, now_us).moved(name, Reverse(now_us, (EMIL, FAY), RULED))
    return change.told(sorry)


@contextmanager
def databases(kind: str) -> Iterator[tuple[dict[str, str], Path]]:
    """An empty store: what the environment says of it, and the folder to be in."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / ".habeas").mkdir()
        if kind == "sqlite":
            yield {}, Path(folder)
        else:
            with cluster() as server:
                yield {"HABEAS_DATABASE": address(server.create(TEMPLATE))}, Path(folder)


def measure(kind: str, count: int) -> dict[str, Any]:
    with databases(kind) as (environment, folder):
        given = config.database(environment, Folder(folder / ".habeas"))
        with wiring.opened(given):
            record(count)
        found = _verified(environment, folder)
        if not found["sound"] or found["looked_at"]["nothing owned is lost"] != count:
            sys.exit(f"what was recorded is not sound: {found}; no time is worth quoting")
        with wiring.opened(given), transaction.atomic():
            if count <= 1000:
                refuse_silence()
    leaves = found["looked_at"]["texts are those of their leaves"]
    took = {key: found[key] for key in ("cpu_s", "memory_mb")}
    return {"database": kind, "accounts": count, "leaves": leaves, **took}


def refuse_silence() -> None:
    """Ends the benchmark where verify does not name a decision that was moved to nobody."""
    at_once("habeas_decision", ALTERED)
    said = [p for c in verify(LOG.verifier).checks for p in c.problems]
    if not any("d account 000001" in problem for problem in said):
        sys.exit(f"an altered row was not named: {said}; no time is worth quoting")
    transaction.set_rollback(True)


def _verified(environment: dict[str, str], folder: Path) -> dict[str, Any]:
    import os

    given = {**os.environ, **environment, "LOG_KEY": str(LOG.verifier)}
    done = subprocess.run(
        [sys.executable, "-c", VERIFY], cwd=folder, env=given, stdout=subprocess.PIPE, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def table(results: list[dict[str, Any]]) -> str:
    """Markdown; the exponent is from the size before, on the same database."""
    lines = ["| database | accounts | leaves | CPU s | memory MB | exponent |", "|---" * 6 + "|"]
    before: dict[str, dict[str, Any]] = {}
    for one in results:
        last = before.get(one["database"])
        grew = f"{_exponent(last, one):.2f}" if last else ""
        before[one["database"]] = one
        lines.append(
            f"| {one['database']} | {one['accounts']:,} | {one['leaves']:,} | "
            f"{one['cpu_s']:.1f} | {one['memory_mb']:,} | {grew} |"
        )
    return "\n".join(lines)


def _exponent(small: dict[str, Any], large: dict[str, Any]) -> float:
    sizes = large["accounts"] / small["accounts"]
    return math.log(large["cpu_s"] / small["cpu_s"]) / math.log(sizes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, nargs="+", default=[10_000, 30_000, 100_000])
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--json", type=Path, default=None)
    asked = parser.parse_args()
    for kind in asked.databases:
        measure(kind, 100)  # it names what was altered, or no time is worth quoting
    results = [measure(kind, n) for kind in asked.databases for n in asked.accounts]
    print(table(results), flush=True)
    if asked.json is not None:
        asked.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
