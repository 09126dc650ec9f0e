"""What the clean process of the comparison runs: the golden rows, then every trial, through the compiled form."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from trimtab.bundle.compiled.trial import Trial, read_trials
from trimtab.bundle.compiled.versus import RefutedError, versus
from trimtab.bundle.engines.load import joined, load_engine
from trimtab.bundle.predictor import Predictor
from trimtab.bundle.proof.child import answer, talk
from trimtab.bundle.read import Bundle
from trimtab.core.signature import Signature

__all__ = ["main"]


def main(*, cut: bool) -> None:
    """Prove the bundle that the request names, then try its compiled form; cut: the kernel has no network."""
    talk(_reply, cut=cut)


def _reply(request: dict[str, Any]) -> dict[str, Any]:
    trials = read_trials(Path(request["trials"]))  # before the guard hides the folder that they lie in
    return answer(request, partial(_compared, trials, (request["rtol"], request["atol"])))


def _compared(
    trials: list[Trial], tolerance: tuple[float, float], bundle: Bundle, predictor: Predictor
) -> dict[str, Any]:
    found = []
    for trial in trials:
        answers = predictor if trial.of == "bundle" else _model_alone(bundle, trial)
        try:
            found.append(versus(trial, answers, tolerance))
        except RefutedError as error:
            return {"refuted": msgspec.to_builtins(error.refutation)}
    return {"found": msgspec.to_builtins(found)}


def _model_alone(bundle: Bundle, trial: Trial) -> Predictor:
    """The native stages by themselves, given prepared rows."""
    plan = bundle.plan
    if plan is None:
        msg = "the bundle has no compiled form"
        raise ValueError(msg)
    fields = tuple(replace(field, frame="") for field in trial.pools.fields)
    single = len(fields) == 1 and len(fields[0].shape) > 1
    signature = Signature(fields, container="matrix" if single else "arrays")
    return joined(signature, None, load_engine(bundle.folder, plan))
