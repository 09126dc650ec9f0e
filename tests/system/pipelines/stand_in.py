"""`python` and `trimtab` as agents find them: those of this environment, and a stand-in for verbs that are not there.

What of a pipeline's verbs trimtab has is asked of trimtab itself: as soon as a verb is there, it runs for real here.
"""

from __future__ import annotations

import importlib
import os
import shlex
import sys
from pathlib import Path

from trimtab.cli.main import VERBS

__all__ = ["STOOD_IN", "stand_in"]

# a kind of target as another package brings it: of the tests' own, in memory, so that no process stays behind
SHELF = {
    "shelf.py": (Path(__file__).parents[2] / "doubles/shelf.py").read_text(),
    "shelf-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: shelf\nVersion: 1.0\n",
    "shelf-1.0.dist-info/entry_points.txt": "[trimtab.targets]\nshelf = shelf:shelf\n",
}
# a verb, perhaps with an option of it
USED = (("release", ""), ("history", ""), ("check", "--for"))


def is_there(verb: str, option: str) -> bool:
    if verb not in VERBS:
        return False
    command = importlib.import_module(f"trimtab.cli.{verb}").command
    return not option or any(option in parameter.opts for parameter in command.params)


STOOD_IN = tuple(pair for pair in USED if not is_there(*pair))


def stand_in(folder: Path, noted: Path) -> str:
    """Makes the programs; the PATH that has them. Lines of `noted`: the arguments that a stand-in was given."""
    folder.mkdir(parents=True)
    for name, text in SHELF.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    real = Path(sys.executable).parent
    cases = "".join(
        f'case "$*" in {verb}*{option}*) printf "%s\\n" "$*" >>{shlex.quote(str(noted))}; exit 0;; esac\n'
        for verb, option in STOOD_IN
    )
    path, trimtab = shlex.quote(str(folder)), shlex.quote(str(real / "trimtab"))
    script = f'#!/bin/sh\nexport PYTHONPATH={path}\n{cases}exec {trimtab} "$@"\n'
    (folder / "trimtab").write_text(script)
    (folder / "trimtab").chmod(0o755)
    (folder / "python").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    (folder / "python").chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"
