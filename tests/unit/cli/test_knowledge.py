"""What is known of answers, for a person and for a program."""

import pytest

from trimtab.cli.knowledge import as_json_document, count, duration, shown
from trimtab.journal.truth.readout import Coverage, Readout

KNOWN = Coverage("churn", "truth", 1000, 940, 0.9412, 3, (3.2 * 86400, 20 * 86400, 90.0))
READOUT = Readout(1000, (KNOWN, Coverage("fraud", "", 12, 0, 0.0, 0, ())), 943, 12, 3, 1, 0, 0.8123)


def test_a_person_reads_facts_and_a_table():
    assert shown(READOUT).splitlines() == [
        "answers    1000 rows",
        "truth      943 entries, 12 said again, 3 of no answer known so far",
        "feedback   1 entry, mean score 0.812, 0 of no answer known so far",
        "",
        "endpoint  truth  answers  known  share  contradictory  delay  90 %  99 %",
        "churn     truth     1000    940  94.1%              3  3.2 d  20 d  1.5 min",
        "fraud     -           12      0  0.0%               0  -      -     -",
    ]


def test_of_an_empty_journal_there_is_no_table():
    assert shown(Readout(0, (), 0, 0, 0, 0, 0, None)).splitlines() == [
        "answers    0 rows",
        "truth      0 entries, 0 said again, 0 of no answer known so far",
        "feedback   0 entries, 0 of no answer known so far",
    ]


def test_a_program_reads_the_same():
    document = as_json_document(READOUT)
    assert document["unknown"] == 3
    assert document["coverage"][0]["delays_s"] == {"0.5": 3.2 * 86400, "0.9": 20 * 86400, "0.99": 90.0}
    assert document["coverage"][1]["delays_s"] == {}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (59.9, "60 s"), (60, "1.0 min"), (7200, "2.0 h"), (86400 * 9.96, "10.0 d"), (86400 * 400, "400 d")],
)
def test_a_time_is_said_in_its_unit(seconds, text):
    assert duration(seconds) == text


def test_one_is_no_plural():
    assert [count(number, "row", "rows") for number in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
