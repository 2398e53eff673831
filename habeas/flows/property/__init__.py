"""Property: what customers have, and the ledger."""
