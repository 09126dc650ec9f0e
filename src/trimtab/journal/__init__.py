"""What the models were asked and what they said, kept; and what was learned of it later."""
