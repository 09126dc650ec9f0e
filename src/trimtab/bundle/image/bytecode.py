"""Modules compiled in advance: a read-only container cannot keep what it compiles, and would do it at every start.

The process that compiles knows nothing but its arguments and where the interpreter's own libraries are, and must be the
same version to the last digit, so that the same sources give the same bytes. Such a file is not checked against its
source (PEP 552, unchecked hash): both are in one layer.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from trimtab.bundle.proof.running import LIBRARIES
from trimtab.core.errors import OutsideError, Problem

__all__ = ["compile_modules", "compiler_name"]

_LIMIT_S: Final = 900.0
# tests of libraries are never imported by a server; what cannot be compiled (templates) stays as it is
_CHILD: Final = """
import os, py_compile, sys
folder, prefix, wanted = sys.argv[1:]
if sys.version != wanted:
    sys.exit(f"this is Python {sys.version}, not {wanted}")
mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
for root, folders, files in os.walk(folder):
    folders[:] = sorted(name for name in folders if name not in ("tests", "__pycache__"))
    for name in sorted(files):
        if name.endswith(".py"):
            path = os.path.join(root, name)
            shown = prefix + path[len(folder):]
            try:
                py_compile.compile(path, dfile=shown, doraise=True, quiet=2, optimize=0, invalidation_mode=mode)
            except (py_compile.PyCompileError, UnicodeDecodeError, ValueError):
                pass
"""


def compiler_name() -> str:
    """What the bytes depend on beside the sources: the exact version of this interpreter."""
    return f"{sys.implementation.name} {sys.version.split()[0]} {sys.implementation.cache_tag}"


def compile_modules(folder: Path, prefix: str) -> None:
    """Put a `.pyc` beside every module below the folder, which will lie at `prefix` in the image."""
    command = [sys.executable, "-S", "-s", "-B", "-c", _CHILD, str(folder.resolve(strict=True)), prefix, sys.version]
    places = {name: os.environ[name] for name in LIBRARIES if name in os.environ}
    environment = {
        **places,
        "PYTHONHASHSEED": "0",
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    try:
        done = subprocess.run(
            command, env=environment, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, timeout=_LIMIT_S,
            check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OutsideError(Problem("P279", f"the modules could not be compiled: {error}", sys.executable)) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        what = f"the modules could not be compiled: {' '.join(said)}"
        raise OutsideError(Problem("P279", what, sys.executable))
