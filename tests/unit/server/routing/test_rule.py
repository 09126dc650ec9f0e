from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from trimtab.core.errors import UserError
from trimtab.server.gateway.backends import Backend
from trimtab.server.routing.routes import Routes
from trimtab.server.routing.rule import State, beginning, is_new, must_stay, taken

BOTH = {"old": Backend("http", "a", 1), "new": Backend("http", "b", 1)}


def routes(version: int = 3, champion: str = "old", print_: str = "p3", **more: object) -> Routes:
    made = Routes(Path("f"), version, print_, "n", ("h", 1), ("h", 2), BOTH, champion, Path("s"))
    return replace(made, **more)  # type: ignore[arg-type]


PROMOTED = State(3, "p3", "new", "f1")


def test_a_greater_version_is_new_and_the_same_one_is_not():
    assert is_new(PROMOTED, routes(4, print_="p4"))
    assert not is_new(PROMOTED, routes())


@pytest.mark.parametrize("other", [routes(2), routes(print_="p3 changed")])
def test_an_older_version_and_one_that_says_two_things_are_refused(other):
    with pytest.raises(UserError, match=r"P382[\s\S]*`version = 4`"):
        is_new(PROMOTED, other)


def test_the_first_start_is_as_the_file_says():
    assert beginning(routes(), None) == (routes(), State(3, "p3", "old"))


def test_what_was_promoted_stays_so_as_long_as_the_file_is_the_same():
    begun, state = beginning(routes(), PROMOTED)
    assert (begun.champion, begun.version, state) == ("new", 3, PROMOTED)


def test_a_newer_file_waits_for_its_champion_to_be_well_while_the_one_before_answers():
    begun, state = beginning(routes(4, "old", "p4"), PROMOTED)
    assert (begun.champion, begun.version, begun.print, state) == ("new", 3, "p3", PROMOTED)
    assert is_new(state, routes(4, "old", "p4"))


def test_a_newer_file_that_has_no_longer_what_answered_counts_at_once():
    only = routes(4, "old", "p4", backends={"old": BOTH["old"]})
    assert beginning(only, PROMOTED) == (only, taken(only))


def test_a_newer_file_with_the_same_champion_counts_at_once():
    newer = routes(4, "new", "p4")
    assert beginning(newer, PROMOTED) == (newer, State(4, "p4", "new"))


def test_a_start_with_an_older_file_is_refused():
    with pytest.raises(UserError, match="P382"):
        beginning(routes(2), PROMOTED)


def test_each_key_that_cannot_change_is_named():
    must_stay(routes(), routes(4, "new", "p4", backends={"new": BOTH["new"]}))
    with pytest.raises(UserError) as refused:
        must_stay(routes(), routes(listen=("h", 9), token="env:X"))  # noqa: S106 - where it is
    assert [one.what.partition("`")[2].partition("`")[0] for one in refused.value.problems] == ["listen", "token"]
