"""A journal that is written to, sealed and asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from tests.doubles.logged import Logging

from trimtab.journal.folder import Folder
from trimtab.journal.interactions.schema import Schema
from trimtab.journal.query.duck import Duck, DuckSettings
from trimtab.journal.query.session import OpenJournal, Wanted
from trimtab.journal.seal.seal import seal
from trimtab.journal.segments.writer import Writer


@pytest.fixture
def logging(folder: Folder) -> Iterator[Callable[..., Logging]]:
    """A writer of interactions, in a segment of its own: logging(), logging(schema_of(revision="sha256:two"))."""
    with ExitStack() as stack:

        def begin(schema: Schema | None = None) -> Logging:
            writer = Writer(folder)
            stack.callback(writer.close)
            return Logging(writer, schema)

        yield begin


@pytest.fixture
def sealed(folder: Folder, logging: Callable[..., Logging]) -> Callable[..., None]:
    """Interactions of these numbers, in Parquet: sealed(1, 2, 3)."""

    def write(*numbers: int, schema: Schema | None = None, **facts: Any) -> None:
        log = logging(schema)
        for number in numbers:
            log.ask(number, **facts)
        log.writer.close()
        assert seal(folder).problems == ()

    return write


@pytest.fixture
def opened(folder: Folder) -> Iterator[Callable[..., OpenJournal]]:
    """The journal, opened to be asked: opened(), opened(endpoint="churn")."""
    with ExitStack() as stack:
        yield lambda **wanted: stack.enter_context(OpenJournal(folder, Wanted(**wanted), DuckSettings(threads=1)))


@pytest.fixture(scope="session")
def duck() -> Iterator[Duck]:
    """DuckDB that reads no files."""
    with Duck(DuckSettings(threads=1, folders=())) as one:
        yield one
