"""trimtab itself as a layer: the files of the package that runs here, and the native kernels where they fit."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Final

import trimtab
from trimtab.bundle.files import digest_folder
from trimtab.bundle.image.elf import HEAD, glibc_of, machine_of
from trimtab.core.errors import OutsideError, Problem

__all__ = ["FLAGS", "copy_package", "kernel_note", "package_digest", "package_folder"]

_KERNELS: Final = "bundle/_kernels.native.so"
_SOURCE: Final = "bundle/kernels.c"
# as in scripts/build_native.py: the bits of the answers depend on them
FLAGS: Final = ("-std=c11", "-O3", "-ffp-contract=off", "-fPIC", "-shared", "-g0")
_LIMIT_S: Final = 300.0


def package_folder() -> Path:
    """Where the modules of this very process lie."""
    return Path(trimtab.__file__).parent


def package_digest() -> dict[str, str]:
    """The digest of every file that counts, by its relative name."""
    found = digest_folder(package_folder())
    return {name: entry.sha256 for name, entry in found.items() if _counts(name)}


def _counts(name: str) -> bool:
    return "__pycache__" not in name.split("/") and not name.endswith((".pyc", ".orig", "~"))


def copy_package(target: Path, architecture: str, glibc: int, cross: str = "") -> tuple[str, ...]:
    """Put `trimtab` and its metadata below the target; what is to be said of the native kernels.

    cross: the command of a C compiler for that architecture, or empty.
    """
    source = package_folder()
    for name in package_digest():
        if name != _KERNELS:
            place = target / "trimtab" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, place)
            place.chmod(0o644)
    _metadata(target)
    kernels = target / "trimtab" / _KERNELS
    if cross:
        _cross_compile(cross, kernels)
    elif (source / _KERNELS).is_file():
        shutil.copyfile(source / _KERNELS, kernels)
    else:
        return ("no native kernels: they were not built here, numpy computes forests and linear models, slower",)
    kernels.chmod(0o644)
    note = kernel_note(kernels.read_bytes(), architecture, glibc)
    if note:
        kernels.unlink()
    return (note,) if note else ()


def kernel_note(data: bytes, architecture: str, glibc: int) -> str:
    """Why these kernels cannot be loaded in the image; empty where they can."""
    instead = "numpy computes forests and linear models, slower"
    machine = machine_of(data[:HEAD])
    if machine != architecture:
        return f"no native kernels: those of this machine are for {machine or 'no machine'}; {instead}, or name `--cc`"
    needed = glibc_of(data)
    if needed > glibc:
        return f"no native kernels: those built here need glibc 2.{needed}, the base has 2.{glibc}; {instead}"
    return ""


def _metadata(target: Path) -> None:
    """What `importlib.metadata` reads: name, version, requirements."""
    folder = target / f"trimtab-{trimtab.__version__}.dist-info"
    folder.mkdir(parents=True)
    text = metadata.distribution("trimtab").read_text("METADATA") or ""
    (folder / "METADATA").write_text(text, "utf-8")
    (folder / "METADATA").chmod(0o644)


def _cross_compile(cross: str, output: Path) -> None:
    command = [*shlex.split(cross), *FLAGS, "-o", str(output), str(package_folder() / _SOURCE), "-lm"]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_LIMIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OutsideError(Problem("P279", f"the C compiler `{cross}` failed: {error}", "--cc")) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()[-2000:]
        raise OutsideError(Problem("P279", f"the C compiler `{cross}` failed:\n{said}", "--cc"))
