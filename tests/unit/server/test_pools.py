"""The probe of native thread pools reads what is mapped, and asks only that."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from trimtab.server.pools import native_threads


def test_the_blas_of_numpy_is_asked():
    assert np.ones(2) @ np.ones(2) == 2
    assert native_threads()["openblas"] >= 1


def test_libraries_that_cannot_be_asked_are_left_out(tmp_path):
    maps = tmp_path / "maps"
    maps.write_text(
        "7f00-7f01 r-xp 00000000 00:00 1  /nowhere/libgomp-1.so.1\n"
        "7f00-7f01 r-xp 00000000 00:00 1  /nowhere/libopenblas with blanks.so\n"
        "7f00-7f01 r-xp 00000000 00:00 0 \n"
        "7f00-7f01 r-xp 00000000 00:00 0  [vdso]\n"
    )
    assert native_threads(maps) == {}
    assert native_threads(Path("/nowhere/maps")) == {}
