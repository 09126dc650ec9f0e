"""Statistics that hold at every look at once, on counts: looking often does not raise the odds of being wrong."""
