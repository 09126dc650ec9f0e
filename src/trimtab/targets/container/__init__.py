"""Endpoints in containers: podman or docker, described by a compose file."""
