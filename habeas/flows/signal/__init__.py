"""Public signals: feeds that are followed, series that are scored."""
