"""The words a user types; the only room that prints."""
