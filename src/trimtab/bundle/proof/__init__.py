"""A clean process that sees the bundle and nothing else replays its golden rows. `prove` is the door."""
