"""Appeals: hear and rule, reverse, and relief for all whom one fault hit."""
