"""Talking to a registry: whom to ask, who asks, with how much patience; what is said is in `bundle/oci/registry.py`."""
