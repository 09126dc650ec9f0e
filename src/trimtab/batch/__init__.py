"""Scoring files with the same bundle that is served."""
