"""The tests mirror the house: a test of `habeas/core/policy/facts.py` is in
`tests/core/policy/test_facts.py`."""

from pathlib import Path

ROOT = Path(__file__).parents[1]  # of the checkout
SHARED = ROOT.parent / "shared"  # real data and cases, where they are beside it
