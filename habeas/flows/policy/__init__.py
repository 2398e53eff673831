"""Policies: checked, planned, applied; events taken in and judged."""
