"""Kinds of platform: each renders a deployment into files, brings the platform to what they say, and says what runs."""
