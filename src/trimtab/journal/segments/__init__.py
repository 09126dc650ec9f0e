"""Frames that are appended to files, and found again whatever happened to the process, the disk or the power."""
