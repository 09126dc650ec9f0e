"""Brings endpoints to what a branch of the repository wants of them, and keeps them there."""
