"""The file that `trimtab serve --settings` reads: what `[server]` says, and the environment, and nothing else."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from trimtab.core.errors import OutsideError, UserError
from trimtab.project.serving import read_serving, serving_of

HERE = Path("/somewhere")
TEXT = """
[server]
admin = 8093
timeout = "5s"
auth = { keys = "keys.json" }
[variables]
REGION = "eu"
[secrets]
TOKEN = "env:PROD_TOKEN"
"""


def test_it_says_what_trimtab_toml_would() -> None:
    file = serving_of(TEXT, "settings.toml", HERE)
    assert (file.server.admin, file.server.timeout, file.server.guard.keys) == (8093, 5.0, HERE / "keys.json")
    assert (file.variables, file.secrets) == ({"REGION": "eu"}, {"TOKEN": "env:PROD_TOKEN"})
    assert file.digest == f"sha256:{hashlib.sha256(TEXT.encode()).hexdigest()}"


def test_an_empty_file_is_all_defaults() -> None:
    assert serving_of("", "settings.toml", HERE).server.timeout == 30.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[server]\nadmn = 1", ["P103 no key `admn`"]),
        ("[model]\npath = 'm'", ["P103 no key `model`"]),
        ("[server]\nprocesses = 0\ntimeout = 'x'", ["P105 `0` is below 1", "P106"]),
        ("variables = 1", ["P104 `variables` is a table of texts"]),
        ("[variables]\nA = 1\n'B=' = 'x'", ["P104 `A` is not a text", "P105 `B=` is no name"]),
        ('[variables]\nA = "x\\u0000"', ["P105 `A` has a null in it"]),
        ("[variables]\nA = 'x'\n[secrets]\nA = 'env:A'", ["P105 `A` is a variable already"]),
        ("[server", ["P102 this is not TOML"]),
        ("[server.auth.tokens.x]\n", ["P107", "P107", "P105"]),
    ],
)
def test_every_fault_is_told(text: str, said: list[str]) -> None:
    with pytest.raises(UserError) as caught:
        serving_of(text, "settings.toml", HERE)
    found = [f"{problem.code} {problem.what}" for problem in caught.value.problems]
    assert len(found) == len(said), found
    for one, start in zip(found, said, strict=True):
        assert one.startswith(start)


@pytest.mark.usefixtures("modes_count")
def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="P101"):
        read_serving(tmp_path / "none.toml", tmp_path)
    with pytest.raises(UserError, match="P101"):
        read_serving(tmp_path, tmp_path)
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    with pytest.raises(UserError, match="P102"):
        read_serving(tmp_path / "bytes.toml", tmp_path)
    (tmp_path / "shut.toml").write_text("")
    (tmp_path / "shut.toml").chmod(0)
    with pytest.raises(OutsideError, match="P110"):
        read_serving(tmp_path / "shut.toml", tmp_path)
