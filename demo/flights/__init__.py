"""What a request about a flight becomes before the model sees it; this package travels in the bundle."""
