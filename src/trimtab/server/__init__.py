"""The data plane: bundles behind HTTP. `run` is the door; read `app` first."""
