"""Export: all that a customer can read of their account, as a zip, without logging in (law 4)."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from habeas.core.appeal import Appeal, Ruling
from habeas.core.decision import Decision
from habeas.core.errors import HabeasError, NotFound
from habeas.core.policy import Finding
from habeas.core.policy.findings import FactValue
from habeas.core.policy.shapes import PolicyShape, shaped
from habeas.core.policy.yaml import read_document
from habeas.pages.export import Export, Rows, day, files_of
from habeas.ports.files import written
from habeas.store import auditing, ledger
from habeas.store.accounts import account
from habeas.store.attachments import file
from habeas.store.changes import Account
from habeas.store.codec import encoded
from habeas.store.notices import StoredNotice, notices_of
from habeas.store.rows import select

# The first moment that a zip can tell: the same record makes the same bytes on every day.
MOMENT = (1980, 1, 1, 0, 0, 0)


def export(name: str, out: Path) -> dict[str, object]:
    """Write the zip; what is in it, by file and bytes. Raises NotFound, Unwritable, and Unproven
    where a notice is not what was sent."""
    files = files_of(gathered(name))
    with written(out) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as made:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, MOMENT)
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # alike on every system
            made.writestr(entry, content)
    return {"account": name, "file": str(out), "files": {n: len(c) for n, c in files.items()}}


def gathered(name: str) -> Export:
    read = account(name)
    if not read.version:
        raise NotFound(f"nothing is recorded on the account '{name}'", "check its spelling")
    told, findings = notices_of(name), auditing.findings_of(name)
    moments = [d.latest_us for d in read.decisions.values()]
    moments += [n.time_us for n in told] + [a.latest_us for a in read.appeals.values()]
    until_us = max([*moments, *(f.time_us for f in findings)], default=0)
    shown = _Shown()
    return Export(
        account=name,
        until_us=until_us,
        standing=_standing(read, until_us),
        findings=[_finding(f, read, shown) for f in findings],
        decisions=[_decision(d, shown) for d in read.decisions.values()],
        notices=[_notice(n) for n in told],
        holdings=[encoded(h) | {"kind": str(h.kind)} for h in read.custody.holdings],
        ledger=_ledger(name),
        appeals=[_appeal(a) for a in read.appeals.values()],
        rulings=[_ruling(a, r) for a in read.appeals.values() for r in a.rulings],
        files=_files(read),
    )


class _Shown:
    """Which facts a policy discloses, by the hash of its text; none where that is not kept."""

    def __init__(self) -> None:
        self._known: dict[str, frozenset[str]] = {}

    def of(self, values: Mapping[str, FactValue], text_hash: str) -> dict[str, FactValue]:
        if text_hash not in self._known:
            self._known[text_hash] = _disclosed(text_hash)
        return {fact: v for fact, v in values.items() if fact in self._known[text_hash]}


def _disclosed(text_hash: str) -> frozenset[str]:
    for (text,) in select("SELECT text FROM habeas_policytext WHERE hash = %s", [text_hash]):
        try:
            return frozenset(shaped(read_document(text, "a policy"), PolicyShape).disclose)
        except HabeasError:
            break
    return frozenset()


def _standing(read: Account, until_us: int) -> dict[str, Any]:
    now = read.standing(until_us)
    return {
        "closed": now.closed,
        "suspended": now.suspended,
        "limited": list(now.limited),
        "without logging in": sorted(map(str, now.rights)),
    }


def _finding(finding: Finding, read: Account, shown: _Shown) -> dict[str, Any]:
    named = (d.reason for d in read.decisions.values() if d.reason.finding == finding.id)
    text_hash = next((reason.text_hash for reason in named), "")
    facts = shown.of(finding.values, text_hash)
    return {
        "finding": finding.id,
        "time": day(finding.time_us),
        "policy": f"{finding.policy} {finding.version}",
        "facts": facts,
        "facts withheld": len(finding.values) - len(facts),
    }


def _decision(decision: Decision, shown: _Shown) -> dict[str, Any]:
    reason = decision.reason
    facts = shown.of(reason.values, reason.text_hash)
    people = any(actor.person for actor in decision.approvers)
    times = {
        "proposed": decision.proposed_us, "noticed": decision.noticed_us,
        "in force": decision.in_force_us, "ended": decision.ended_us, "ends": decision.ends_us,
    }  # fmt: skip
    return {
        "decision": decision.id,
        "measure": str(decision.measure),
        "capability": decision.capability,
        "state": str(decision.state),
        "clause": reason.clause.ref,
        "clause en": reason.clause.en,
        "clause fr": reason.clause.fr,
        "policy": f"{reason.policy} {reason.version}",
        "finding": reason.finding,
        "facts": facts,
        "facts withheld": len(reason.values) - len(facts),
        "events behind it": len(reason.events),
        "emergency": decision.emergency is not None,
        "approved by": ("a person" if people else "a program") if decision.approvers else None,
        **{word: None if us is None else day(us) for word, us in times.items()},
    }


def _notice(notice: StoredNotice) -> dict[str, Any]:
    return {
        "notice": notice.id,
        "decision": notice.decision,
        "kind": notice.kind,
        "lang": notice.lang,
        "time": day(notice.time_us),
        "sha256": notice.sha256,
        "text": notice.text,
    }


def _ledger(name: str) -> Rows:
    """The customer's own postings: the other side of an entry is not theirs."""
    return [
        {
            "entry": entry.id,
            "time": day(entry.time_us),
            "why": entry.why,
            "purse": str(posting.purse.role),
            "holding": posting.purse.kind,
            "amount_minor": posting.money.amount,
            "currency": posting.money.currency,
            "reverses": entry.reverses,
        }
        for entry in ledger.entries(name)
        for posting in entry.postings
        if posting.purse.account == name
    ]


def _appeal(appeal: Appeal) -> dict[str, Any]:
    return {
        "appeal": appeal.id,
        "case": appeal.reference,
        "decisions": list(appeal.decisions),
        "opened": day(appeal.opened_us),
        "state": str(appeal.state),
        "hardship": appeal.hardship,
        "interim relief": appeal.interim is not None,
        "text": appeal.text,
        "files": [a.name for a in appeal.attachments],
    }


def _ruling(appeal: Appeal, ruling: Ruling) -> dict[str, Any]:
    return {
        "appeal": appeal.id,
        "decision": ruling.decision,
        "verdict": str(ruling.verdict),
        "reasons": ruling.reasons,
        "lesser measure": str(ruling.lesser.measure) if ruling.lesser else None,
        "time": day(appeal.ruled_us or appeal.opened_us),
    }


def _files(read: Account) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for appeal in read.appeals.values():
        for one in appeal.attachments:
            try:
                found[f"{one.sha256[:12]}-{one.name}"] = file(one.sha256)
            except NotFound:  # erased, as the customer asked
                continue
    return found
