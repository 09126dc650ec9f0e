"""Results of other tools, read strictly: what a file does not say is no success."""
