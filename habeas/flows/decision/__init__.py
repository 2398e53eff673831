"""Decisions: made of findings, approved, moved by time; and what an account may do now."""
