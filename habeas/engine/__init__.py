"""Numbers at speed: events as columns, the kernel, compiled conditions, replay."""
