"""Answers are found by a value among what was asked, in a real journal."""

import numpy as np
import pytest
from tests.doubles.logged import Logging, interaction, schema_of

from trimtab.core.errors import UserError
from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.journal.folder import open_folder
from trimtab.journal.query.session import open_journal
from trimtab.journal.segments.frames import Frame, Kind
from trimtab.journal.segments.writer import Writer
from trimtab.ops.truth.find import finder

FIELDS = (
    Field("order", "INT64"),
    Field("code", "BYTES"),
    Field("price", "FP64"),
    Field("new", "BOOL"),
    Field('odd"name', "INT32"),
)


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    """Three requests of two rows: orders 0 and 1, 2 and 3, and again 2 and 3."""
    folder = open_folder(tmp_path_factory.mktemp("own") / "journal")
    writer = Writer(folder)
    logging = Logging(writer, schema_of(FIELDS))
    for at, orders in enumerate(([0, 1], [2, 3], [2, 3])):
        numbers = np.array(orders)
        columns = {
            "order": Column(numbers),
            "code": Column(np.array([f"A-{order}" for order in orders], object)),
            "price": Column(numbers / 2),
            "new": Column(numbers > 1),
            'odd"name': Column(numbers.astype(np.int32)),
        }
        record = interaction(logging.number, logging.schema, columns, {"y": np.zeros(2)}, id=f"call-{at}")
        writer.write([Frame(Kind.INTERACTION, record)])
    writer.close()
    with open_journal(folder.path) as found:
        yield found


@pytest.mark.parametrize(
    ("column", "keys"),
    [
        ("in_order", ["3", "7", "0"]),
        ("in_code", ["A-3", "A-7", "A-0"]),
        ("in_price", ["1.5", "3.5", "0"]),
        ('in_odd"name', ["3", "'; DROP", "0"]),
    ],
)
def test_every_row_that_was_asked_about_it_is_found_in_the_order_of_the_file(journal, column, keys):
    find = finder(journal, column)
    assert list(find(enumerate(keys))) == [(0, "call-1", 1), (0, "call-2", 1), (2, "call-0", 0)]
    assert list(find([])) == []


def test_a_column_that_is_not_there_or_of_no_use_is_refused(journal):
    with pytest.raises(UserError) as caught:
        finder(journal, "in_odrer")
    assert caught.value.problems[0].code == "P947"
    assert caught.value.problems[0].hint == "did you mean `in_order`?"
    with pytest.raises(UserError, match="only texts and numbers can be found"):
        finder(journal, "in_new")
