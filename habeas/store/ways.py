"""By which way a record comes: the command line with the system's user, a session of the console,
an API key; and what speaks against the clock where something is given back under a wrong one. Set
where a process or a request begins (`wiring`), written with each commit."""

from __future__ import annotations

from contextvars import ContextVar

WAY: ContextVar[str] = ContextVar("way", default="library")
CLOCK: ContextVar[str] = ContextVar("clock", default="")
