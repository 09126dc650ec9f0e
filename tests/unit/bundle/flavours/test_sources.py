from __future__ import annotations

import math
from pathlib import Path

import pytest

from trimtab.bundle.flavours.sources import copied, framework, has_suffix, head, peek, reason, roots, seen
from trimtab.core.errors import UserError


def test_roots_are_the_packages_of_all_classes_of_an_object() -> None:
    assert roots(Path("x")) >= {"pathlib", "builtins"}
    assert roots(Path) == frozenset()


def test_only_paths_have_suffixes() -> None:
    assert has_suffix(Path("a/b.PT"), {".pt"})
    assert not has_suffix("b.pt", {".pt"})
    assert not has_suffix(Path("b.pt"), {".onnx"})


def test_the_head_is_the_first_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abcdef")
    assert head(tmp_path / "a", 3) == b"abc"
    assert peek(tmp_path / "a", 3) == b"abc"
    assert peek(tmp_path / "none") == peek(tmp_path) == b""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"  \n<html>", "a web page or XML"),
        (b"PK\x03\x04rest", "a zip archive"),
        (b"\x80\x04\x95", "a pickle"),
        (b"\x1f\x8b\x08", "gzip data"),
        (b'{"a": 1}', "JSON or UBJSON"),
        (b"\x01\x02\x03", "bytes `01 02 03`"),
    ],
)
def test_what_a_file_looks_like_is_said(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "m.onnx").write_bytes(content)
    (problem,) = seen(tmp_path / "m.onnx", "an ONNX model").problems
    assert problem.code == "P223"
    assert problem.what == f"`m.onnx` should be an ONNX model, but its content is {words}"


def test_a_missing_package_is_named_with_what_installs_it() -> None:
    with pytest.raises(UserError) as caught:
        framework("trimtab_has_no_such_framework.core")
    (problem,) = caught.value.problems
    assert problem.code == "P224"
    assert problem.what == "the package `trimtab_has_no_such_framework` is not installed"
    assert problem.hint == '`pip install "trimtab[trimtab_has_no_such_framework]"`'
    assert framework("math") is math


def test_a_package_that_lacks_a_part_of_its_own_is_not_called_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trimtab_half_a_framework.py").write_text("import trimtab_other_half\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match="trimtab_other_half"):
        framework("trimtab_half_a_framework")


def test_a_reason_is_one_line() -> None:
    assert reason(ValueError("first.\nsecond")) == "ValueError: first"
    assert reason(KeyError()) == "KeyError"


def test_a_copy_is_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\x00\x01")
    assert copied(tmp_path / "a.bin", tmp_path, "b.bin") == "b.bin"
    assert (tmp_path / "b.bin").read_bytes() == b"\x00\x01"
