"""The log: sealed, proved, and personal text erased from it."""
