"""The steps of packaging, which `bundle/build.py` puts in order."""
