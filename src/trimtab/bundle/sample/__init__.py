"""From a sample of rows to a signature that has lost none of its types. `read` is the door."""
