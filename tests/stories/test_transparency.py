"""docs/transparency.md: its commands are run as they stand, and find what it says."""

from __future__ import annotations

import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from habeas.core.log.checkpoint import checkpoint_of
from habeas.core.log.proofs import Head, proofs_of
from tests import ROOT
from tests.core.log.logs import LOG, leaf_of, tree_of

PAGE = (ROOT / "docs" / "transparency.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
TOOLS = ("bash", "base64", "openssl", "sha256sum", "xxd")


def test_the_page_shows_the_proof_that_habeas_makes() -> None:
    leaves = [
        leaf_of(
            "decision", {"account": f"A{i}", "measure": "warn"}, sha256(b"%d" % i).digest()[:16]
        )
        for i in range(3)
    ]
    tree = tree_of([leaf.hash for leaf in leaves])
    note = checkpoint_of(tree, LOG.name).signed_by(LOG)
    (proof,) = proofs_of("d1", [(leaves[1], 1)], Head(tree, note, LOG.verifier))
    file = proof.as_json()
    shown = "".join(BLOCKS)
    parts = [file["salt"], file["value"], file["leaf_hash"], *file["path"]]
    parts += str(file["verifier_key"]).split("+", 2)[2:]
    parts += [str(file["checkpoint"]).split()[-1], note.text.replace("\n", "\\n")]
    assert [part for part in parts if part not in shown] == []
    assert all(f"`{name}`" in PAGE for name in file)


@pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)), reason=f"one of these is not installed: {', '.join(TOOLS)}"
)
def test_the_check_by_hand_finds_what_the_page_says(tmp_path: Path) -> None:
    script = "set -euo pipefail\n" + "".join(BLOCKS)
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    leaf, root, signature = done.stdout.splitlines()
    assert f"# {leaf}" in BLOCKS[0]
    assert (root, signature) == ("same root", "Signature Verified Successfully")
