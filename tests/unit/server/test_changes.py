"""What a change is when nobody says more of it."""

import dataclasses

import pytest

from trimtab.server.changes import Change


def test_a_change_of_which_nobody_wants_to_hear_is_told_all_the_same():
    change = Change("renew")
    assert change.name == ""
    change.told(None)


def test_a_change_is_not_edited_on_its_way():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Change("load", "m").name = "other"
