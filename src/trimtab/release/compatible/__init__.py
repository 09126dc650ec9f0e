"""Whether what callers send and read today still means the same with another bundle behind the endpoint."""
