"""Requests that arrive together run together: `Batcher` is the door, `Call` is what waits in it."""
