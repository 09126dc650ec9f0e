"""Who is compared: how each server is started, where it is asked, and in which forms."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from environments import HERE, ROOT, WORK, environment, kept, uv_environment
from processes import end_cleanly, surroundings

PEERS = HERE / "peers"
MODELS = WORK / "models"
DEBIAN = "/usr/bin/python3.11"  # the stub inside pytriton fails with some later builds of 3.11
QUIET = {
    "ORT_DISABLE_TELEMETRY": "1",
    "BENTOML_DO_NOT_TRACK": "True",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "RAY_USAGE_STATS_ENABLED": "0",
}


@dataclass(frozen=True, slots=True)
class Peer:
    """A server; `{port}`, `{python}`, `{bin}`, `{bundle}` and `{store}` in its command are filled in.

    json, binary: the forms of `workloads.encode` that it takes; an empty one is not offered. versions: packages named
    in the report. base: the Python that its environment is made from. before: its script to run once, ahead of all
    starts. project: the `trimtab.toml` that it is started beside, with a key of its own.
    """

    name: str
    label: str
    command: tuple[str, ...]
    path: str
    json: str
    binary: str
    versions: tuple[str, ...]
    variables: tuple[tuple[str, str], ...] = ()
    base: str = sys.executable
    before: str = ""
    project: str = ""


UVICORN = ("--workers", "2", "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")
SCRIPT = ("{python}", "{here}/serve.py", "{port}")
OIP = "/v2/models/model/infer"
TRIMTAB = Peer(
    "trimtab",
    "trimtab",
    ("{python}", "-m", "trimtab", "serve", "{bundle}", "--store", "{store}", "--port", "{port}"),
    OIP,
    "oip",
    "oip-binary",
    ("trimtab",),
)
# callers show an API key, and no answer leaves before it is in the journal
NAMED = 'name = "m"\n[model]\npath = "none:here"\n'
ASKED, LOGGED = '[server.auth]\nkeys = "keys.json"\n', '[server.log]\nmode = "written"\n'
FULL = replace(TRIMTAB, project=NAMED + ASKED + LOGGED)
OTHERS = (
    Peer(
        "fastapi",
        "FastAPI tuned x2",
        ("{python}", "-m", "uvicorn", "--app-dir", "{here}", "app:app", "--port", "{port}", *UVICORN),
        "/predict",
        "rows",
        "raw",
        ("fastapi", "uvicorn"),
    ),
    Peer("mlserver", "MLServer", SCRIPT, OIP, "oip-proba", "", ("mlserver",)),
    Peer(
        "bentoml",
        "BentoML x2",
        ("{bin}/bentoml", "serve", "service:Model", "--working-dir", "{here}", "--host", "127.0.0.1", "-p", "{port}"),
        "/predict",
        "rows",
        "",
        ("bentoml",),
    ),
    Peer("litserve", "LitServe x2", SCRIPT, "/predict", "rows", "", ("litserve",)),
    Peer("kserve", "KServe x2", SCRIPT, OIP, "oip", "oip-binary", ("kserve",)),
    Peer("mlflow", "MLflow x2", SCRIPT, "/invocations", "inputs", "", ("mlflow",), before="save.py"),
    Peer("pytriton", "pytriton", SCRIPT, OIP, "oip", "oip-binary", ("nvidia-pytriton",), base=DEBIAN),
    Peer(
        "ray",
        "Ray Serve",
        SCRIPT,
        "/predict",
        "rows",
        "raw",
        ("ray",),
        (("RAY_SERVE_THROUGHPUT_OPTIMIZED", "1"),),
    ),
)
ALL = (FULL, *OTHERS)
LIBRARIES = ("numpy", "scikit-learn", "lightgbm", "onnxruntime")


def prepared(peer: Peer) -> Path:
    """The Python of the peer's environment; what the user's commands say is in the error where it cannot be made."""
    base = peer.base if Path(peer.base).exists() else sys.executable
    if peer.name != TRIMTAB.name:
        python = environment(f"peers/{peer.name}", PEERS / peer.name / "requirements.txt", base=base)
        if peer.before:
            script, variables = str(PEERS / peer.name / peer.before), variables_of(peer, python, "", WORK)
            subprocess.run([str(python), script], env=surroundings() | variables, check=True, capture_output=True)
        return python
    locked = WORK / "trimtab.txt"
    extras = [word for name in ("sklearn", "lightgbm", "onnx", "log") for word in ("--extra", name)]
    compiling = [str(Path(sys.executable).parent / "uv"), "pip", "compile", "--quiet", "pyproject.toml", *extras]
    compiling += ["-c", "requirements/dev.txt", "--no-header", "--no-annotate", "-o", str(locked)]
    subprocess.run(compiling, cwd=ROOT, env=uv_environment(), check=True, stdout=subprocess.DEVNULL)
    return environment("peers/trimtab", locked, product=True)


def make_models() -> None:
    """The models and their rows, and today's bundles of them."""
    subprocess.run([sys.executable, str(HERE / "models.py"), str(MODELS)], check=True)
    packing = [sys.executable, str(HERE / "bundles.py"), str(MODELS), str(WORK / "bundles")]
    (WORK / "bundles.json").write_bytes(subprocess.run(packing, check=True, stdout=subprocess.PIPE).stdout)


def command_of(peer: Peer, python: Path, model: str, port: int) -> list[str]:
    """The command line of the server for one model."""
    words = {"python": str(python), "bin": str(python.parent), "here": str(PEERS / peer.name), "port": str(port)}
    words["bundle"] = str(bundle_of(model)) if peer.name == TRIMTAB.name else ""
    words["store"] = str(Path(words["bundle"]).parents[2]) if peer.name == TRIMTAB.name else ""
    return [word.format(**words) for word in peer.command]


def variables_of(peer: Peer, python: Path, model: str, run: Path) -> dict[str, str]:
    """The environment variables of the server; it keeps its files in `run`."""
    paths = f"{PEERS}:{PEERS / peer.name}"
    programs = {"PATH": f"{python.parent}:{os.environ['PATH']}", "OMP_NUM_THREADS": "1"}
    one = {"PYTHONPATH": paths, "BENCH_MODEL": model, "BENCH_FOLDER": str(MODELS)}
    places = {"TMPDIR": str(run), "RAY_TMPDIR": str(run), "BENTOML_HOME": str(run / "bentoml")}
    own = {} if peer.name == TRIMTAB.name else one | places | QUIET
    return {**programs, **own, **dict(peer.variables)}


def bundle_of(model: str) -> Path:
    """The model's bundle, packaged once a run."""
    return Path(json.loads((WORK / "bundles.json").read_text())[model])


@contextmanager
def ours(*, keep: bool) -> Iterator[Path]:
    """The Python of trimtab's environment, with today's models and bundles made; signals end everything cleanly."""
    end_cleanly()
    WORK.mkdir(exist_ok=True)
    with kept("peers/trimtab", keep=keep), kept("pools", keep=False), kept("bundles", keep=keep):
        python = prepared(TRIMTAB)
        make_models()
        yield python
