"""Wheels of locked versions for a platform that need not be this one: downloaded by pip, unpacked by `installer`.

Nothing of a wheel runs. Scripts are left out: there is no shell in the image that would call them.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Final

from trimtab.bundle.image.elf import strangers
from trimtab.bundle.lock.text import Pin, render_lock
from trimtab.core.errors import OutsideError, Problem, UserError

__all__ = ["Target", "download", "no_strangers", "platforms", "unpack", "uv_platform"]

_MACHINES: Final = {"amd64": "x86_64", "arm64": "aarch64"}
_LIMIT_S: Final = 900.0
_SECRET: Final = re.compile(r"//[^/@\s]+@")
_LINES: Final = 6  # of what pip says that go into our message


def platforms(architecture: str, glibc: int) -> list[str]:
    """Pip's names of all platforms whose wheels run with glibc 2.`glibc`, the newest first."""
    machine = _MACHINES[architecture]
    modern = [f"manylinux_2_{minor}_{machine}" for minor in range(glibc, 16, -1)]
    return [*modern, f"manylinux2014_{machine}", f"linux_{machine}"]


def uv_platform(architecture: str, glibc: int) -> str:
    """The platform in the words of uv, which knows few versions of glibc."""
    return f"{_MACHINES[architecture]}-manylinux_2_{28 if glibc >= 28 else 17}"  # noqa: PLR2004 - the one it knows


def command_of(requirements: Path, target: Path, architecture: str, glibc: int, version: str) -> list[str]:
    """Pip's command line; it looks wherever it is configured to look."""
    words = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    words += ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--requirement", str(requirements)]
    words += ["--dest", str(target), "--implementation", "cp", "--python-version", version]
    abis = (f"cp{version.replace('.', '')}", "abi3", "none")
    words += [word for abi in abis for word in ("--abi", abi)]
    return words + [word for name in platforms(architecture, glibc) for word in ("--platform", name)]


def download(pins: Iterable[Pin], folder: Path, architecture: str, glibc: int, version: str) -> list[Path]:
    """One wheel a pin, sorted; UserError P275 for a pin without a wheel for that platform."""
    requirements, target = folder / "requirements.txt", folder / "wheels"
    requirements.write_text(render_lock(pins), "utf-8")
    target.mkdir()
    command = command_of(requirements, target, architecture, glibc, version)
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_LIMIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OutsideError(
            Problem("P275", f"pip did not answer: {error}", f"{architecture}, Python {version}")
        ) from None
    if done.returncode:
        raise _refused(done.stderr.decode(errors="replace"), f"linux/{architecture}, Python {version}")
    return sorted(target.iterdir())


def _refused(said: str, where: str) -> UserError | OutsideError:
    said = _SECRET.sub("//", said)
    if "No module named pip" in said:
        hint = f"`{sys.executable} -m ensurepip`, or an environment with pip"
        return OutsideError(Problem("P279", "there is no pip here to download the wheels with", sys.executable, hint))
    errors = [line for line in said.splitlines() if line.startswith("ERROR:")]
    missing = re.search(r"No matching distribution found for (\S+)", said)
    if missing:
        name = re.split(r"[=<>]", missing[1])[0]
        what = f"there is no wheel of `{missing[1]}` for this platform among the locked hashes"
        return UserError(
            Problem("P275", what, where, f"choose a version of `{name}` that has one, or another `--arch`")
        )
    changed = re.search(r"DO NOT MATCH THE HASHES.*?\n\s+(\S+)", said, re.DOTALL)
    if changed:
        what = f"the wheel of `{changed[1]}` for this platform has none of the locked hashes"
        hint = (
            f"take `{changed[1].partition('=')[0]}` out of requirements.lock and package again, where the index has it"
        )
        return UserError(Problem("P275", what, where, hint))
    text = "\n".join((errors or said.strip().splitlines())[-_LINES:])
    return OutsideError(Problem("P275", f"pip could not download the wheels:\n{text}", where))


class Target:
    """Where `installer` puts a wheel's files: modules and data in one folder, scripts and headers nowhere."""

    def __init__(self, folder: Path) -> None:
        """The folder exists; several wheels may go into it."""
        self.folder = folder

    def write_script(self, name: str, module: str, attr: str, section: str) -> object:
        """Not written."""
        from installer.records import RecordEntry

        del module, attr, section
        return RecordEntry(f"../../bin/{name}", None, None)

    def write_file(self, scheme: str, path: str, stream: BinaryIO, is_executable: bool) -> object:  # noqa: FBT001 - theirs
        """Write one file; UserError P275 for one outside, or one that another wheel has too with other content."""
        from installer.records import RecordEntry

        path = str(path)
        if scheme not in ("scripts", "headers"):
            place = (self.folder / path).resolve()
            if not place.is_relative_to(self.folder.resolve()) or path.startswith("/"):
                raise UserError(Problem("P275", f"a wheel has a file {path!r}, outside its place", scheme))
            data = stream.read()
            if place.exists() and place.read_bytes() != data:
                raise UserError(Problem("P275", f"two wheels have a file {path!r} with other content", scheme))
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
            place.chmod(0o755 if is_executable else 0o644)
        return RecordEntry(path, None, None)

    def finalize_installation(self, scheme: str, record_file_path: str, records: Iterable[tuple[str, object]]) -> None:
        """The list of what was written, as `importlib.metadata` reads it, sorted and without the scripts."""
        names = {str(getattr(record, "path", "")) for kind, record in records if kind not in ("scripts", "headers")}
        text = "".join(f"{_quoted(name)},,\n" for name in sorted(names))
        place = self.folder / record_file_path
        place.write_text(text, "utf-8")
        place.chmod(0o644)
        del scheme


def _quoted(name: str) -> str:
    return f'"{name}"' if "," in name else name


def unpack(wheels: Iterable[Path], folder: Path) -> None:
    """Everything of the wheels that is imported; OutsideError P279 without `installer`."""
    try:
        from installer import install
        from installer.sources import WheelFile
    except ImportError:
        hint = "`pip install 'trimtab[image]'`"
        raise OutsideError(Problem("P279", "there is no `installer` here to unpack wheels with", hint=hint)) from None
    for wheel in wheels:
        with WheelFile.open(wheel) as source:
            install(source=source, destination=Target(folder), additional_metadata={})  # type: ignore[arg-type]  # duck


def no_strangers(folder: Path, architecture: str) -> None:
    """UserError P277 naming every shared object and program below the folder that is for another machine."""
    found = strangers(folder, architecture)
    if found:
        hint = "the wheel was packed wrongly: choose another version of it"
        raise UserError(
            *(
                Problem("P277", f"`{name}` is for {what}, not for {architecture}", name, hint)
                for name, what in found.items()
            )
        )
