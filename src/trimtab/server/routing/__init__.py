"""A router: runs for long in front of revisions side by side, and lets flights be steered as a server does."""
