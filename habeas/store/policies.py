"""Policies as decisions name them: word for word, by the SHA-256 of their text."""

from __future__ import annotations

from collections.abc import Iterable

from habeas.store.rows import select_in

TEXTS = "SELECT hash, text FROM habeas_policytext WHERE hash IN ({names})"


def policy_texts(hashes: Iterable[str]) -> dict[str, str]:
    """Those that are kept, by hash."""
    return dict(select_in(TEXTS, sorted(set(hashes))))
