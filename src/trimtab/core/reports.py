"""Libraries that report to their makers by themselves do not do it from a process of ours."""

from __future__ import annotations

import os
from typing import Final

__all__ = ["no_reports"]

# ONNX Runtime from 1.29 on sends names and hashes of models from every process that loads it (docs/Privacy.md there)
_OFF: Final = {"ORT_DISABLE_TELEMETRY": "1"}


def no_reports() -> None:
    """To be called before such a library is imported; whoever wants its reports says so in the environment, with 0."""
    for name, value in _OFF.items():
        if not os.environ.get(name):
            os.environ[name] = value
