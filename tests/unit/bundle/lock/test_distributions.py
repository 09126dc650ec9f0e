import pytest

from trimtab.bundle.lock.distributions import Distribution, Owners, closure_of, installed, own_requirements
from trimtab.bundle.lock.requirements import asked_for, everything, versions_of
from trimtab.bundle.proof.prove import Proof
from trimtab.core.errors import UserError

WORLD = {
    item.name: item
    for item in (
        Distribution("app", "1.0", ("Lib_One>=1", "win-only; sys_platform == 'nowhere'", "extra-only; extra == 'x'")),
        Distribution("lib-one", "2.0", ("with-extra[fast]", "absent")),
        Distribution("with-extra", "3.0", ("speed; extra == 'fast'", "doc; extra == 'doc'")),
        Distribution("speed", "4.0", ("app",)),
        Distribution("doc", "5.0"),
        Distribution("extra-only", "6.0"),
        Distribution("win-only", "7.0"),
        Distribution("odd", "8.0", ("this is === no requirement",)),
        Distribution("in-folder", "9.0", (), "/srv/user/in-folder"),
        Distribution("trimtab", "0.1", ("lib-one", "doc; extra == 'lock'")),
    )
}


def test_requirements_are_followed_with_markers_and_extras_and_cycles_end():
    assert list(closure_of(["App"], WORLD.get)) == ["app", "lib-one", "speed", "with-extra"]


def test_a_requirement_that_is_not_installed_is_left_out_as_is_one_that_nobody_can_read():
    assert "absent" not in closure_of(["lib-one"], WORLD.get)
    assert list(closure_of(["odd"], WORLD.get)) == ["odd"]


def test_trimtab_is_never_locked_but_its_own_requirements_are_known():
    assert closure_of(["trimtab"], WORLD.get) == {}
    assert list(own_requirements(WORLD.get)) == ["app", "lib-one", "speed", "with-extra"]
    assert "doc" not in own_requirements(WORLD.get)


def test_versions_are_the_installed_ones_and_a_folder_cannot_be_locked():
    assert versions_of(["doc", "app"], WORLD.get)["with-extra"] == "3.0"
    with pytest.raises(UserError) as caught:
        versions_of(["in-folder"], WORLD.get)
    (problem,) = caught.value.problems
    assert problem.code == "P255"
    assert "/srv/user/in-folder" in problem.what


def test_the_running_environment_is_read():
    numpy = installed("numpy")
    assert numpy is not None
    assert numpy.version[0].isdigit()
    assert installed("no-such-distribution") is None
    owners = Owners()
    assert owners.of("numpy.linalg") == ("numpy",)
    assert owners.of("no_such_module") == ()
    assert {"numpy"} <= owners.tops_of(["numpy", "no-such-distribution"])


class Named(Owners):
    """Owners of an invented environment."""

    def __init__(self, owners):
        self._by_top = owners
        self._files = {}


OWNERS = Named({top: (top,) for top in ("pandas", "pyarrow", "msgspec", "sklearn")})


def proof(*asked, loaded=("pandas", "pyarrow", "msgspec", "sklearn", "prepare")):
    return Proof(asked=asked, modules={name: f"/site/{name}.py" for name in loaded})


def test_only_what_code_and_model_ask_for_is_wanted_not_what_a_library_tries():
    found = proof(("prepare", "pandas"), ("pandas", "pyarrow"), ("pickle", "sklearn"))
    assert asked_for(found, {"prepare"}, set(), OWNERS) == {"pandas", "sklearn"}
    assert everything(found, {"msgspec"}, OWNERS) == {"pandas", "pyarrow", "sklearn"}


def test_what_trimtab_needs_for_itself_counts_only_when_the_code_asks_for_it():
    own = {"msgspec"}
    assert asked_for(proof(("trimtab", "msgspec")), {"prepare"}, own, OWNERS) == set()
    assert asked_for(proof(("trimtab", "pandas")), {"prepare"}, own, OWNERS) == {"pandas"}
    assert asked_for(proof(("prepare", "msgspec")), {"prepare"}, own, OWNERS) == {"msgspec"}


def test_an_import_that_failed_or_was_local_is_not_wanted():
    found = proof(("prepare", "cudf"), ("prepare", "prepare"), ("prepare", "trimtab"))
    assert asked_for(found, {"prepare"}, set(), OWNERS) == set()


def test_a_module_that_no_distribution_owns_cannot_be_locked():
    with pytest.raises(UserError) as caught:
        asked_for(proof(("prepare", "stray"), loaded=("stray",)), {"prepare"}, set(), OWNERS)
    assert [problem.code for problem in caught.value.problems] == ["P255"]
    assert "/site/stray.py" in caught.value.problems[0].what
