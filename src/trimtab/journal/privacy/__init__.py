"""What of a person's data the journal may keep, under which names, and how it is made to forget."""
