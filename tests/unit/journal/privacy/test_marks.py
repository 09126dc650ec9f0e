"""Entries about a forgotten row are found again by marks."""

from __future__ import annotations

import pytest

from trimtab.core.errors import UserError
from trimtab.journal.privacy.keys import open_keys
from trimtab.journal.privacy.marks import Marks

ID = "0123456789ab" + "abcdefghijkl" + "-1f"
GIVEN = b"a secret that replicas share"


@pytest.fixture
def marks(folder, keys):
    del keys
    return Marks(folder)


def found(marks, entry, row=(ID, 2, "app", "order 7")):
    return not set(marks.of_row(*row)).isdisjoint(marks.of_entry(*entry))


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ((ID, 2, "app", False), True),
        ((ID, 2, "other", False), True),
        ((ID, 2, "boss", True), True),
        ((ID, 1, "app", False), False),
        ((ID[:-1], 2, "app", False), False),
        (("order 7", 2, "app", False), True),
        (("order 7", 2, "other", False), False),
        (("order 7", 2, "boss", True), True),
        (("order 7", 1, "app", False), False),
        (("order 8", 2, "app", False), False),
    ],
)
def test_an_entry_is_about_a_row_by_its_id_or_by_its_callers_name_for_it(marks, entry, expected):
    assert found(marks, entry) is expected


def test_an_id_of_ours_is_nobodys_name_for_a_request(marks):
    assert not found(marks, (ID, 0, "app", False), ("another", 0, "app", ID))


def test_a_row_without_number_is_the_first(marks):
    assert found(marks, (ID, 0, "app", False), (ID, None, "app", ""))
    assert found(marks, (ID, None, "app", False), (ID, 0, "app", ""))


def test_marks_tell_nothing_and_are_the_same_for_whoever_has_the_folder(folder, marks):
    told = list(marks.of_row(ID, 0, "app", "order 7"))
    assert told == list(Marks(folder).of_row(ID, 0, "app", "order 7"))
    assert len(set(told)) == 3
    assert all(len(mark) == 24 and "order" not in mark for mark in told)
    assert list(marks.of_row(ID, 0, "app", ID)) == list(marks.of_row(ID, 0, "app", "")) == told[:1]


def test_no_secret_has_to_be_given_for_them(tmp_path):
    from trimtab.journal.folder import open_folder

    folder = open_folder(tmp_path / "shared")
    open_keys(folder, GIVEN)
    assert list(Marks(folder).of_row(ID, 0, "app", ""))


def test_without_keys_there_are_no_marks(folder):
    with pytest.raises(UserError, match="the journal has no keys") as refused:
        Marks(folder)
    assert refused.value.problems[0].code == "P950"
