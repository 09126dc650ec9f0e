"""Real bases made of Debian's packages, one small bundle, and podman with a storage of its own."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from tests.once import alone, made_once, run_folder

from trimtab.bundle.build import Recipe, package
from trimtab.bundle.files import digest_folder
from trimtab.bundle.image.gzipped import pack
from trimtab.bundle.lock.text import LOCK_FILE, Pin, render_lock
from trimtab.bundle.manifest import canonical, encode
from trimtab.bundle.oci.blobs import file_pieces
from trimtab.bundle.oci.layout import Layout
from trimtab.bundle.oci.spec import CONFIG, GZIP_LAYER, MANIFEST, Descriptor, Manifest, described, document
from trimtab.bundle.read import Bundle
from trimtab.bundle.store import Store

SUITE = "bookworm"
PACKAGES = (
    "base-files,libc6,libgcc-s1,libstdc++6,python3.11-minimal,libpython3.11-minimal,libpython3.11-stdlib,libssl3,zlib1g,"
    "libexpat1,libffi8,libbz2-1.0,liblzma5,libuuid1,libsqlite3-0,netbase,tzdata"
)
PROJECT = """
name = "small"
[model]
path = "model.joblib"
[server]
drain = "1s"
processes = 1
"""
HELPERS = ("/usr/lib/podman", "/usr/libexec/podman", "/usr/local/lib/podman", "/usr/local/libexec/podman")
# podman asks for more than a container of its own may grant, and for a control group of the newest kind alone
CONTAINERS = """
[containers]
default_ulimits = ["nofile=16384:16384", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "{tmp}"
[network]
network_backend = "netavark"
network_config_dir = "{folder}/networks"
"""


@pytest.fixture(scope="session")
def base(root: Path, program: Callable[[str], str]) -> Callable[[str], Path]:
    """`base("amd64")`: an OCI layout of Debian's Python without a shell; kept in .venv, so that it is made once."""

    def make(architecture: str) -> Path:
        key = hashlib.sha256(f"{SUITE} {PACKAGES}".encode()).hexdigest()[:12]
        place = root / ".venv/bases" / f"{architecture}-{key}"
        with alone(place):
            if not (place / "index.json").exists():
                shutil.rmtree(place, ignore_errors=True)
                _layout(_tar(program("mmdebstrap"), architecture, place.with_suffix(".tar")), architecture, place)
        return place

    return make


def _tar(mmdebstrap: str, architecture: str, target: Path) -> Path:
    command = [mmdebstrap, "--variant=extract", "--quiet", f"--architectures={architecture}", f"--include={PACKAGES}"]
    command += ["--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr", SUITE, str(target)]
    done = subprocess.run(
        command, env={**os.environ, "SOURCE_DATE_EPOCH": "0"}, capture_output=True, text=True, check=False, timeout=280
    )
    if done.returncode:
        needs = f"needs a base of Debian's packages, which cannot be made here: {done.stderr.strip()[-200:]}"
        pytest.skip(needs)  # stated reason: no right to unpack them, or no index that has them
    return target


def _layout(tar: Path, architecture: str, place: Path) -> None:
    layout, packed_file = Layout(place), tar.with_suffix(".gz")
    with packed_file.open("wb") as file:
        packed = pack(file_pieces(tar), file.write)
    layer = Descriptor(GZIP_LAYER, packed.digest, packed.size)
    layout.write(layer, file_pieces(packed_file))
    config = canonical({
        "architecture": architecture, "os": "linux", "config": {"Env": ["PATH=/usr/bin:/bin"]},
        "history": [{"created_by": "mmdebstrap"}], "rootfs": {"type": "layers", "diff_ids": [packed.diff_id]},
    })  # fmt: skip
    layout.write(described(config, CONFIG), [config])
    manifest = document(
        Manifest(schema_version=2, media_type=MANIFEST, config=described(config, CONFIG), layers=(layer,))
    )
    layout.tag(described(manifest, MANIFEST), manifest, "latest")
    tar.unlink()
    packed_file.unlink()


@dataclass(frozen=True)
class Shop:
    """A store that all tests of this session share, so that libraries are packed once, and a bundle in it."""

    store: Store
    bundle: Bundle

    @property
    def project(self) -> Path:
        """Where `trimtab` is called."""
        return self.store.root.parent

    def image(self, base: Path, *words: str, env: dict[str, str] | None = None) -> dict[str, Any]:
        """What `trimtab image --json` says."""
        command = ["trimtab", "image", f"small@{self.bundle.digest}", "--base", str(base), "--json", *words]
        done = subprocess.run(
            command, cwd=self.project, env={**os.environ, **(env or {})}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def small(store: Store) -> Bundle:
    """A linear model of two columns, compiled: it needs neither pandas nor scikit-learn."""
    chance = np.random.default_rng(0)
    frame = pd.DataFrame({"a": chance.normal(size=200), "b": chance.normal(size=200)})
    model = LogisticRegression().fit(frame, frame["a"] + frame["b"] > 0)
    store.root.mkdir(parents=True, exist_ok=True)
    return package(Recipe(name="small", root=store.root.parent, model=model, sample=frame[:40], compared=2000), store)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Made once by whichever test process comes first."""
    place = made_once(run_folder(tmp_path_factory) / "images" / "project", stocked)
    store = Store(place / ".trimtab")
    return Shop(store, store.resolve(f"small@{(place / 'digest').read_text()}"))


def stocked(place: Path) -> None:
    """A project with its lock, and the digest of its bundle."""
    from importlib.metadata import distributions

    from packaging.utils import canonicalize_name

    # the original's requirements stay out of the image, so their hashes may be invented: no index is asked
    found = {canonicalize_name(one.name): one.version for one in distributions()}
    pins = [Pin(name, version, (f"sha256:{'0' * 64}",)) for name, version in found.items()]
    (place / LOCK_FILE).write_text(render_lock(pins))
    (place / "trimtab.toml").write_text(PROJECT)
    (place / "digest").write_text(small(Store(place / ".trimtab")).digest)


@pytest.fixture
def remodelled(shop: Shop, tmp_path: Path) -> Shop:
    """The same bundle with other weights, as a training on other data would give it, in the same store."""
    folder = tmp_path / "remodelled"
    shutil.copytree(shop.bundle.folder, folder)
    weights = folder / "compiled/model.json"
    text = weights.read_text()
    weights.chmod(0o644)
    weights.write_text(re.sub(r"\.\d", lambda found: ".1" if found[0] != ".1" else ".2", text, count=1))
    manifest = msgspec.structs.replace(shop.bundle.manifest, files=digest_folder(folder))
    (folder / "bundle.json").chmod(0o644)
    (folder / "bundle.json").write_bytes(encode(manifest))
    return Shop(shop.store, shop.store.resolve(shop.store.add(folder)))


class Podman:
    """podman with storage, state and settings in one folder, which is removed with all that it held."""

    def __init__(self, program: str, folder: Path) -> None:
        self.folder, self.program = folder, program
        (folder / "networks").mkdir()
        (folder / "containers.conf").write_text(CONTAINERS.format(folder=folder, tmp=folder / "tmp"))
        self._command = [program, "--root", str(folder / "root"), "--runroot", str(folder / "run")]
        self._env = {**os.environ, "CONTAINERS_CONF": str(folder / "containers.conf"), "TMPDIR": str(folder)}

    def __call__(self, *words: str, check: bool = True, **more: Any) -> subprocess.CompletedProcess[str]:
        """One command; it fails the test unless `check` is off."""
        done = subprocess.run(
            [*self._command, *words], env=self._env, capture_output=True, text=True, check=False, timeout=120, **more
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    def close(self) -> None:
        """Containers and images go, and then the folder."""
        self("rm", "--all", "--force", "--time", "0", check=False)
        self("rmi", "--all", "--force", check=False)
        subprocess.run(["umount", str(self.folder / "root/overlay")], capture_output=True, check=False)
        shutil.rmtree(self.folder)


@pytest.fixture(scope="module")
def podman(program: Callable[[str], str]) -> Iterator[Podman]:
    """podman that runs containers here; skipped by name where it cannot."""
    if os.geteuid() != 0:
        pytest.skip("needs root: podman without it needs ranges of user ids that few machines set up")  # stated reason
    program("runc")
    program("iptables")
    if not any(Path(folder, "netavark").exists() for folder in HELPERS):
        pytest.skip("needs `netavark`, which is not installed here")  # stated reason: not ours to ship
    folder = Path(tempfile.gettempdir(), f"trimtab-podman{os.getpid()}")  # short, and fit for the name of an image
    folder.mkdir(mode=0o700)
    one = Podman(program("podman"), folder)
    yield one
    one.close()
