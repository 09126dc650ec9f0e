"""What would have been: recorded inputs through a candidate, and which decisions come out otherwise."""
