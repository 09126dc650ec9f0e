"""Builds the native kernels along with a wheel or an editable install; without a compiler there is just none.

A build hook of hatchling (`pyproject.toml`). The shared object knows nothing of Python: one wheel serves every version.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = Path("src/trimtab/bundle")
SOURCE = FOLDER / "kernels.c"  # it includes all others
BUILT = FOLDER / "_kernels.native.so"  # two dots: no name of a Python module, which it is not
# the bits of the answers depend on it: nothing that reorders or contracts arithmetic, nothing of this machine alone
FLAGS = ("-std=c11", "-O3", "-ffp-contract=off", "-fPIC", "-shared", "-g0")


def compiler() -> list[str]:
    """The C compiler as the beginning of a command; empty when there is none."""
    if os.environ.get("CC"):
        return shlex.split(os.environ["CC"])
    return next(([name] for name in ("cc", "gcc", "clang") if shutil.which(name)), [])


def build(root: Path, output: Path) -> str:
    """Compiles into `output`; returns why it did not work, or nothing."""
    output.unlink(missing_ok=True)  # an older one would answer for sources that it was not built from
    if not compiler():
        return "there is no C compiler"
    command = [*compiler(), *FLAGS, "-o", str(output), str(root / SOURCE), "-lm"]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"the C compiler failed: {error}"
    return "" if ran.returncode == 0 else f"the C compiler failed:\n{ran.stderr.strip()}"


class NativeHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the shared object to what is packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it packs; `version` is `standard` or `editable`."""
        del version
        root = Path(self.root)
        fault = build(root, root / BUILT)
        if fault:
            self.app.display_warning(f"forests and linear models are computed in numpy, which is slower: {fault}")
            return
        build_data["artifacts"].append(f"/{BUILT}")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
