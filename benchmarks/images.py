"""What an image of one model holds above its base: trimtab's layers beside what others install for the same model.

No image is built for the others: their locked requirements are installed into a folder, compiled, and packed with our
own layer writer, so that all sizes are counted in the same way. What they need of the model's own is not counted.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from environments import HERE, WORK, publish, uv_environment
from measure import machine, table
from trimtab.bundle.build import Recipe, package
from trimtab.bundle.image.base import pick
from trimtab.bundle.image.build import Built, Plan, build
from trimtab.bundle.image.gzipped import COMPRESSOR, pack
from trimtab.bundle.image.layers import LayerStore
from trimtab.bundle.image.sources import source_of
from trimtab.bundle.image.tarball import members_of, tar_pieces
from trimtab.bundle.oci.opening import Terms
from trimtab.bundle.store import Store
from trimtab.cli.show import size_text

# what each server's own guide installs for a scikit-learn model, at the versions that benchmarks/peers locks
PEERS = {
    "BentoML": ("bentoml", ["bentoml", "scikit-learn", "joblib"]),
    "MLServer": ("mlserver", ["mlserver", "mlserver-sklearn"]),
    "MLflow": ("mlflow", ["mlflow", "scikit-learn"]),
}
COLUMNS = 2


@dataclass(frozen=True)
class Weight:
    """What lies above the base: bytes as they travel, bytes unpacked, distributions."""

    packed: int
    unpacked: int
    distributions: int


def peer(name: str, lock: str, wanted: Sequence[str]) -> Weight:
    """Installed into a folder of its own, weighed, and removed."""
    print(f"installing {name}", flush=True)
    folder = WORK / f"image-{lock}"
    shutil.rmtree(folder, ignore_errors=True)
    command = ["uv", "pip", "install", "--quiet", "--python", sys.executable, "--target", str(folder), "--no-build"]
    command += ["--compile-bytecode", "--constraint", str(HERE / f"peers/{lock}/requirements.txt"), *wanted]
    try:
        subprocess.run(command, check=True, env=uv_environment())
        for path in [*folder.rglob("*")]:
            if path.is_symlink():
                path.unlink()
        packed = pack(tar_pieces(members_of(folder, "site")), lambda _: None)
        return Weight(packed.size, packed.unpacked, len([*folder.glob("*.dist-info")]))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def ours(base: str) -> tuple[Weight, Built]:
    """The image of the same model by trimtab; every layer is made anew."""
    print("building trimtab's", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        chance = np.random.default_rng(0)
        frame = pd.DataFrame(chance.normal(size=(500, COLUMNS)), columns=[f"x{at}" for at in range(COLUMNS)])
        model = LogisticRegression().fit(frame, frame.sum(axis=1) > 0)
        store = Store(Path(folder, ".trimtab"))
        recipe = Recipe(name="linear", root=Path(folder), model=model, sample=frame[:50], compared=5000)
        bundle = package(recipe, store)
        assert bundle.plan is not None, "the model was not compiled: this is another comparison"
        source, reference, name = source_of(base, Terms({}))
        machine_name = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
        plan = Plan(machine_name, project=Path(folder))
        built = build(bundle, source, pick(source, reference, machine_name, name), LayerStore(store.root), plan)
        notes = (store.root / "images/pins" / machine_name / "requirements.lock").read_text()
        locked = (bundle.folder / bundle.requirements).read_text()
    layers = built.layers
    weight = Weight(
        sum(one.descriptor.size for one in layers), sum(one.unpacked for one in layers),
        1 + notes.count("==") + locked.count("=="),
    )  # fmt: skip
    return weight, built


def row(name: str, weight: Weight, beside: Weight) -> list[str]:
    """One line of the page."""
    times = "-" if weight is beside else f"{weight.packed / beside.packed:.1f}x"
    return [name, str(weight.distributions), size_text(weight.packed), size_text(weight.unpacked), times]


def main() -> None:
    """Weigh all, and write the page."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--base", required=True, help="an OCI layout with Python, as for `trimtab image`")
    base = options.parse_args().base
    small, built = ours(base)
    rows = [row("trimtab", small, small)]
    rows += [row(name, peer(name, *what), small) for name, what in PEERS.items()]
    layers = [
        [one.name, size_text(one.descriptor.size), size_text(one.unpacked)]
        for one in built.layers
    ]  # fmt: skip
    size = size_text(sum(one.size for one in built.base.layers))
    publish("images.md", PAGE.format(
        columns=COLUMNS, rows=table(["server", "distributions", "packed", "unpacked", "packed, of ours"], rows),
        layers=table(["layer", "packed", "unpacked"], layers), base=size, compressor=COMPRESSOR,
        machine=machine(), python=platform.python_version(),
    ))  # fmt: skip


PAGE = """# What an image holds above its base

One model: scikit-learn's logistic regression, {columns} columns. For trimtab, the layers of
`trimtab image`: libraries, trimtab itself, and the bundle. For the others, what their guides install for a
scikit-learn model, at the versions locked in [peers](../peers), as one layer packed with the same writer; their
model, service file and settings are not counted. Byte code is in all of them.

{rows}

trimtab serves the compiled form, which was proved to answer as the original does and needs neither scikit-learn
nor pandas; a model without such a form takes its libraries along. The image by layer, on a base of {base}:

{layers}

A new model ships the last layer alone.

Packed with {compressor}; Python {python}. Machine: {machine}.

Written by `.venv/bin/python benchmarks/images.py --base FOLDER`, with an OCI layout of Debian's Python as the base.
"""


if __name__ == "__main__":
    main()
