"""Prints, for a shell to `eval`, the UV_* variables that make uv look for packages where pip is configured to look.

Run with the Python whose pip counts. A variable that is already set stays as it is.
"""

from __future__ import annotations

import ast
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping


def pip_settings() -> dict[str, str]:
    """The options pip would use for `pip install`: option -> value, lists joined by blanks; the environment wins."""
    listing = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    )
    rank = {"global": 0, "install": 1, ":env:": 2}
    found: dict[str, tuple[int, str]] = {}
    for line in listing.stdout.splitlines():
        key, _, quoted = line.partition("=")
        section, _, option = key.strip().rpartition(".")
        if section in rank and found.get(option, (-1, ""))[0] <= rank[section]:
            found[option] = (rank[section], " ".join(str(ast.literal_eval(quoted)).split()))
    return {option: value for option, (_, value) in found.items()}


def uv_settings(pip: Mapping[str, str]) -> dict[str, str]:
    """The same as uv's environment variables; values are never shown, an address may hold a password."""
    names = {
        "index-url": ("UV_DEFAULT_INDEX", " "),
        "extra-index-url": ("UV_INDEX", " "),
        "find-links": ("UV_FIND_LINKS", ","),
        "trusted-host": ("UV_INSECURE_HOST", " "),
        "cert": ("SSL_CERT_FILE", " "),
        "no-index": ("UV_NO_INDEX", " "),
    }
    settings = {
        variable: pip[option].replace(" ", joint) for option, (variable, joint) in names.items() if option in pip
    }
    # pip takes the best match over all its indexes; every file is pinned by hash, so an index cannot slip one in
    return {"UV_INDEX_STRATEGY": "unsafe-best-match", **settings}


if __name__ == "__main__":
    for name, value in uv_settings(pip_settings()).items():
        if name not in os.environ:
            print(f"export {name}={shlex.quote(value)}")
