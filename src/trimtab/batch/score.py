"""Scores a file of rows with a bundle's predictor: one row out for each row in, in order, in bounded memory.

A thread reads and checks the next batches while this one is predicted, another writes what is done.
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from time import perf_counter

from trimtab.batch.ahead import Behind, ahead
from trimtab.batch.answers import Answered, Scorer
from trimtab.batch.options import ScoreOptions, ScoreReport
from trimtab.batch.places import check_places
from trimtab.batch.rows import RowFile
from trimtab.batch.sink import ParquetSink
from trimtab.bundle.predictor import Predictor
from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.core.replacement import Replacement
from trimtab.core.signature import Signature

__all__ = ["ScoreOptions", "ScoreReport", "score"]


def score(
    predictor: Predictor, signature: Signature, source: Path, target: Path, options: ScoreOptions | None = None
) -> ScoreReport:
    """Write the answers for every row of the source (Parquet, CSV, JSON lines) to the target, a Parquet file.

    The target appears when it is complete, or not at all. Raises UserError for what is wrong with the files or the
    rows, OutsideError when the disk fails; what the predictor refuses passes through.
    """
    options = options or ScoreOptions()
    began = perf_counter()
    try:
        check_places(source, target, options)
        rows, refused = _run(Scorer(predictor, signature, source, options), target)
    except ImportError as error:
        hint = "pip install 'trimtab[batch]'"
        raise UserError(Problem("P715", f"scoring files needs `{error.name}`", str(source), hint)) from error
    except FileExistsError as error:
        hint = "`--overwrite` replaces it"
        raise UserError(Problem("P703", "the target was written by another meanwhile", str(target), hint)) from error
    except OSError as error:
        what = f"the system says: {error.strerror or error}"
        name = str(error.filename or "")
        place = f"{source} -> {target}" if not name else str(target) if name.endswith(".part") else name
        raise OutsideError(Problem("P720", what, place, "no target was written; mend this and run again")) from error
    return ScoreReport(rows, refused, perf_counter() - began, target)


def _run(scorer: Scorer, target: Path) -> tuple[int, int]:
    """Rows written, and how many of them were refused."""
    options, rows, refused = scorer.options, 0, 0
    source = open_rows(scorer.source, scorer.signature, options)
    with ExitStack() as stack:
        whole = stack.enter_context(Replacement(target))
        refusals = stack.enter_context(Replacement(options.refused)) if options.refused else None
        with (
            ParquetSink(whole.file) as sink,
            Behind[Answered](lambda item: sink.write(scorer.to_arrow(item))) as behind,
            closing(ahead(scorer.judged(block) for block in source.blocks())) as blocks,
        ):
            for judged in blocks:
                answered = scorer.answer(judged, source.line)
                behind.put(answered)
                rows += judged.block.height
                refused += len(answered.refusals)
                if refusals is not None:
                    scorer.list_refusals(answered, source.line, refusals.file)
                if options.progress is not None:
                    options.progress(rows, source.total)
        if refusals is not None:
            refusals.commit(overwrite=options.overwrite)
        whole.commit(overwrite=options.overwrite)
    return rows, refused


def open_rows(source: Path, signature: Signature, options: ScoreOptions) -> RowFile:
    """The reader for a file, by its suffix."""
    match source.suffix.lower():
        case ".parquet":
            from trimtab.batch.parquet import ParquetRows

            return ParquetRows(source, signature, options)
        case ".csv":
            from trimtab.batch.csvrows import CsvRows

            return CsvRows(source, signature, options)
        case _:
            from trimtab.batch.jsonrows import JsonRows

            return JsonRows(source, signature, options)
