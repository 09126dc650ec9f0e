"""What is released where, and by what evidence."""
