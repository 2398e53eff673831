"""The working folder: what Habeas must remember between two commands, as plain files under
`.habeas/`. All of it goes through this module; the store takes its place later.

    .habeas/policies/<sha256 of the text>.yaml   every policy text that was ever planned
    .habeas/plans/<hash>/plan.json               a frozen plan, its schema, where its inputs lie
    .habeas/plans/<hash>/findings.parquet        its findings
    .habeas/applied.ndjson                       one line an apply; the last is in force
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from habeas.core.canon import digest
from habeas.core.errors import Changed, InvalidInput, NotFound, Unwritable
from habeas.engine.durable import sync_folder
from habeas.ports.files import OWN_FILE, WORKING, own_folder, write_text, written

if TYPE_CHECKING:
    from habeas.core.policy.applications import AppliedPolicy

SHORTEST = 6  # hex digits that may stand for a plan's hash


@dataclass(frozen=True, slots=True)
class Apply:
    """When a plan was applied, and all policies in force from then on."""

    plan: str
    time_us: int
    mode: str
    policies: tuple[AppliedPolicy, ...]


@dataclass(frozen=True, slots=True)
class Frozen:
    """A plan as it was frozen: its value, the schema of its events, where its inputs lay."""

    hash: str
    plan: Mapping[str, Any]
    schema: Mapping[str, Any]
    inputs: Mapping[str, str | None]
    findings: Path


class Folder:
    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def around(cls, start: Path) -> Folder:
        """The nearest folder at or above `start` that has a `.habeas`, else `start` itself. Raises
        InvalidInput where that `.habeas` is another's: who owns it decides what is in it, and
        could have put it above a folder of ours."""
        here = start.resolve()
        roots = [p for p in (here, *here.parents) if (p / WORKING).is_dir()]
        root = (roots[0] if roots else here) / WORKING
        if roots and {root.lstat().st_uid, root.stat().st_uid} != {os.geteuid()}:
            hint = "work as the user who owns it, or in a folder of your own"
            raise InvalidInput(f"'{root}' belongs to another user", hint)
        return cls(root)

    def prepare(self) -> None:
        try:
            for name in ("policies", "plans"):
                own_folder(self.root / name)
        except OSError as error:
            raise self._unmade(error) from None

    def _unmade(self, error: OSError) -> Unwritable:
        return Unwritable(
            f"'{self.root}' cannot be written: {error.strerror}", "run where you may write"
        )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One apply at a time; the lock ends with the process, however that ends."""
        self.prepare()
        try:
            lock = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, OWN_FILE)
            os.fchmod(lock, OWN_FILE)
        except OSError as error:
            raise self._unmade(error) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    # Plans

    def freeze(
        self,
        plan: Mapping[str, Any],
        schema: Mapping[str, Any],
        inputs: Mapping[str, str | None],
        texts: Mapping[str, str],
    ) -> None:
        """Write the policies' texts (by hash), then plan.json, which makes the plan exist; its
        findings lie beside it already. Freezing a plan twice is freezing it once."""
        for text_hash, text in texts.items():
            write_text(self._text_path(text_hash), text)
        whole = {"plan": plan, "schema": schema, "inputs": inputs}
        home = self.plan_home(str(plan["hash"]))
        write_text(home / "plan.json", json.dumps(whole, ensure_ascii=False, indent=1))

    def plan_home(self, plan_hash: str) -> Path:
        self.prepare()
        home = self.root / "plans" / plan_hash
        try:
            own_folder(home)
        except OSError as error:
            raise self._unmade(error) from None
        return home

    def frozen(self, name: str) -> Frozen:
        """The plan whose hash starts with `name`. Raises NotFound, InvalidInput."""
        known = self.plans()
        matches = [h for h in known if h.startswith(name.lower())]
        if len(matches) != 1 or len(name) < SHORTEST:
            many = len(matches) > 1
            raise NotFound(
                f"'{name}' names {'more than one plan' if many else 'no plan'} here",
                f"give at least {SHORTEST} digits of one of: "
                f"{', '.join(h[:12] for h in known) or 'none; run `habeas plan` first'}",
            )
        return self._frozen(matches[0])

    def plans(self) -> list[str]:
        """The hashes of all plans, the latest first."""
        found = (self.root / "plans").glob("*/plan.json")
        return [p.parent.name for p in sorted(found, key=lambda p: -p.stat().st_mtime_ns)]

    def _frozen(self, plan_hash: str) -> Frozen:
        home = self.root / "plans" / plan_hash
        try:
            whole = json.loads((home / "plan.json").read_text(encoding="utf-8"))
            frozen = Frozen(
                plan_hash, whole["plan"], whole["schema"], whole["inputs"],
                home / "findings.parquet",
            )  # fmt: skip
            named = digest({k: v for k, v in frozen.plan.items() if k != "hash"})
            intact = named == plan_hash and digest(frozen.schema) == frozen.plan["scope"]["schema"]
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            raise InvalidInput(
                f"the plan '{plan_hash[:12]}' cannot be read", "make it again with `habeas plan`"
            ) from None
        if not intact:
            raise Changed(
                f"the plan '{plan_hash[:12]}' was edited after it was made",
                "make it again with `habeas plan`",
            )
        return frozen

    # Policies in force

    def in_force(self) -> list[AppliedPolicy]:
        """The policies of the last apply."""
        from habeas.core.policy.applications import AppliedPolicy

        lines = self._applied()
        try:
            return [AppliedPolicy(**policy) for policy in lines[-1]["policies"]] if lines else []
        except (LookupError, TypeError):
            raise self._unreadable() from None

    def history(self) -> list[Apply]:
        """Every apply, the first one first."""
        from habeas.core.policy.applications import AppliedPolicy

        try:
            return [
                Apply(
                    x["plan"],
                    x["time_us"],
                    x["mode"],
                    tuple(AppliedPolicy(**p) for p in x["policies"]),
                )
                for x in self._applied()
            ]
        except (LookupError, TypeError):
            raise self._unreadable() from None

    def applied_plan(self) -> str | None:
        """The hash of the plan that was applied last."""
        lines = self._applied()
        return str(lines[-1].get("plan")) if lines else None

    def _applied(self) -> list[dict[str, Any]]:
        try:
            text = (self.root / "applied.ndjson").read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return []
        except (OSError, UnicodeDecodeError):
            raise self._unreadable() from None
        # What follows the last line end was cut by a crash: that apply did not happen.
        whole = text[: text.rfind("\n") + 1]
        try:
            return [dict(json.loads(line)) for line in whole.splitlines()]
        except (ValueError, TypeError):
            raise self._unreadable() from None

    def _unreadable(self) -> InvalidInput:
        return InvalidInput(
            f"'{self.root / 'applied.ndjson'}' cannot be read", "restore the folder from a copy"
        )

    def _text_path(self, text_hash: str) -> Path:
        return self.root / "policies" / f"{text_hash}.yaml"

    def text_of(self, text_hash: str) -> str:
        """A policy's text, word for word, as it was planned. Raises NotFound, and Changed where it
        is not the text of its hash any more."""
        try:
            text = self._text_path(text_hash).read_bytes().decode()  # read_text changes line ends
        except (OSError, UnicodeDecodeError):
            raise NotFound(
                f"the policy text {text_hash[:12]} is not in '{self.root}'",
                "restore the folder from a copy",
            ) from None
        if digest(text) != text_hash:
            raise Changed(
                f"the policy text {text_hash[:12]} was edited after it was planned",
                "restore the folder from a copy, and find out who did it",
            )
        return text

    def record(
        self, plan_hash: str, policies: Sequence[AppliedPolicy], time_us: int, mode: str
    ) -> None:
        """Put `policies`, whose texts were kept with their plan, in force. Call it under
        `locked`. It is one replacement of one file: a crash leaves the old line or the new."""
        line = {
            "plan": plan_hash,
            "time_us": time_us,
            "mode": mode,
            "policies": [asdict(applied) for applied in policies],
        }
        lines = [*self._applied(), line]
        with written(self.root / "applied.ndjson") as part:
            part.write_text("".join(json.dumps(x) + "\n" for x in lines), encoding="utf-8")
        # The rename itself must outlive a power cut before anyone is told that it happened.
        sync_folder(self.root)
