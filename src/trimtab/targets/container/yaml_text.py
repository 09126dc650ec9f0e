"""YAML of plain values; the one module that imports pyyaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trimtab.core.errors import OutsideError, Problem

__all__ = ["yaml_of"]


def yaml_of(value: Mapping[str, Any]) -> str:
    """The document, keys in their order, no aliases. OutsideError P520 where pyyaml is not installed."""
    try:
        import yaml
    except ModuleNotFoundError:
        hint = '`pip install "trimtab[container]"`'
        raise OutsideError(Problem("P520", "the package `pyyaml` is not installed", "target container", hint)) from None

    class Plain(yaml.SafeDumper):  # type: ignore[misc]
        def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - what pyyaml calls
            return True

    text: str = yaml.dump(dict(value), Dumper=Plain, sort_keys=False, allow_unicode=True, width=120)
    return text
