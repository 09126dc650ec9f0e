"""A plan played against traffic that is described or was recorded, on a clock that does not wait."""
