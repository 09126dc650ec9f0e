"""Checked tables into the containers of user code, and its answers back as named arrays. `compose` is the door."""
