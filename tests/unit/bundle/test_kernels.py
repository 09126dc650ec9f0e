from __future__ import annotations

from pathlib import Path

import pytest

from trimtab.bundle import kernels
from trimtab.bundle.kernels import opened


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
