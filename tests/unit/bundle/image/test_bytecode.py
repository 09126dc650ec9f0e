"""Compiled modules are the same bytes wherever they are made, and the interpreter takes them as they are."""

import importlib.util
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

from trimtab.bundle.image.bytecode import compile_modules, compiler_name


def tree(folder):
    (folder / "p/tests").mkdir(parents=True)
    (folder / "p/__init__.py").write_text("X = {'a', 'b', 'c'}\n\n\ndef f(x):\n    return x in {'p', 'q', 'r'}\n")
    (folder / "p/broken.py").write_text("print 'two'\n")
    (folder / "p/tests/test_p.py").write_text("")
    return folder


def test_twice_in_two_places_gives_the_same_bytes(tmp_path):
    made = [tree(tmp_path / name) for name in ("a", "elsewhere")]
    for folder in made:
        compile_modules(folder, "/opt/site")
    one, two = ({path.relative_to(at): path.read_bytes() for path in at.rglob("*.pyc")} for at in made)
    assert one == two
    assert [str(path.parent) for path in one] == ["p/__pycache__"]  # not the broken one, nor tests


def test_a_relative_folder_is_compiled_too(tmp_path):
    tree(tmp_path / "a")
    with chdir(tmp_path):
        compile_modules(Path("a"), "/opt/site")
    assert list(tmp_path.rglob("*.pyc"))


def test_the_interpreter_reads_it_without_looking_at_the_source(tmp_path):
    folder = tree(tmp_path / "a")
    compile_modules(folder, "/opt/site")
    (folder / "p/__init__.py").write_text("X = 'changed'\n")  # unchecked: both lie in one layer
    code = "import p; print(sorted(p.X))"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout == "['a', 'b', 'c']\n"
    (compiled,) = (folder / "p/__pycache__").iterdir()
    assert compiled.read_bytes().startswith(importlib.util.MAGIC_NUMBER)
    assert b"/opt/site/p/__init__.py" in compiled.read_bytes()
    assert sys.implementation.cache_tag in compiler_name()
