"""One block of rows from check to answers: the three steps that the threads of a run take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

import msgspec
import numpy as np

from trimtab.batch.faults import Judged, Refusal, judge, refuse_all, wrong_columns
from trimtab.batch.guard import RowError, answer
from trimtab.batch.options import ScoreOptions
from trimtab.batch.rows import Block
from trimtab.bundle.data.arrow import to_batch
from trimtab.bundle.predictor import Outputs, Predictor
from trimtab.core.check import Fault, SignatureError
from trimtab.core.dtypes import Array
from trimtab.core.errors import Problem, UserError
from trimtab.core.signature import Signature

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Answered", "Scorer"]

Line: TypeAlias = Callable[[int], int | None]


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """A block with its answers in parts, each with the rows of the block that it answers."""

    block: Block
    parts: tuple[tuple[Array, Outputs], ...]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Scorer:
    """What stays the same during a run."""

    predictor: Predictor
    signature: Signature
    source: Path
    options: ScoreOptions

    def judged(self, block: Block) -> Judged:
        """The block's rows, checked; raises UserError for a column that is wrong as a whole."""
        try:
            return judge(block, self.signature)
        except SignatureError as error:
            raise wrong_columns(error, self.source) from None

    def answer(self, judged: Judged, line: Line) -> Answered:
        """The good rows' answers; raises UserError for the refused ones unless they are to be listed."""
        stop = self.options.refused is None
        if stop and judged.refusals:
            raise refuse_all(judged.refusals, self.source, line)
        if not len(judged.good):
            return Answered(judged.block, (), judged.refusals)
        try:
            answers = answer(self.predictor, judged.table, first_only=stop)
        except RowError as error:
            raise self._failure(error, judged, line) from error.__cause__
        parts = tuple((judged.good[places], outputs) for places, outputs in answers.parts)
        failed = [Refusal(self._row(error, judged), (Fault("", None, str(error)),)) for error in answers.failed]
        refusals = sorted([*judged.refusals, *failed], key=lambda refusal: refusal.row)
        return Answered(judged.block, parts, tuple(refusals))

    def _row(self, error: RowError, judged: Judged) -> int:
        return judged.block.first + int(judged.good[error.place])

    def _failure(self, error: RowError, judged: Judged, line: Line) -> UserError:
        row = self._row(error, judged)
        number = line(row)
        place = f"{self.source}, row {row}" + ("" if number is None else f", line {number}")
        hint = "`--refused refused.jsonl` lists such rows and scores the others"
        return UserError(Problem("P713", f"the prediction fails at this row: {error}", place, hint))

    def to_arrow(self, answered: Answered) -> pa.RecordBatch:
        """One row out for each row in: the kept columns, then the outputs, null for refused rows."""
        import pyarrow as pa

        try:
            batches = [to_batch(outputs, self.signature.outputs) for _, outputs in answered.parts]
        except (KeyError, ValueError) as error:
            raise self._misfit(answered, error) from error
        for (places, _), batch in zip(answered.parts, batches, strict=True):
            if batch.num_rows != len(places):
                raise self._misfit(answered, f"{batch.num_rows} answers for {len(places)} rows")
        kept = answered.block.kept
        outputs = self._spread(answered, batches)
        return pa.RecordBatch.from_arrays([*kept.columns, *outputs.columns], schema=_joined(kept, outputs))

    def _spread(self, answered: Answered, batches: list[pa.RecordBatch]) -> pa.RecordBatch:
        import pyarrow as pa

        if len(batches) == 1 and not answered.refusals:
            return batches[0]
        if not batches:
            batches = [
                to_batch({field.name: np.empty(0, object) for field in self.signature.outputs}, self.signature.outputs)
            ]
        whole = pa.Table.from_batches(batches).combine_chunks().to_batches()
        indices = np.zeros(answered.block.height, np.int64)
        missing = np.ones(answered.block.height, bool)
        where = np.concatenate([np.arange(0), *(places for places, _ in answered.parts)])
        indices[where], missing[where] = np.arange(len(where)), False
        return (whole or batches)[0].take(pa.array(indices, mask=missing))

    def _misfit(self, answered: Answered, error: object) -> UserError:
        place = f"{self.source}, rows from {answered.block.first}"
        return UserError(Problem("P714", f"the answers do not fit the signature's outputs: {error}", place))

    def list_refusals(self, answered: Answered, line: Line, file: BinaryIO) -> None:
        """One JSON line a refused row: its number, its line, what is wrong with it."""
        for refusal in answered.refusals:
            faults = [
                {key: value for key, value in (("column", f.column), ("what", f.what), ("hint", f.hint)) if value}
                for f in refusal.faults
            ]
            number = line(refusal.row)
            record = {"row": refusal.row, **({} if number is None else {"line": number}), "faults": faults}
            file.write(msgspec.json.encode(record) + b"\n")


def _joined(kept: pa.RecordBatch, outputs: pa.RecordBatch) -> pa.Schema:
    import pyarrow as pa

    return pa.schema([*kept.schema, *outputs.schema])
