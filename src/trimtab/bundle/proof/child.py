"""What the clean process runs: load the bundle, replay its golden rows, say what was imported.

The request is the last argument, as JSON; the answer is one line of JSON on the stdout that the process was given. What
user code prints goes to stderr instead.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

from trimtab.bundle.code.local import Project
from trimtab.bundle.compare import compare
from trimtab.bundle.golden import Golden
from trimtab.bundle.predictor import Outputs, Predictor
from trimtab.bundle.proof.bounds import tell_where
from trimtab.bundle.proof.guard import Guard, Rules, hide_files
from trimtab.bundle.proof.network import NoNetworkError, Wire
from trimtab.bundle.read import Bundle, open_bundle
from trimtab.core.errors import TrimtabError

__all__ = ["More", "answer", "main", "talk"]

More: TypeAlias = Callable[[Bundle, Predictor], dict[str, Any]]

_SINGLE_ROWS: Final = 5
_LOOSE_RTOL: Final = 1e-4
_LOOSE_ATOL: Final = 1e-6
_TAIL: Final = 8


def main(*, cut: bool) -> None:
    """Prove the bundle that the request names; cut: the kernel has no network."""
    talk(answer, cut=cut)


def talk(reply: Callable[[dict[str, Any]], dict[str, Any]], *, cut: bool) -> None:
    """Answer the request and leave at once, whatever threads user code left behind; cut: the kernel has no network."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)
        request = json.loads(sys.argv[-1])
        tell_where(request["limit_s"])
        out.write(json.dumps(reply(request) | {"cut": cut}) + "\n")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def answer(request: dict[str, Any], more: More | None = None) -> dict[str, Any]:
    """The proof of one bundle.

    request: folder, form, hidden (root, entries, installed) or None, tops, distributions. more: what else to do with a
    bundle that answers its golden rows, and to say of it; what it imports for that is not the bundle's.
    """
    folder = Path(request["folder"])
    guard = Guard(_rules(request, folder))
    wire = Wire(str((folder / "code").resolve()))
    said: dict[str, Any] = {"stage": "open"}
    try:
        bundle = open_bundle(folder)
        golden = bundle.golden()
        guard.install()
        wire.cut()
        if guard.rules.hidden is not None:
            hide_files(guard.rules.hidden)
        said["stage"], start = "load", time.perf_counter()
        predictor = bundle.load(form=request["form"])
        said["load_s"] = time.perf_counter() - start
        said["stage"] = "replay"
        said |= _replay(predictor, golden, said) if golden else {"rows": 0, "worst": 0.0}
        if more is not None and "mismatch" not in said:
            said |= _imported(guard)
            said |= more(bundle, predictor)
    except BaseException as error:  # noqa: BLE001  # user code may raise anything, even SystemExit
        said["failure"] = _failure(error, folder / "code")
    said["network"] = wire.asked
    return _imported(guard) | said


def _imported(guard: Guard) -> dict[str, Any]:
    """What was imported until now, and what was held back."""
    return {"asked": sorted(guard.seen.asked), "held": sorted(guard.seen.held), "modules": guard.modules()}


def _rules(request: dict[str, Any], folder: Path) -> Rules:
    import trimtab

    plain = request["hidden"]
    hidden = None
    if plain is not None:
        ours = (folder.resolve(), Path(trimtab.__file__).resolve().parent)
        installed = (*map(Path, plain["installed"]), *ours)
        hidden = Project(Path(plain["root"]), tuple(map(Path, plain["entries"])), installed)
    tops = None if request["tops"] is None else frozenset(request["tops"])
    return Rules(hidden, tops, frozenset(request["distributions"]))


def _replay(predictor: Predictor, golden: Golden, before: dict[str, Any]) -> dict[str, Any]:
    """All golden rows at once, then some of them alone: a row's answer must not depend on its neighbours.

    Alone, a looser tolerance holds: libraries add up one row in another order than many. The stage that `before` names
    becomes "alone" there, so that it is known should the code raise.
    """
    rows = golden.inputs.height
    said: dict[str, Any] = {"rows": rows, "worst": 0.0}
    loose = (max(golden.rtol, _LOOSE_RTOL), max(golden.atol, _LOOSE_ATOL))
    parts = [(slice(0, rows), (golden.rtol, golden.atol)), *((part, loose) for part in _alone(rows))]
    for number, (part, (rtol, atol)) in enumerate(parts):
        before["stage"] = "alone" if number else "replay"
        got = predictor(golden.inputs.rows(part))
        expected = {name: values[part] for name, values in golden.outputs.items()}
        difference = compare(expected, got, rtol, atol)
        if part.stop - part.start == rows:
            said["worst"] = float(difference.worst)
        if not difference.ok:
            row = max(difference.row, 0)
            shown = _shown(expected, got, difference.column, row)
            alone = part.stop - part.start < rows
            return said | {"mismatch": {"column": difference.column, "row": part.start + row, "alone": alone, **shown}}
    return said


def _alone(rows: int) -> list[slice]:
    picks = sorted({round(step * (rows - 1) / (_SINGLE_ROWS - 1)) for step in range(_SINGLE_ROWS)}) if rows > 1 else []
    return [slice(row, row + 1) for row in picks]


def _shown(expected: Outputs, got: Outputs, column: str, row: int) -> dict[str, str]:
    def value(outputs: Outputs) -> str:
        return repr(outputs[column][row : row + 1].tolist()[0]) if column in outputs else "nothing"

    return {"expected": value(expected), "got": value(got)}


def _failure(error: BaseException, code: Path) -> dict[str, Any]:
    """An exception in words: its innermost stated cause, and the frames of user code that led there."""
    problems = [
        [problem.code, problem.what, problem.where, problem.hint]
        for problem in (error.problems if isinstance(error, TrimtabError) else ())
    ]
    offline = any(isinstance(one, NoNetworkError) for one in _chain(error))
    while isinstance(error, TrimtabError) and error.__cause__ is not None:
        error = error.__cause__
    frames = []
    for frame in traceback.extract_tb(error.__traceback__):
        place = Path(frame.filename)
        if place.is_relative_to(code.resolve()):
            frames.append(f"{place.relative_to(code.resolve()).as_posix()}:{frame.lineno} in {frame.name}")
    return {
        "type": type(error).__name__,
        "message": str(error),
        "module": error.name if isinstance(error, ImportError) else None,
        "path": os.fsdecode(error.filename)
        if isinstance(error, OSError) and isinstance(error.filename, (str, bytes))
        else None,
        "missing": isinstance(error, (FileNotFoundError, NotADirectoryError)),
        "frames": frames[-_TAIL:],
        "trace": traceback.format_exception(error)[-_TAIL:],
        "problems": problems,
        "ours": isinstance(error, TrimtabError),
        "offline": offline,
    }


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and all that led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
