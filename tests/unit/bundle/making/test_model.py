"""What a recipe's model stands for."""

from collections import OrderedDict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from trimtab.bundle.making.model import ModelSource, find_source, modules_of
from trimtab.bundle.making.recipe import Recipe
from trimtab.core.errors import TrimtabError


def recipe(model, **said):
    return Recipe(name="m", root=Path("/nowhere"), model=model, **said)


def test_a_reference_is_plain_python():
    assert find_source(recipe("pkg.mod:Model", method="score")) == ModelSource("pkg.mod:Model", "python", "score")


def test_a_flavour_that_is_said_is_not_looked_for():
    assert find_source(recipe(object(), flavour="torch")).flavour == "torch"


def test_what_no_flavour_can_package_is_refused(tmp_path):
    (tmp_path / "model.xyz").write_bytes(b"nothing that anybody knows")
    with pytest.raises(TrimtabError):
        find_source(recipe(tmp_path / "model.xyz"))


class Refuses:
    """An object that pickle cannot take apart."""

    def __reduce__(self):
        msg = "no"
        raise TypeError(msg)


@pytest.mark.parametrize(
    ("model", "modules"),
    [
        (OrderedDict(price=Decimal(1)), {"collections", "decimal"}),
        ([{"deep": (Fraction(1, 2),)}], {"fractions"}),
        (Decimal.sqrt, set()),
        (Path.exists, {"pathlib"}),
    ],
)
def test_an_object_names_the_modules_that_it_is_made_of(model, modules):
    assert modules <= modules_of(model)


def test_an_object_that_refuses_is_known_by_its_class():
    assert Refuses.__module__ in modules_of(Refuses())


@pytest.mark.parametrize("model", ["pkg:Model", Path("model.joblib")])
def test_a_path_and_a_reference_are_made_of_nothing(model):
    assert modules_of(model) == frozenset()
