from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from trimtab.bundle import kernels
from trimtab.bundle.kernels import library, opened


@pytest.mark.parametrize("content", [None, b"", b"\x7fELF no program"])
def test_a_kernel_that_cannot_be_loaded_is_none(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "_kernels.native.so"
    if content is not None:
        path.write_bytes(content)
    assert opened(path) is None


def test_another_shared_object_is_none() -> None:
    found = next(Path(line.split()[-1]) for line in Path("/proc/self/maps").read_text().splitlines() if ".so" in line)
    assert opened(found) is None


def test_the_version_is_the_one_of_the_c_source(root: Path) -> None:
    source = (root / "src/trimtab/bundle/kernels.c").read_text()
    assert f"return {kernels._VERSION};" in source


@pytest.mark.skipif(library() is None, reason="needs the native kernels, which were not built: there is no C compiler")
def test_only_the_call_that_is_over_in_no_time_keeps_the_gil() -> None:
    """Others run for long, and other threads run meanwhile."""
    loaded, keeps = library(), ctypes.PyDLL(None).PyErr_Occurred._flags_
    assert loaded.trimtab_express_run._flags_ == keeps
    assert keeps not in {loaded.trimtab_forest_run._flags_, loaded.trimtab_linear_run._flags_}
