"""Callers by JSON Web Tokens: what a token must be, and where its keys come from."""
