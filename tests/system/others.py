"""What others run: a registry, and programs of another user."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534


@dataclass(frozen=True)
class Running:
    """A registry: its address, and the folder of its content."""

    address: str
    data: Path

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def emptied(self) -> Running:
        """The same, with nothing in it."""
        shutil.rmtree(self.data, ignore_errors=True)
        return self

    def tags(self, repository: str) -> list[str]:
        folder = self.data / "docker/registry/v2/repositories" / repository / "_manifests/tags"
        return sorted(path.name for path in folder.glob("*"))

    def blobs(self) -> set[str]:
        """The digests of all content that is there whole."""
        return {path.parent.name for path in self.data.glob("docker/registry/v2/blobs/sha256/*/*/data")}


def for_everybody(home: Path) -> Path | None:
    """An interpreter that every user may run: this one, or a copy of it in that folder; None where neither runs."""
    if _runs(Path(sys.executable)):
        return Path(sys.executable)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    left_out = shutil.ignore_patterns("site-packages", "test", "tests", "idlelib", "*.a")
    shutil.copytree(Path(sys.base_prefix, "lib", version), home / "lib" / version, ignore=left_out)
    for library in Path(sys.base_prefix, "lib").glob("libpython*.so*"):
        shutil.copy(library, home / "lib" / library.name)
    (home / "bin").mkdir()
    shutil.copy(Path(sys.executable).resolve(), home / "bin" / version)
    site = home / "lib" / version / "site-packages"
    site.mkdir()
    import trimtab

    source = Path(trimtab.__file__).parents[1]
    (site / "here.pth").write_text(f"{sysconfig.get_path('purelib')}\n{source}\n")
    return home / "bin" / version if _runs(home / "bin" / version) else None


def _runs(program: Path) -> bool:
    command = [str(program), "-c", "import encodings"]
    try:
        done = subprocess.run(command, user=NOBODY, group=NOBODY, extra_groups=[], check=False, capture_output=True)
    except OSError:
        return False
    return done.returncode == 0
