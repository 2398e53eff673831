"""Waves: read from the record, diagnosed, and shown on the board."""
