"""The environments that contenders run in: made from locked requirements in benchmarks/scratch, removed afterwards."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
WORK = HERE / "scratch"
STAMP = "stamp"


def uv_environment() -> dict[str, str]:
    """This process's environment, with uv looking for packages where pip is configured to look."""
    listed = subprocess.run(
        [sys.executable, str(ROOT / "scripts/uv_settings.py")], capture_output=True, text=True, check=True
    )
    settings = dict(word.split("=", 1) for word in shlex.split(listed.stdout) if "=" in word)
    return os.environ | {"UV_PYTHON_DOWNLOADS": "never"} | settings


def wheel_of_this_checkout() -> Path:
    """The product as a user would install it, built with what the development environment holds."""
    folder = WORK / "wheel"
    shutil.rmtree(folder, ignore_errors=True)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(folder)]
    subprocess.run([*build, str(ROOT)], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def environment(name: str, requirements: Path, *, product: bool = False, base: str = sys.executable) -> Path:
    """The Python of benchmarks/scratch/NAME, made anew where its requirements changed; `product` adds this checkout."""
    folder = WORK / name
    python = folder / "bin/python"
    stamp = hashlib.sha256(requirements.read_bytes()).hexdigest()
    uv, settings = str(Path(sys.executable).parent / "uv"), uv_environment()
    into = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python)]
    if not (folder / STAMP).exists() or (folder / STAMP).read_text() != stamp:
        print(f"setting up benchmarks/scratch/{name}", flush=True)
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", base, str(folder)], check=True, env=settings)
        subprocess.run([*into, "--no-build", "-r", str(requirements)], check=True, env=settings)
        (folder / STAMP).write_text(stamp)
    if product:
        wheel = str(wheel_of_this_checkout())
        subprocess.run([*into, "--no-deps", "--reinstall", wheel], check=True, env=settings)
    return python


@contextmanager
def kept(name: str, *, keep: bool) -> Iterator[None]:
    """Removes benchmarks/scratch/NAME at the end, unless it is to be kept."""
    try:
        yield
    finally:
        if not keep:
            shutil.rmtree(WORK / name, ignore_errors=True)


def versions(python: Path, names: Sequence[str]) -> str:
    """`Python 3.11.7, numpy 2.4.6, ...`, as that environment has them."""
    command = [str(python), "-c", _VERSIONS, *names]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


_VERSIONS = """
import platform, sys
from importlib.metadata import version
print(", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in sys.argv[1:])]))
"""


def publish(name: str, text: str) -> None:
    """Writes a page of results, and prints it."""
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / name).write_text(text)
    print(text)
