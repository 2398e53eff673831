"""The audit: everything that is recorded, asked again."""
