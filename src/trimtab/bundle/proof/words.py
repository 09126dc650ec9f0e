"""What a failed proof means for the user: the code, what with its values, where, and the way out."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from trimtab.bundle.code.local import Project
from trimtab.bundle.proof.network import MODEL
from trimtab.bundle.proof.prove import Failure, Mismatch, Proof
from trimtab.core.errors import Problem, RefusedError

__all__ = ["refusal"]

_NEIGHBOURS: Final = "take means, ranks and categories from training, not from the rows of a request"


def refusal(proof: Proof, folder: Path, project: Project | None = None) -> RefusedError:
    """The error of a proof that is not ok; folder is the bundle's, project the user's, when it is known."""
    own = [(what, place) for what, place in proof.network if place]
    if own or (proof.failure is not None and proof.failure.offline):
        return RefusedError(*_asks(own or list(proof.network)))
    if proof.failure is not None:
        return RefusedError(*_failed(proof.failure, folder, project))
    if proof.mismatch is not None:
        return RefusedError(_differs(proof.mismatch))
    msg = "the proof is ok"
    raise ValueError(msg)


def _asks(network: list[tuple[str, str]]) -> list[Problem]:
    """Each place that asks the network, once; a place that is not in the bundle's code is a library's."""
    hint = "what it asks for belongs into the rows as a column, or into a file that `include` names"
    firsts = {place: what for what, place in reversed(network)}
    return [
        Problem("P260", f"the prediction asks the network: it wants to {what}", _where(place), hint)
        for place, what in reversed(firsts.items())
    ]


_LIBRARY = "the clean process, in a library"


def _where(place: str) -> str:
    if place == MODEL:
        return "the model file"
    return f"code/{place}" if place else _LIBRARY


def _failed(failure: Failure, folder: Path, project: Project | None) -> list[Problem]:
    where = f"code/{failure.frames[-1]}" if failure.frames else f"the clean process, at {failure.stage}"
    if failure.problems:
        return [Problem(*problem) for problem in failure.problems]
    if failure.stage == "process":
        what = f"the clean process gave no answer: {failure.message}"
        said = f"\n{failure.trace.strip()}" if failure.trace.strip() else ""
        hint = "load the model in a fresh interpreter to see where it stops"
        return [Problem("P256", what + said, f"code/{failure.frames[-1]}" if failure.frames else "", hint)]
    if failure.module:
        return [_no_module(failure.module, where, project)]
    if failure.path:
        return [_no_file(failure.path, where, folder, project)]
    trace = "\n".join(f"  code/{frame}" for frame in failure.frames) if failure.frames else failure.trace.rstrip()
    if failure.stage == "alone":
        what = f"a row is answered among others and fails when asked alone: {failure.type}: {failure.message}"
        return [Problem("P281", f"{what}\n{trace}", where, _NEIGHBOURS)]
    what = f"the code fails in a clean process: {failure.type}: {failure.message}"
    hint = "it may rely on what only the training process has: an environment variable, a global, a folder, the network"
    return [Problem("P259", f"{what}\n{trace}", where, hint)]


def _no_module(name: str, where: str, project: Project | None) -> Problem:
    top = name.partition(".")[0]
    if top == "__main__":
        return Problem("P257", "the model needs what the notebook or script defined", where, _MOVE)
    if project is not None and project.find(top) is not None:
        what = f"`{name}` is needed in a clean process, and `{top}` of the project has no such module"
        return Problem("P257", what, where, f"check the name `{name}` in the import")
    what = f"`{name}` is needed in a clean process and is neither in the project nor installed"
    return Problem("P257", what, where, f"install what provides `{top}`, or move the module under the project folder")


_MOVE = "move its classes and functions into a module of the project, import them from there, and train again"


def _no_file(path: str, where: str, folder: Path, project: Project | None) -> Problem:
    """A file that was there in training: in the bundle's code, in the project, or relative to where training ran."""
    lost = Path(path)
    what = f"the code opens `{path}`, which a clean process does not have"
    if project is None:
        return Problem("P258", what, where, "package the model again with the file in `include`")
    code = (folder / "code").resolve()
    if lost.is_relative_to(code):
        name = lost.relative_to(code).as_posix()
        near = next((entry / name for entry in project.entries if (entry / name).exists()), None)
        what = f"the code opens `{name}` beside it, which is not in the bundle"
    else:
        near = project.root / lost if (project.root / lost).exists() else None
    if near is None:
        return Problem("P258", what, where, "put the file into the project and add it to `include`")
    name = near.relative_to(project.root).as_posix() if near.is_relative_to(project.root) else near.name
    hint = f'add `include = ["{name}"]`'
    if not lost.is_relative_to(code):
        hint += f' and open it as `Path(__file__).parent / "{near.name}"`'
    return Problem("P258", what, where, hint)


def _differs(found: Mismatch) -> Problem:
    where = f"output `{found.column}`, golden row {found.row}"
    values = f"`{found.expected}` in training, `{found.got}`"
    if found.alone:
        what = f"the answer of a row depends on the rows beside it: {values} when asked alone"
        return Problem("P281", what, where, _NEIGHBOURS)
    what = f"the answer differs: {values} in a clean process"
    hint = "look for what the two do not share: random numbers, time zone, environment, a global set elsewhere"
    return Problem("P280", what, where, hint)
