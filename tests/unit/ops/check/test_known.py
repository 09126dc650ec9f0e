from pathlib import Path

import pytest

from trimtab.core.attestations import KINDS
from trimtab.core.errors import UserError
from trimtab.ops.check import checks
from trimtab.ops.check.known import CHECKED, check_of, kinds_of


def test_each_kind_but_those_that_come_from_elsewhere_has_its_module_and_no_module_is_left_over():
    assert set(KINDS) - set(CHECKED) == {"flight", "approval"}
    assert {path.stem for path in Path(checks.__file__).parent.glob("[a-z]*.py")} == set(CHECKED)
    assert all(callable(check_of(kind)) for kind in CHECKED)


def test_kinds_come_in_their_own_order_each_once():
    assert kinds_of(["load", "golden", "load"]) == ("golden", "load")


def test_every_unknown_kind_is_named_with_what_gives_it():
    with pytest.raises(UserError) as refused:
        kinds_of(["golden", "gloden", "approval"])
    assert [(one.code, one.hint) for one in refused.value.problems] == [
        ("P400", "`trimtab approve`"),
        ("P400", "did you mean `golden`?"),
    ]
