"""What a flight shows of its two arms: effects with intervals, over time, in plain words."""
