"""The journal in the path of a request: what is written of it, and when its answer may leave."""
