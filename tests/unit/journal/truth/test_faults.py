"""Faults are named up to a number, and counted from there on."""

from trimtab.core.errors import Problem, UserError
from trimtab.journal.truth.faults import KEPT, EntriesError, EntryFault, Faults


def test_a_flood_of_faults_is_counted():
    faults = Faults()
    assert not faults
    for at in range(KEPT + 7):
        faults.add(EntryFault(at, "id", "it is empty", "say it"))
    problems = faults.problems("P940")
    assert problems[0] == Problem("P940", "it is empty", "entry 0, `id`", "say it")
    assert len(problems) == KEPT + 1
    assert problems[-1] == Problem("P940", "7 faults more like these")


def test_the_error_is_the_users_and_has_all_of_them():
    faults = Faults()
    faults.add(EntryFault(None, "", "there are no entries"))
    error = EntriesError(faults, "P941")
    assert isinstance(error, UserError)
    assert str(error) == "error[P941]: there are no entries"
    assert error.faults is faults
