"""Aliases: what they point at, what they pointed at, what is near a name that is not there."""

import pytest

from trimtab.bundle.keeping.history import former
from trimtab.bundle.keeping.names import Names
from trimtab.core.errors import UserError

ONE, TWO = (f"sha256:{digit * 64}" for digit in "12")


def test_an_alias_points_where_it_was_last_set_and_its_past_is_kept(tmp_path):
    names = Names(tmp_path)
    names.point("m", "latest", ONE)
    names.point("m", "prod", ONE)
    names.point("m", "latest", TWO)
    assert names.pointed("m", "latest") == TWO
    assert names.aliases() == {TWO: ("latest",), ONE: ("prod",)}
    assert (names.known(), names.has("m"), names.has("other")) == (("m",), True, False)
    assert former(tmp_path, "m") == [TWO, ONE]


def test_an_alias_of_a_store_without_history_gets_one(tmp_path):
    (tmp_path / "names" / "m").mkdir(parents=True)
    (tmp_path / "names" / "m" / "latest").write_text(f"{ONE}\n")
    Names(tmp_path).point("m", "latest", TWO)
    assert former(tmp_path, "m") == [TWO, ONE]


@pytest.mark.parametrize(("name", "alias", "hint"), [("mm", "latest", "`m`"), ("m", "lates", "`latest`")])
def test_what_is_not_there_names_what_is_near(tmp_path, name, alias, hint):
    names = Names(tmp_path)
    names.point("m", "latest", ONE)
    with pytest.raises(UserError) as caught:
        names.pointed(name, alias)
    (problem,) = caught.value.problems
    assert problem.code == "P230"
    assert hint in problem.hint


def test_an_alias_is_taken_away_and_its_past_stays(tmp_path):
    names = Names(tmp_path)
    names.point("m", "latest", TWO)
    names.point("m", "env-dev", ONE)
    names.forget("m", "env-dev")
    names.forget("m", "env-dev")
    names.forget("m", "../../names/m/latest")
    assert names.aliases() == {TWO: ("latest",)}
    assert set(former(tmp_path, "m")) == {ONE, TWO}
