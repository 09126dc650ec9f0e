"""Asks uv, and through it the package index, for the hashes of pinned versions."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import unquote

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from trimtab.bundle.lock.pip_settings import uv_settings
from trimtab.bundle.lock.text import Pin
from trimtab.core.errors import OutsideError, Problem

__all__ = ["find_uv", "pins_of", "resolve_pins", "resolve_pylock", "without_secrets"]

_LIMIT_S: Final = 300.0
_SECRET: Final = re.compile(r"//[^/@\s]+@")
_QUERY: Final = re.compile(r'(url = "[^"?#]*)[?#][^"]*"')
_INDEX: Final = re.compile(r'^index = "[^"]*"\n', re.MULTILINE)
_LOCAL: Final = re.compile(r'url = "file://[^"]*?([^"/]+)"')
_OFFLINE: Final = (
    "go on line once, or keep the `requirements.lock` of a machine that could resolve beside the project file"
)


def find_uv() -> str:
    """The uv program of this environment, else the one on PATH; empty when there is none."""
    try:
        from uv import find_uv_bin
    except ImportError:
        return shutil.which("uv") or ""
    try:
        return str(find_uv_bin())
    except FileNotFoundError:
        return shutil.which("uv") or ""


def resolve_pins(versions: Mapping[str, str], root: Path, platform: str = "") -> list[Pin]:
    """Pins with the hashes that pip's indexes and `find-links` know for exactly these versions.

    platform: of uv, such as `aarch64-manylinux_2_28`: an index that has no wheel for it is passed over. The settings of
    uv in the project and for the user hold where pip has none. Raises OutsideError (P254) when uv or the index is out
    of reach or does not have a version.
    """
    pins = {pin.name: pin for pin in pins_of(resolve_pylock(versions, root, platform))}
    poor = [f"{name}=={version}" for name, version in versions.items() if name not in pins or not pins[name].hashes]
    if poor:
        raise OutsideError(Problem("P254", f"the index has no hashes for {_listed(poor)}", hint=_OFFLINE))
    return [pins[name] for name in versions]


def pins_of(pylock: str) -> list[Pin]:
    """The pins in a `pylock.toml`: the hashes of sources, and of wheels of any platform for this Python.

    uv's requirements would do, had they the hashes of files in `find-links`.
    """
    pins = []
    for package in tomllib.loads(pylock).get("packages", []):
        wheels = [file for file in package.get("wheels", []) if _for_this_python(file)]
        files = [*wheels, *(package[key] for key in ("sdist", "archive") if key in package)]
        hashes = {f"sha256:{file['hashes']['sha256']}" for file in files if "sha256" in file.get("hashes", {})}
        pins.append(Pin(canonicalize_name(package["name"]), package.get("version", ""), tuple(sorted(hashes))))
    return pins


def _for_this_python(file: Mapping[str, Any]) -> bool:
    name = unquote(str(file.get("name") or file.get("url") or file.get("path")).rpartition("/")[2])
    try:
        tags = parse_wheel_filename(name)[3]
    except InvalidWheelFilename:
        return False
    here = f"cp{sys.version_info.major}{sys.version_info.minor}"
    abis = {f"{here}{'t' if sysconfig.get_config_var('Py_GIL_DISABLED') else ''}", "abi3", "none"}
    return any(tag.abi in abis and (tag.interpreter in (here, "py3") or tag.abi == "abi3") for tag in tags)


def resolve_pylock(versions: Mapping[str, str], root: Path, platform: str = "") -> str:
    """A `pylock.toml` (PEP 751) of exactly these versions; it names the addresses of files, as that format demands.

    A file of this machine is named by its bare file name; no index is named, and nobody's password.
    """
    where = ("--python-platform", platform) if platform else ("--universal",)
    return without_secrets(_compile(versions, root, "--format", "pylock.toml", "--no-annotate", *where))


def without_secrets(pylock: str) -> str:
    """The text without indexes, places of this machine, and what lets its holder in, before a host or behind a path."""
    text = _QUERY.sub(r'\1"', _INDEX.sub("", pylock))
    return _SECRET.sub("//", _LOCAL.sub(r'path = "\1"', text))


def _compile(versions: Mapping[str, str], root: Path, *options: str) -> str:
    uv = find_uv()
    if not uv:
        hint = "`pip install 'trimtab[lock]'`"
        raise OutsideError(Problem("P254", "no uv to ask for the hashes of the requirements", hint=hint))
    with TemporaryDirectory() as folder:
        pins = Path(folder, "pins.in")
        pins.write_text("".join(f"{name}=={version}\n" for name, version in sorted(versions.items())), "utf-8")
        command = [
            uv,
            "pip",
            "compile",
            "--quiet",
            "--no-deps",
            "--no-header",
            "--no-progress",
            "--color",
            "never",
        ]
        command += ["--python", sys.executable, *options, str(pins)]
        try:
            done = subprocess.run(
                command,
                cwd=root,
                env=os.environ | uv_settings(os.environ),  # not among the arguments, which any user of the machine sees
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_LIMIT_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise OutsideError(Problem("P254", f"uv did not answer: {error}", hint=_OFFLINE)) from None
    if done.returncode != 0:
        said = _SECRET.sub("//", done.stderr.decode(errors="replace")).strip().replace(folder, "")
        what = f"uv cannot resolve {_listed([f'{name}=={version}' for name, version in versions.items()])}"
        raise OutsideError(Problem("P254", f"{what}:\n{said}", hint=_OFFLINE))
    return done.stdout.decode()


def _listed(items: list[str]) -> str:
    shown = ", ".join(f"`{item}`" for item in items[:3])
    return shown if len(items) <= 3 else f"{shown} and {len(items) - 3} more"  # noqa: PLR2004  # three can be read
