"""How many threads the native libraries in this process would use: asked of themselves, not of the environment."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

__all__ = ["native_threads"]

_MAPS: Final = Path("/proc/self/maps")
# the beginning of a library's file name -> the pool it has, and what the question is called in it, newest name first
_LIBRARIES: Final = (
    (("libgomp", "libomp", "libiomp"), "openmp", ("omp_get_max_threads",)),
    (
        ("libscipy_openblas", "libopenblas"),
        "openblas",
        ("scipy_openblas_get_num_threads64_", "scipy_openblas_get_num_threads", "openblas_get_num_threads64_",
         "openblas_get_num_threads"),
    ),
    (("libmkl_rt",), "mkl", ("MKL_Get_Max_Threads",)),
    (("libblis",), "blis", ("bli_thread_get_num_threads",)),
)  # fmt: skip


def native_threads(maps: Path = _MAPS) -> dict[str, int]:
    """The most threads of each kind of pool that is loaded: OpenMP, OpenBLAS, MKL, BLIS."""
    found: dict[str, int] = {}
    for path in _loaded(maps):
        for names, pool, questions in _LIBRARIES:
            if path.name.startswith(names):
                threads = _ask(path, questions)
                if threads:
                    found[pool] = max(found.get(pool, 0), threads)
    return found


def _loaded(maps: Path) -> Iterable[Path]:
    """The files of shared libraries that are mapped into this process."""
    try:
        lines = maps.read_text().splitlines()
    except OSError:
        return set()
    return {Path(line.split(maxsplit=5)[5]) for line in lines if ".so" in line and len(line.split(maxsplit=5)) > 5}  # noqa: PLR2004 - address, rights, offset, device, inode, file


def _ask(path: Path, questions: Iterable[str]) -> int:
    """What the library answers; 0 when it cannot be asked. It is loaded already: this opens nothing new."""
    try:
        library = ctypes.CDLL(os.fspath(path), mode=os.RTLD_NOLOAD)
    except OSError:
        return 0
    for question in questions:
        function = getattr(library, question, None)
        if function is not None:
            return int(function())
    return 0
