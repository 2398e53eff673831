"""Ids: names made from what they name (no random)."""

from __future__ import annotations

import hashlib
import re

from habeas.core.canon import digest

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


def finding_id(policy: str, version: int, outcome: str, event_id: str) -> str:
    """The same finding has the same id in every run (law 10), 32 hex digits."""
    return digest([policy, version, outcome, event_id])[:32]


def made_id(noun: str, *parts: str) -> str:
    """What is made once from the same parts has the same id in every run and retry (law 10), and
    another for every noun; 32 hex digits."""
    return digest([noun, *parts])[:32]


def share_of(account: str, salt: str) -> float:
    """Where an account falls in [0, 1), the same on every machine, apart for every salt."""
    head = hashlib.sha256(f"{salt}\x00{account}".encode()).digest()[:8]
    return int.from_bytes(head) / 2**64
