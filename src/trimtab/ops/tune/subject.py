"""What is tuned: a bundle, the requests made of its golden rows, and whether an answer is right."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from trimtab.bundle.golden import Golden, compare
from trimtab.bundle.golden_json import decode_tensor, encode_tensor
from trimtab.bundle.read import Bundle
from trimtab.core.errors import Problem, UserError

__all__ = ["Question", "Subject", "subject_of"]

_MOST_BODIES: Final = 64
_RTOL, _ATOL = 1e-5, 1e-7  # rows that share a call may differ in the last digits


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One request's body and which golden rows are in it."""

    body: bytes
    rows: np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """reference: how the command line names the bundle in that store. questions: the requests, sent in turn."""

    bundle: Bundle
    reference: str
    store: Path
    golden: Golden
    questions: tuple[Question, ...]

    @property
    def path(self) -> str:
        """The route that is asked."""
        return f"/v2/models/{self.bundle.name}/infer"

    def fault(self, which: int, answer: bytes) -> str:
        """Why this is no right answer to that question; empty when it is one."""
        fields = {field.name: field for field in self.bundle.signature.outputs}
        try:
            tensors: Mapping[str, Mapping[str, object]] = {one["name"]: one for one in json.loads(answer)["outputs"]}
            got = {name: decode_tensor(fields[name], tensor).values for name, tensor in tensors.items()}
        except (ValueError, KeyError, TypeError) as error:
            return f"an answer that cannot be read: {error}"
        rows = self.questions[which].rows
        expected = {name: array[rows] for name, array in self.golden.outputs.items()}
        tolerance = max(self.golden.rtol, _RTOL), max(self.golden.atol, _ATOL)
        difference = compare(expected, got, *tolerance)
        return "" if difference.ok else f"`{difference.column}` of golden row {int(rows[difference.row])} is another"


def subject_of(bundle: Bundle, store: Path, rows: int) -> Subject:
    """The bundle with requests of so many rows; raises UserError (P802) for one without golden rows."""
    golden = bundle.golden()
    if golden is None or not golden.inputs.height:
        hint = "name a sample in trimtab.toml (`golden`) and package the model again"
        raise UserError(Problem("P802", f"`{bundle.name}` has no golden rows to ask for", str(bundle.folder), hint))
    height = golden.inputs.height
    questions = []
    for at in range(min(height, _MOST_BODIES)):
        picks = np.arange(at * rows, (at + 1) * rows) % height
        table = golden.inputs.rows(picks)
        tensors = [encode_tensor(field, table.columns[field.name]) for field in bundle.signature.inputs]
        questions.append(Question(json.dumps({"inputs": tensors}).encode(), picks))
    inside = bundle.folder.resolve().is_relative_to(store.resolve())
    reference = f"{bundle.name}@{bundle.digest}" if inside else str(bundle.folder.resolve())
    return Subject(bundle, reference, store.absolute(), golden, tuple(questions))
