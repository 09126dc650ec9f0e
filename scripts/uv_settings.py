"""Prints, for a shell to `eval`, the UV_* variables that make uv look for packages where pip is configured to look.

Run with the Python whose pip counts. A variable that is already set stays as it is.
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from trimtab.bundle.lock.pip_settings import uv_settings  # found only now: nothing is installed yet

if __name__ == "__main__":
    for name, value in uv_settings(os.environ).items():
        print(f"export {name}={shlex.quote(value)}")
