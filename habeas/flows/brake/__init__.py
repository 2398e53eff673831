"""The brake: asked before a restriction, released by two people, calibrated."""
