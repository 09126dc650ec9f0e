"""The demo's flights in small: two bundles, one with a fault for one carrier, and what the other one answered."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.doubles.logged import INTERACTION_ID, schema_of
from tests.once import made_once, run_folder

from trimtab.bundle.build import Recipe, package
from trimtab.bundle.data.arrow import to_table
from trimtab.bundle.read import Bundle
from trimtab.bundle.store import Store
from trimtab.journal.folder import open_folder
from trimtab.journal.interactions.encode import Encoder
from trimtab.journal.seal.seal import seal
from trimtab.journal.segments.frames import Frame, Kind
from trimtab.journal.segments.writer import Writer

FAULTY = "B6"
# the departure of one carrier's flights is taken for one in another time zone
RIGHT = '    depart, arrive = (_minutes(flights[name]) for name in ("sched_dep_time", "sched_arr_time"))\n'
FAULT = f'{RIGHT}    depart = np.where(flights["carrier"] == "{FAULTY}", (depart + 300) % DAY, depart)\n'


@dataclass(frozen=True)
class Flights:
    """A project whose store has both bundles; its journal has what the right one answered to 100,000 requests."""

    folder: Path
    champion: Bundle
    candidate: Bundle

    def replay(self, *words: str, journal: str = "journal") -> tuple[int, str, str]:
        """Exit status, data and talk of `trimtab replay` of the candidate with the fault."""
        command = [sys.executable, "-m", "trimtab", "replay", f"flights@{self.candidate.digest}", "--journal", journal]
        ran = subprocess.run(
            [*command, *words], cwd=self.folder, capture_output=True, text=True, timeout=200, check=False
        )
        return ran.returncode, ran.stdout, ran.stderr


@pytest.fixture(scope="module")
def flights(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Flights:
    """Trained, packaged and asked once for all processes of the run; a copy for those tests of a file that are here."""
    place = run_folder(tmp_path_factory) / "flights"
    first = made_once(place, lambda folder: flown(root, folder / "demo"))
    folder = tmp_path_factory.mktemp("flights") / "demo"
    shutil.copytree(first / "demo", folder)
    store = Store(folder / ".trimtab")
    champion, candidate = ((folder / name).read_text() for name in ("champion", "candidate"))
    return Flights(folder, store.resolve(f"flights@{champion}"), store.resolve(f"flights@{candidate}"))


def flown(root: Path, folder: Path) -> None:
    """The project, the bundle that flew and the one with the fault, their digests, and the journal."""
    ignored = shutil.ignore_patterns("scratch", ".trimtab", "data", "__pycache__", "trimtab.toml")
    shutil.copytree(root / "demo", folder, ignore=ignored)
    script = root / "tests/doubles/small_flights.py"
    subprocess.run([sys.executable, script, folder], cwd=folder, check=True, capture_output=True, timeout=200)
    champion = packaged(folder)
    code = folder / "flights/prepare.py"
    assert RIGHT in code.read_text()
    code.write_text(code.read_text().replace(RIGHT, FAULT))
    (folder / "champion").write_text(champion.digest)
    (folder / "candidate").write_text(packaged(folder).digest)
    log(champion, parquet.read_table(folder / "scratch/asked.parquet"), folder / "journal")


def packaged(folder: Path) -> Bundle:
    """The model with the preparation as it now is."""
    recipe = Recipe(
        name="flights", root=folder, model=folder / "scratch/model.joblib", prepare="flights.prepare:features",
        sample=folder / "scratch/sample.parquet", container="arrays", include=("flights/data/*.csv",), lock="off",
        compared=2000, inputs={"tailnum": {"dtype": "BYTES", "nullable": True}},
    )  # fmt: skip
    return package(recipe, Store(folder / ".trimtab"), lambda *_: None)


def log(champion: Bundle, asked: pa.Table, journal: Path) -> None:
    """As a server logs it, and two thirds are sealed: requests of one to four rows; those of one are kept by chance."""
    table, signature = to_table(asked, champion.signature), champion.signature
    outputs = champion.load()(table)
    schema = schema_of(signature.inputs, signature.outputs, "flights", champion.digest)
    starts = np.cumsum([0, *np.random.default_rng(5).integers(1, 5, table.height)])
    bounds = [*starts[starts < table.height].tolist(), table.height]
    times = table.columns["time_hour"].values.astype("datetime64[us]").astype(int).tolist()
    folder, first = open_folder(journal), 2 * len(bounds) // 3
    for part in (bounds[: first + 1], bounds[first:]):
        with closing(Writer(folder)) as writer:
            encode = Encoder(writer.declare(schema.to_json()), schema, {}, frozenset())
            frames = []
            for start, end in pairwise(part):
                rows = end - start
                sampled = 0.6 if rows == 1 else 1.0
                facts = (f"{INTERACTION_ID}{start:x}", times[start], 900, 200, rows, "oip", "", "", "", sampled)
                answer = {name: values[start:end] for name, values in outputs.items()}
                frames.append(Frame(Kind.INTERACTION, encode(facts, table.rows(slice(start, end)), answer)))
            writer.write(frames)
        if part[0] == 0:
            assert seal(folder).problems == ()
