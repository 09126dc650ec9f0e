"""Callers by API keys: their form, the file that has their hashes, and whether one is taken."""
