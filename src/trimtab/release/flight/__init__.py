"""Flights: a plan, what is known, and what to do next, without doing it."""
