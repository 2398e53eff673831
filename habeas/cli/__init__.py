"""The command `habeas`. Heavy modules are loaded by the commands that need them, not here."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import Any

from habeas.core.errors import HabeasError, InvalidPolicy

INTERRUPTED = 130
TRACE = "HABEAS_TRACE"  # set it to see where an unforeseen error came from


class WrongUsage(HabeasError):
    """The command line cannot be understood."""

    status = 400
    exit_code = 2


def main() -> None:
    """Run the command line. An error is one sentence and a next step, and an exit code."""
    from habeas.cli.app import app

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a name may hold what the terminal cannot show
            stream.reconfigure(errors="backslashreplace")
    try:
        code = app(prog_name="habeas", standalone_mode=False)
        if code == INTERRUPTED:
            sys.stderr.write("\nstopped; nothing was left half done\n")
        sys.stdout.flush()
        sys.exit(code or 0)
    except HabeasError as error:
        _tell(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if hasattr(error, "format_message"):  # as all of typer's complaints have
            _tell_usage(error)
            sys.exit(WrongUsage.exit_code)
        if os.environ.get(TRACE):
            raise
        what = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        _tell(
            HabeasError(
                f"something failed that Habeas did not foresee ({what})",
                f"run it again with {TRACE}=1 and report what it prints",
            )
        )
        sys.exit(HabeasError.exit_code)


def _tell_usage(error: Any) -> None:
    if len(sys.argv) == 1:
        error.show()  # the help
        return
    path = error.ctx.command_path if error.ctx else "habeas"
    _tell(WrongUsage(" ".join(error.format_message().split()), f"see `{path} --help`"))


def _tell(error: HabeasError) -> None:
    options = sys.argv[: sys.argv.index("--")] if "--" in sys.argv else sys.argv
    if "--json" in options:
        import json

        sys.stdout.write(json.dumps(error.as_json(), ensure_ascii=False) + "\n")
        return
    lines = [str(p) for p in error.problems] if isinstance(error, InvalidPolicy) else []
    lines.append(f"habeas: {error.message}" if not lines or error.hint else "")
    lines.append(f"  next: {error.hint}" if error.hint else "")
    sys.stderr.write("\n".join(line for line in lines if line) + "\n")
