"""One verb a module: fetch, decide (core), commit once, hand over."""
