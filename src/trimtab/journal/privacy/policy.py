"""Policies are nouns that packaging and serving share, and stand in `core`; the journal's parts take them from here."""

from trimtab.core.policies import DROP, KEEP, Policy, parse_policy

__all__ = ["DROP", "KEEP", "Policy", "parse_policy"]
