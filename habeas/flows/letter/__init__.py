"""Letters: made, sent, handed over, kept; and where customers are reached."""
