"""The road of a release: plan, gate, apply, flight, record; and back."""
