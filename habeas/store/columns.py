"""The kinds of columns that the tables have."""

from __future__ import annotations

from typing import Any

from django.db import models

LONGEST = 600  # characters of a name: an index of PostgreSQL takes 2,700 bytes


def name(**more: Any) -> Any:
    """An id, the name of an account or of a policy."""
    return models.CharField(max_length=LONGEST, **more)


def word(**more: Any) -> Any:
    """A word of ours: a state, a measure, a kind."""
    return models.CharField(max_length=40, **more)


def whole(**more: Any) -> Any:
    """A number, a time in microseconds, an amount."""
    return models.BigIntegerField(**more)


def number(**more: Any) -> Any:
    """A double."""
    return models.FloatField(**more)


def text() -> Any:
    return models.TextField()


def raw() -> Any:
    return models.BinaryField()


def flag() -> Any:
    return models.BooleanField()


def numbered() -> Any:
    """A key that the database gives."""
    return models.BigAutoField(primary_key=True)
