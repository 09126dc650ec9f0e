"""Files of truth into the journal."""
