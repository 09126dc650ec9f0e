"""From what a proof imported to the distributions that a lock must hold."""

import pytest

from trimtab.bundle.lock.distributions import Distribution, Owners
from trimtab.bundle.lock.requirements import allowed_for, asked_for, everything, owners_of, versions_of
from trimtab.bundle.proof.prove import Proof
from trimtab.core.errors import UserError


@pytest.fixture(scope="module")
def owners():
    return Owners()


def proof(*asked):
    import msgspec
    import numpy as np
    import packaging

    files = {"numpy": np.__file__, "packaging": packaging.__file__, "msgspec": msgspec.__file__, "own": "/p/own.py"}
    return Proof(asked=tuple(asked), modules=files)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (("own", "packaging"), {"packaging"}),  # the bundle's code
        (("pickle", "packaging"), {"packaging"}),  # an unpickler acts for the model
        (("", "packaging"), {"packaging"}),
        (("__main__", "packaging"), {"packaging"}),
        (("numpy", "packaging"), set()),  # a library that tries an optional import
        (("trimtab", "packaging"), {"packaging"}),
        (("trimtab", "numpy"), set()),  # what trimtab needs for itself
        (("own", "numpy"), {"numpy"}),  # unless the code asks for it
        (("own", "scipy"), set()),  # asked for, but never loaded
        (("own", "own"), set()),
        (("own", "trimtab"), set()),
    ],
)
def test_only_what_the_bundle_itself_asks_for_is_required(owners, asked, found):
    assert asked_for(proof(asked), {"own"}, {"numpy", "msgspec"}, owners) == found


def test_a_module_that_nobody_installed_cannot_be_locked(owners):
    loose = Proof(asked=(("own", "loose"),), modules={"loose": "/somewhere/loose.py"})
    with pytest.raises(UserError) as caught:
        asked_for(loose, {"own"}, set(), owners)
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("P255", "import of `loose`")


def test_everything_that_was_loaded_but_our_own_needs(owners):
    assert everything(proof(), {"msgspec"}, owners) == {"numpy", "packaging"}


def test_a_top_level_name_has_its_owners_loaded_or_not(owners):
    assert owners_of("numpy", proof(), owners) == {"numpy"}
    assert owners_of("packaging", Proof(), owners) == {"packaging"}
    assert owners_of("no_such_module", Proof(), owners) == frozenset()


INSTALLED = {
    "a": Distribution("a", "1.0", ("b>=1", "gone; python_version < '3'")),
    "b": Distribution("b", "2.0", ("c; extra == 'more'",)),
    "c": Distribution("c", "3.0"),
    "edited": Distribution("edited", "0", (), "/src/edited"),
}


def test_versions_are_those_of_all_that_is_required_here_and_sorted():
    assert list(versions_of(["b", "a"], INSTALLED.get).items()) == [("a", "1.0"), ("b", "2.0")]


def test_a_folder_that_is_installed_cannot_be_locked():
    with pytest.raises(UserError) as caught:
        versions_of(["a", "edited"], INSTALLED.get)
    (problem,) = caught.value.problems
    assert problem.code == "P255"
    assert "`/src/edited`" in problem.what


def test_a_serving_environment_has_the_lock_and_trimtab_with_its_needs(owners):
    allowed = allowed_for({"packaging": "1"}, {"msgspec"}, owners)
    assert allowed.distributions == {"packaging", "msgspec", "trimtab"}
    assert {"packaging", "msgspec"} <= allowed.tops
    assert "numpy" not in allowed.tops
