"""The data plane: bundles behind HTTP."""
