"""Finds the settings under which a bundle answers most on this machine; `tune.py` is the story."""
