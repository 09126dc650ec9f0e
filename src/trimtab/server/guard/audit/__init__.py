"""What was done and refused: records, and where they go."""
