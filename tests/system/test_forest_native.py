"""The native forest walk as it is built: beside a wheel, without a compiler, and under a sanitiser."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

# every read and write is watched at any level of optimisation, and the one of the wheels takes eight times as long
SANITISED = (
    "-fsanitize=address,undefined,float-cast-overflow", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer", "-O1",
)  # fmt: skip

# flips bytes of small files with every kind of node, and walks whatever is let through; then walks large ones
WALK = """
import sys
from pathlib import Path
# what lightgbm would only import because it is there takes longer under a sanitiser than the walks do
sys.modules.update(dict.fromkeys(("sklearn", "pandas", "pyarrow", "matplotlib", "cffi"), None))
import lightgbm, numpy as np
from trimtab.bundle import kernels
from trimtab.bundle.forest import check, file, forest, from_lightgbm, native
kernel = kernels.opened(Path(sys.argv[1]))
folder, chance, seen = Path(sys.argv[2]), np.random.default_rng(5), 0
def walks(packed):
    if packed.facts.columns > 50:
        return
    rows = chance.choice([0.0, 1.0, 2.0, -0.5, 1e10, -1e300, np.inf, np.nan, 1e-36, 33.0], (70, packed.facts.columns))
    walk = native.NativeWalk(packed.tables, packed.facts, kernel)
    for count in (0, 1, 3, 5, 33, 70):
        with np.errstate(over="ignore"):
            walk(rows[:count].astype(packed.facts.rows), answers=True)
            walk(np.asfortranarray(rows.astype(packed.facts.rows)), answers=False)
rows = np.column_stack([np.round(chance.normal(size=(300, 2)), 1), chance.integers(0, 70, 300)])
rows[chance.random(rows.shape) < 0.2] = np.nan
common = {"verbose": -1, "num_threads": 1, "min_data_in_leaf": 1, "min_data_per_group": 1, "max_cat_to_onehot": 1}
for objective, more in (("multiclass", {"num_class": 3}), ("binary", {"zero_as_missing": True}), ("poisson", {})):
    for categories in ([], [2]):
        for dtype in ("float32", "float64"):
            for leaves in (4, 100):
                params = {"objective": objective, "num_leaves": leaves, **common, **more}
                target = (np.nan_to_num(rows[:, 0]) > 0) + (objective == "multiclass") * (np.arange(300) % 2)
                table = lightgbm.Dataset(rows, target, categorical_feature=categories)
                packed = from_lightgbm.from_lightgbm(lightgbm.train(params, table, 3), dtype)
                walks(packed)
                path = file.save(packed, folder)
                data = path.read_bytes()
                for _ in range(30):
                    at = int(chance.integers(len(data)))
                    path.write_bytes(data[:at] + bytes([data[at] ^ int(chance.integers(1, 256))]) + data[at + 1 :])
                    try:
                        damaged = file.load(folder, native=False)
                    except file.UserError:
                        continue
                    seen += 1
                    walks(damaged)
print("walked", seen)
"""


@pytest.fixture(scope="module")
def hook(root: Path) -> ModuleType:
    """`scripts/build_native.py` as a module."""
    spec = importlib.util.spec_from_file_location("build_native", root / "scripts/build_native.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_without_a_compiler_there_is_no_kernel_and_no_error(
    hook: ModuleType, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = tmp_path / "old.so"
    for name, value, why in (
        ("PATH", str(tmp_path), "there is no C compiler"),
        ("CC", str(tmp_path / "cc"), "the C compiler failed"),
        ("CC", "false", "the C compiler failed"),
    ):
        monkeypatch.setenv(name, value)
        built.write_bytes(b"of older sources")
        if why.startswith("there"):
            monkeypatch.delenv("CC", raising=False)
        assert hook.build(root, built).startswith(why)
        assert not built.exists()


@pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler, which is not installed here")
def test_a_wheel_carries_the_kernel_for_its_machine(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(root / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__", "_kernels.native.so"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "scripts", ".gitignore"):
        (shutil.copytree if (root / name).is_dir() else shutil.copy)(root / name, copy / name)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=copy, timeout=120)
    assert ran.returncode == 0, ran.stderr
    (wheel,) = tmp_path.glob("*.whl")
    assert "-py3-none-" in wheel.name
    assert not wheel.name.endswith("-any.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "trimtab/bundle/_kernels.native.so" in names
    assert "trimtab/bundle/forest/forest.c" in names


def test_no_file_makes_the_kernel_read_outside(hook: ModuleType, root: Path, tmp_path: Path) -> None:
    compiler = hook.compiler()
    kernel = tmp_path / "_kernels.native.so"
    command = [*compiler, *hook.FLAGS, *SANITISED, "-o", str(kernel), str(root / hook.SOURCE), "-lm"]
    runtime = tmp_path
    built = compiler and subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if built and built.returncode == 0:
        asked = subprocess.run([*compiler, "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
        runtime = Path(asked.stdout.strip())
    elif built:  # nothing but the sanitisers may be what is missing
        assert "sanitize" in built.stderr or "asan" in built.stderr or "ubsan" in built.stderr, built.stderr
    if not runtime.is_file():
        pytest.skip("needs a C compiler with the address sanitiser")  # stated reason: gcc brings it, clang elsewhere
    environment = {**os.environ, "LD_PRELOAD": str(runtime), "ASAN_OPTIONS": "detect_leaks=0", "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", WALK, str(kernel), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=250,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert int(ran.stdout.split()[-1]) > 50
