"""`habeas init-key`, `rotate-key`, `seal`, `checkpoint`, `consistency`, `proof` and `verify`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from habeas import wiring
from habeas.cli import show
from habeas.cli.decisions import As
from habeas.cli.options import Json, SchemaFile
from habeas.core.errors import NotFound, Unproven
from habeas.ports.clock import now_us

if TYPE_CHECKING:
    from habeas.core.log import Verifier
    from habeas.flows.audit.verify import VerifyReport
    from habeas.flows.log.cosign import WitnessAnswer
    from habeas.flows.log.seal import SealReport

Key = Annotated[
    str | None,
    typer.Option("--key", help="The public key that you trust, instead of the one kept here."),
]
OutFile = Annotated[
    Path | None, typer.Option("--out", help="The file to write; else to standard output.")
]


def init_key(
    name: Annotated[str, typer.Argument(help="The log's name for good, as shop.example/log.")],
    json: Json = False,
) -> None:
    """Make the key that signs the log, and print the public one: publish it, auditors need it."""
    from habeas.flows.log import init_key

    file = wiring.key_file()
    verifier = init_key.init_key(name, file)
    if json:
        show.as_json({"file": str(file.path), "verifier_key": str(verifier)})
        return
    typer.echo(f"wrote {file.path}: keep it secret, and a copy of it safe")
    typer.echo(f"publish this: {verifier}")


def rotate_key(
    who: As,
    to: Annotated[
        Path | None,
        typer.Option("--to", help="The file for the new key, where the old one is in a variable."),
    ] = None,
    json: Json = False,
) -> None:
    """Give the log a new key, signed in by the old one; run again, it goes on where it stopped."""
    keys, given = wiring.log_key(), wiring.key_is_given()
    if given != (to is not None):
        need = "the key is in a variable: give --to FILE for the new one, then put it there"
        raise typer.BadParameter(need if given else "the new key takes the old one's place")
    file = wiring.new_key_file(to)
    with wiring.recording():
        from habeas.flows.access import Duty, actor
        from habeas.flows.log import rotate_key

        term = rotate_key.rotate_key(keys, file, actor(who, Duty.KEY), now_us(), wiring.head_file())
    if json:
        show.as_json(term)
        return
    typer.echo(f"heads of {term.since:,} records and more are signed by the new key")
    if given:
        typer.echo(f"it is in {file.path}: put it where the old one was")
    typer.echo(f"publish this: {term.key}")


def seal(
    everything: Annotated[
        bool,
        typer.Option("--everything", help="Also look for what took longer than an hour to commit."),
    ] = False,
    witness: Annotated[
        list[str] | None,
        typer.Option("--witness", metavar="URL", help="Ask it, not all of witnesses.yaml."),
    ] = None,
    witness_key: Annotated[
        list[str] | None,
        typer.Option("--witness-key", metavar="VKEY", help="Of each --witness, in their order."),
    ] = None,
    json: Json = False,
) -> None:
    """Give all new records their place in the log, sign it, and ask witnesses to cosign; run it
    every minute."""
    from habeas.ports.witnesses import chosen

    asked = chosen(wiring.witnesses(), witness or (), witness_key or ())
    signer = wiring.log_key().signer()
    with wiring.recording(sealing=True), show.progress("sealing", quiet=json) as bar:
        from habeas.flows.log import seal

        report = seal.seal(
            signer, now_us(), wiring.head_file(), everything=everything, progress=bar
        )
        from habeas.flows.log.cosign import Outcome, cosign

        found = cosign(asked)
    if json:
        show.as_json(
            {"sealed": report.sealed, "size": report.size, "checkpoint": report.checkpoint,
             "witnesses": found}
        )  # fmt: skip
    else:
        _tell_sealed(report, found)
    if any(one.outcome is Outcome.CONTRADICTED for one in found):
        raise typer.Exit(Unproven.exit_code)


def _tell_sealed(report: SealReport, found: list[WitnessAnswer]) -> None:
    typer.echo(f"sealed {show.counted(report.sealed, 'record')}; the log has {report.size:,}")
    for one in found:
        said = f": {one.says}" if one.says else ""
        typer.echo(f"  {one.address} {one.outcome.replace('_', ' ')}{said}")


def checkpoint(
    keys: Annotated[
        bool, typer.Option("--keys", help="Print the log's keys instead, and since which size.")
    ] = False,
    key: Key = None,
    json: Json = False,
) -> None:
    """Print the last signed head: whoever keeps it can tell later whether the log was rewritten."""
    with wiring.here():
        from habeas.flows.log import head

        known = trusted_key(key) if keys or key is not None else known_key()
        found = head.last_head(known, wiring.witnesses())
    if json:
        show.as_json(found)
    elif keys:
        for term in found.keys:
            since = f"since {term.since:,}" if term.is_sealed else "after the next seal"
            typer.echo(f"{term.key} {since}")
    else:
        sys.stdout.write(str(found.note))
    if found.lacks and not json:
        typer.echo(f"note: {found.lacks}", err=True)


def consistency(
    since: Annotated[
        Path, typer.Option("--from", metavar="FILE", help="A head that was kept, as printed.")
    ],
    out: OutFile = None,
    key: Key = None,
    json: Json = False,
) -> None:
    """Prove that the log goes on from a head that somebody kept; `examples/check_proof.py` checks
    the file against both signatures."""
    from habeas.core.log.checkpoint import read_checkpoint
    from habeas.ports.heads import read_head

    old = read_head(since).note
    with wiring.here():
        from habeas.flows.log import head

        found = head.consistency(old, trusted_key(key))
    if out is None:
        show.document(found.as_json())
        return
    _write(out, found.as_json())
    sizes = [read_checkpoint(note.text).size for note in (found.old, found.new)]
    if json:
        show.as_json({"file": str(out), "old_size": sizes[0], "new_size": sizes[1]})
        return
    typer.echo(f"wrote {out}: the log of {sizes[1]:,} goes on from that of {sizes[0]:,}")


def _write(out: Path, value: object) -> None:
    import json as plain

    from habeas.ports.files import write_text

    write_text(out, plain.dumps(value, ensure_ascii=False, indent=1) + "\n")


def proof(
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="The id of the decision.")],
    out: OutFile = None,
    key: Key = None,
    json: Json = False,
) -> None:
    """Prove that a decision, its moves, notices and settlements are in the log as it was signed;
    `examples/check_proof.py` checks the file without Habeas."""
    with wiring.here():
        from habeas.flows.log.proof import proofs

        found = proofs(decision, trusted_key(key))
    if out is None:
        show.document(found.as_json())
        return
    _write(out, found.as_json())
    told = {"decision": decision, "file": str(out), "proofs": len(found.proofs),
            "unsealed": found.unsealed}  # fmt: skip
    if json:
        show.as_json(told)
        return
    typer.echo(f"wrote {out}: {show.counted(len(found.proofs), 'proof')}")
    if found.unsealed:
        typer.echo(f"  {show.counted(found.unsealed, 'record')} more after the next `habeas seal`")


def verify(
    events: Annotated[
        Path | None, typer.Option("--events", help="Events, to compute the findings again.")
    ] = None,
    log: Annotated[
        Path | None, typer.Option("--log", help="The folder of a log, instead of --events.")
    ] = None,
    policies: Annotated[
        Path | None, typer.Option("--policies", help="The folder by which their schema lies.")
    ] = None,
    schema: SchemaFile = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option("--checkpoint", metavar="FILE", help="A head that was kept; repeatable."),
    ] = None,
    key: Key = None,
    json: Json = False,
) -> None:
    """Ask everything that is recorded again: the log, the tables, laws 1 to 11. Names what is
    wrong, and then ends with an error."""
    if (events is not None) + (log is not None) != (policies is not None):
        raise typer.BadParameter("--policies goes with --events or with --log")
    from habeas.ports.heads import read_head

    heads = [read_head(path) for path in checkpoint or ()]
    own = wiring.head_file().read()
    with wiring.here(), show.progress("verifying", quiet=json) as bar:
        from habeas.flows.audit import verify
        from habeas.flows.audit.verify_findings import FindingSource

        trusted = known_key() if key is None else trusted_key(key)
        given = None if policies is None else FindingSource(policies, events, log, schema)
        report = verify.verify(
            trusted, given, bar, heads if own is None else [own, *heads], wiring.witnesses()
        )
    if json:
        show.as_json(report)
    else:
        _tell(report)
    if not report.sound:
        raise typer.Exit(Unproven.exit_code)


def _tell(report: VerifyReport) -> None:
    for check in report.checks:
        named = f"law {check.law}, {check.name}" if check.law else check.name
        state = "holds" if check.looked_at else "nothing to look at"
        count = show.counted(check.wrong, "problem")
        typer.echo(f"{named}: {count if check.wrong else state} ({check.looked_at:,} looked at)")
        if check.skipped:
            typer.echo(f"  {check.skipped}")
        for problem in check.problems:
            typer.echo(f"  {problem}")
        if check.wrong > len(check.problems):
            typer.echo(f"  and {check.wrong - len(check.problems):,} more")
    typer.echo(
        f"{show.counted(report.unsealed, 'record')} to be sealed, "
        f"{show.counted(report.erased, 'text')} erased"
    )


def trusted_key(given: str | None) -> Verifier:
    from habeas.core.log.checkpoint import read_verifier

    return wiring.log_key().verifier() if given is None else read_verifier(given)


def known_key() -> Verifier | None:
    """The one that is kept here, if there is one."""
    try:
        return trusted_key(None)
    except NotFound:
        return None
