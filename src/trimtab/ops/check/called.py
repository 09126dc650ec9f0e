"""A function of the project in a process of its own: each line in is its arguments, each line out what it answers.

Started as `python called.py FOLDER MODULE:FUNCTION`; it ends with its standard input. What it prints goes to stderr.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from typing import Any

__all__ = ["answer", "main"]


def answer(function: Any, line: str) -> dict[str, Any]:
    """`value` of the function for arrays by name, or `error` in words."""
    import numpy as np

    arrays = {
        name: {key: np.array(one) for key, one in values.items()} if isinstance(values, dict) else np.array(values)
        for name, values in json.loads(line).items()
    }
    try:
        found = function(**arrays)
        value = found.tolist() if hasattr(found, "tolist") else found
        json.dumps(value)
    except Exception as error:  # noqa: BLE001  # a user's function may raise anything
        return {"error": f"{type(error).__name__}: {error}"}
    return {"value": value}


def main(folder: str, reference: str) -> None:
    """Until the standard input ends."""
    told = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    sys.path.insert(0, folder)
    module, _, path = reference.partition(":")
    try:
        found: Any = import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except Exception as error:  # noqa: BLE001  # as above
        failed = {"error": f"it cannot be had: {type(error).__name__}: {error}"}
        found = None
    for line in sys.stdin:
        print(json.dumps(failed if found is None else answer(found, line)), file=told, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
