"""The loop around a flight: gather, decide, write down, act."""
