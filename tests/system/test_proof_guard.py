"""The blinkers of the clean process, put on in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import importlib, importlib.metadata, importlib.util, json, sys
from pathlib import Path
from trimtab.bundle.code.local import project_of
from trimtab.bundle.proof.guard import Guard, Rules, hide_files

root, tops = Path(sys.argv[1]), json.loads(sys.argv[2])
sys.path.append(str(root / "lib"))  # as an editable install of the user's project does
guard = Guard(Rules(project_of(root), None if tops is None else frozenset(tops), frozenset(tops or ())))
guard.install()
hide_files(guard.rules.hidden)

def tried(make):
    try:
        make()
    except Exception as error:
        return type(error).__name__
    return "fine"

print(json.dumps({
    "own": tried(lambda: __import__("own_of_the_user")),
    "own_spec": importlib.util.find_spec("own_of_the_user") is None,
    "own_file": tried(lambda: open(root / "data.txt")),
    "other_file": tried(lambda: open(root.parent / "other.txt")),
    "colorsys": tried(lambda: __import__("colorsys")),
    "sysconfigdata": tried(lambda: importlib.import_module(__import__("sysconfig")._get_sysconfigdata_name())),
    "packaging": tried(lambda: __import__("packaging.version")),
    "iniconfig": tried(lambda: __import__("iniconfig")),
    "iniconfig_spec": importlib.util.find_spec("iniconfig") is None,
    "iniconfig_metadata": tried(lambda: importlib.metadata.version("iniconfig")),
    "held": sorted(guard.seen.held),
    "asked": sorted(map(list, guard.seen.asked)),
}))
"""


@pytest.fixture
def seen(tmp_path):
    (tmp_path / "project" / "lib").mkdir(parents=True)
    (tmp_path / "project" / "lib" / "own_of_the_user.py").write_text("")
    (tmp_path / "project" / "data.txt").write_text("")
    (tmp_path / "other.txt").write_text("")

    def run(tops):
        command = [sys.executable, "-I", "-W", "ignore", "-c", PROGRAM, str(tmp_path / "project"), json.dumps(tops)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path("/"))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_the_users_project_is_hidden_and_all_else_that_is_installed_is_there(seen):
    found = seen(None)
    assert (found["own"], found["own_spec"], found["own_file"]) == ("ModuleNotFoundError", True, "FileNotFoundError")
    assert found["other_file"] == found["colorsys"] == found["packaging"] == found["iniconfig"] == "fine"
    assert found["held"] == ["own_of_the_user"]
    assert ["", "iniconfig"] not in found["asked"]
    assert ["__main__", "iniconfig"] in found["asked"]


def test_with_a_lock_only_what_it_names_is_there_as_if_nothing_else_were_installed(seen):
    found = seen(["packaging"])
    assert found["packaging"] == found["colorsys"] == found["sysconfigdata"] == "fine"
    assert (found["iniconfig"], found["iniconfig_spec"]) == ("ModuleNotFoundError", True)
    assert found["iniconfig_metadata"] == "PackageNotFoundError"
    assert found["held"] == ["iniconfig", "own_of_the_user"]
