"""What was logged and exported is what the next model is packaged with, as it is."""

from __future__ import annotations

import numpy as np
import pytest
from tests.doubles.logged import NOON, Logging, schema_of

from trimtab.bundle.sample.read import read_sample
from trimtab.core.errors import UserError
from trimtab.core.signature import Field
from trimtab.core.table import Column, Table
from trimtab.journal.folder import open_folder
from trimtab.journal.query.export import Exporting, export
from trimtab.journal.query.session import OpenJournal
from trimtab.journal.seal.seal import seal
from trimtab.journal.segments.writer import Writer

FIELDS = [Field("x", "FP64"), Field("plan", "BYTES")]
MODEL = "def predict(data):\n    return data['x'] * 3 + data['plan'].str.len()\n"


@pytest.fixture
def journal(tmp_path):
    """Forty rows of answers, half of them sealed, some with truth."""
    folder = open_folder(tmp_path / "logged")
    for first in (0, 10):
        writer = Writer(folder)
        log = Logging(writer, schema_of(FIELDS))
        for number in range(first, first + 10):
            said = log.ask(number, rows=2, sampled=0.5)
            log.tell(
                "truth", id=said, row=0, value=number % 2 == 0, name="truth", time=NOON, received=NOON, principal="",
                operator=True,
            )  # fmt: skip
        writer.close()
        if not first:
            assert seal(folder).problems == ()
    with OpenJournal(folder) as opened:
        yield opened


def test_a_parquet_file_is_the_sample_of_the_next_model(workshop, journal):
    done = export(journal, "", workshop.root / "training.parquet", Exporting())
    assert (done.rows, done.with_truth) == (40, 20)
    workshop.write(model=MODEL)
    bundle = workshop.package(sample=workshop.root / "training.parquet")
    assert workshop.said[0][1] == "x FP64[-1], plan BYTES[-1] -> prediction FP64[-1]"
    table = Table({"x": Column(np.array([2.0])), "plan": Column(np.array(["gold"], object))}, 1)
    assert bundle.load()(table)["prediction"].tolist() == [10.0]


def test_a_csv_of_the_inputs_is_one_too_and_a_whole_one_would_ask_for_all(workshop, journal):
    export(journal, "", workshop.root / "inputs.csv", Exporting(only_inputs=True))
    workshop.write(model=MODEL)
    workshop.package(sample=workshop.root / "inputs.csv")
    assert workshop.said[0][1] == "x FP64[-1], plan BYTES[-1] -> prediction FP64[-1]"
    export(journal, "", workshop.root / "all.csv", Exporting(truth="required"))
    with pytest.raises(UserError, match="arm"):  # empty throughout: a CSV does not say which of its columns are inputs
        read_sample(workshop.root / "all.csv")
