"""What Habeas knows and decides, as pure values and functions: no clock, no I/O, no framework."""
