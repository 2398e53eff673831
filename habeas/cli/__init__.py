"""The command `habeas`. Heavy modules are loaded by the commands that need them, not here."""

from __future__ import annotations

import os
import sys

from habeas.core.errors import HabeasError, InvalidPolicy

INTERRUPTED = 130
TRACE = "HABEAS_TRACE"  # set it to see where an unforeseen error came from


def main() -> None:
    """Run the command line. An error is one sentence and a next step, and an exit code."""
    from habeas.cli.app import app

    try:
        app()
    except HabeasError as error:
        _tell(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; nothing was left half done\n")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
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


def _tell(error: HabeasError) -> None:
    if "--json" in sys.argv:
        import json

        sys.stdout.write(json.dumps(error.as_json(), ensure_ascii=False) + "\n")
        return
    lines = [str(p) for p in error.problems] if isinstance(error, InvalidPolicy) else []
    lines.append(f"habeas: {error.message}" if not lines or error.hint else "")
    lines.append(f"  next: {error.hint}" if error.hint else "")
    sys.stderr.write("\n".join(line for line in lines if line) + "\n")
