"""The exact versions that prediction imports, with their hashes. `step` is the door."""
