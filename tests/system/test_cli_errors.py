"""The real command with wrong input: exit status 2, one clear message each, the nearest name, never a traceback."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

GOOD = 'name = "churn"\n[model]\npath = "model.joblib"\ngolden = "sample.csv"\n'


@pytest.fixture
def project(tmp_path):
    tmp_path.chmod(0o755)
    (tmp_path / "model.joblib").write_bytes(b"\x80\x04N.")
    (tmp_path / "sample.csv").write_text("a\n1\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "trimtab.toml").write_text(GOOD)
    return tmp_path


def refused(project, *arguments):
    environment = {name: value for name, value in os.environ.items() if name not in ("PORT", "FORCE_COLOR")}
    command = [sys.executable, "-m", "trimtab", *arguments]
    ran = subprocess.run(
        command, cwd=project, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert ran.returncode == 2, ran.stderr
    assert ran.stdout == ""
    assert "Traceback" not in ran.stderr
    return ran.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD.replace("golden", "golde"), ["`golde`", "trimtab.toml:4", "did you mean `golden`?"]),
        (GOOD + '[server]\ntimeout = "30 sek"\n', ["30 sek", "trimtab.toml:6", "30s"]),
        (GOOD.replace("model.joblib", "modle.joblib"), ["`modle.joblib`", "did you mean `model.joblib`?"]),
        (GOOD.replace("sample.csv", "data"), ["`data`", "is a folder", "trimtab.toml:4"]),
        (GOOD.replace('"churn"', '"churn'), ["trimtab.toml:1:"]),
    ],
    ids=["wrong key", "wrong unit", "missing file", "folder for a file", "syntax"],
)
def test_a_fault_of_the_project_file_is_named_with_its_line(project, text, words):
    (project / "trimtab.toml").write_text(text)
    said = refused(project, "package")
    assert said.count("error[") == 1, said
    assert [word for word in words if word not in said] == [], said


def test_all_faults_of_a_file_are_named_at_once(project):
    (project / "trimtab.toml").write_text(
        'nam = "churn"\n[model]\npath = "none.joblib"\nrows = "many"\n[server]\nbody = "64 mib"\nprot = 1\n'
    )
    said = refused(project, "check")
    assert said.count("error[") >= 5, said
    assert [word for word in ("`nam`", "none.joblib", "model.rows", "64 mib", "`prot`") if word not in said] == [], said


AS_NOBODY = """
import os, pwd, sys
import trimtab.cli.package, trimtab.project  # while the files of this environment can be read
from trimtab.cli.main import run
os.setuid(pwd.getpwnam("nobody").pw_uid)
sys.exit(run(["package"]))
"""


@pytest.mark.root
def test_a_file_that_this_user_may_not_read_is_named(project):
    (project / "sample.csv").chmod(0o000)
    # pytest keeps its folders to itself; this one is for another user, and starts from no folder of pytest's
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        shutil.copytree(project, folder / "project")
        (folder / "project" / "sample.csv").chmod(0o000)
        ran = subprocess.run(
            [sys.executable, "-c", AS_NOBODY], cwd=folder / "project", capture_output=True, text=True, check=False
        )
    assert ran.returncode == 2, ran.stderr
    assert ran.stderr.count("error[") == 1, ran.stderr
    assert "sample.csv" in ran.stderr
    assert "cannot be read" in ran.stderr


def test_an_unknown_bundle_names_the_nearest(project):
    assert "no bundle `chrun`" in refused(project, "serve", "chrun")


@pytest.mark.parametrize("arguments", [("serv",), ("serve", "--prot", "1"), ("serve", "--port", "http"), ("ask",)])
def test_a_wrong_command_line_is_refused_in_the_house_form(project, arguments):
    assert refused(project, *arguments).startswith("error[P11")


def test_an_occupied_port_is_named_with_the_way_out(root):
    script = root / "tests/doubles/serve.py"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code = (
            "import runpy, sys; from trimtab.core.errors import UserError; from trimtab.server.run import run\n"
            "from trimtab.server.settings import Settings\n"
            f"made = runpy.run_path({str(script)!r})\n"
            "try:\n"
            f"    run(lambda: {{'churn': made['MemoryBundle']()}}, Settings(port={port}), print)\n"
            "except UserError as error:\n"
            "    print(error); sys.exit(error.exit_status)\n"
        )
        ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 2, ran.stderr
    assert f"port {port} is taken" in ran.stdout
    assert f"--port {port + 1}" in ran.stdout
