"""Interactions as bytes, and back."""
