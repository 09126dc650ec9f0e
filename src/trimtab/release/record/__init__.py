"""Where releases are written down, in one order for everybody: on this machine, or in a git repository of all."""
