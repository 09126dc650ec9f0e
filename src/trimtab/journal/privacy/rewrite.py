"""A sealed file anew, under its old name, without what must go; at any time it is the old one or the new one, whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from trimtab.core.errors import OutsideError, Problem
from trimtab.journal.folder import Folder
from trimtab.journal.seal.files import Drafts
from trimtab.journal.seal.parquet import write

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import parquet

__all__ = ["read_columns", "reading", "rewrite"]


def rewrite(
    folder: Folder,
    path: Path,
    change: Callable[[pa.Table], pa.Table],
    more: Mapping[bytes, bytes] | None = None,
) -> None:
    """Every row group through `change`, for good; OutsideError P957 where that fails, and the file stays as it was.

    more: is put into the file's metadata. A file of which no row is left stays, without rows: so whoever copies sealed
    files to other places learns that they are empty now.
    """

    def act(source: parquet.ParquetFile) -> None:
        drafts = Drafts(folder.path)
        try:
            drafts.add(path, partial(write, _changed(source, change, more or {})))
            drafts.place()
        except BaseException:
            drafts.drop()
            raise

    reading(path, act)


def _changed(
    source: parquet.ParquetFile, change: Callable[[pa.Table], pa.Table], more: Mapping[bytes, bytes]
) -> Iterator[pa.Table]:
    metadata = {**(source.schema_arrow.metadata or {}), **more}
    empty = source.schema_arrow.with_metadata(metadata).empty_table()
    some = False
    for number in range(source.num_row_groups):
        table = change(source.read_row_group(number, use_threads=False)).replace_schema_metadata(metadata)
        if table.num_rows:
            some = True
            yield table
    if not some:
        yield empty


def read_columns(path: Path, names: Sequence[str]) -> pa.Table | None:
    """These columns of a sealed file, None where it lacks one of them; OutsideError P957."""
    found: list[pa.Table] = []

    def act(source: parquet.ParquetFile) -> None:
        if set(names) <= set(source.schema_arrow.names):
            found.append(source.read(list(names), use_threads=False))

    reading(path, act)
    return found[0] if found else None


def reading(path: Path, act: Callable[[parquet.ParquetFile], object]) -> None:
    """Do something with an open sealed file; FileNotFoundError where it has gone, OutsideError P957 for all else."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with path.open("rb") as file:
            act(parquet.ParquetFile(file))
    except FileNotFoundError:
        raise
    except (OSError, pa.ArrowException) as error:
        said = getattr(error, "strerror", None) or type(error).__name__  # its words may quote what was logged
        what = f"a sealed file cannot be cleaned: {said}"
        hint = "mend the disk, or remove the file; until then nobody can tell what it holds"
        raise OutsideError(Problem("P957", what, str(path), hint)) from None
