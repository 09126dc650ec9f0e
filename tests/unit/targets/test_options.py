"""Options of a target: every wrong one is named."""

from __future__ import annotations

from typing import Any

import pytest

from trimtab.core.errors import UserError
from trimtab.targets.options import Option, checked

KNOWN = {"engine": Option(str, "podman", ("podman", "docker")), "patience": Option(float, 30.0), "keep": Option(bool)}


def test_what_is_not_said_has_its_default() -> None:
    assert checked("container", {"patience": 3}, KNOWN) == {"engine": "podman", "patience": 3, "keep": None}
    assert checked("container", {"port": 8080, "host": "::1"}, {}) == {}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"engin": "podman"}, ["no option `engin`"]),
        ({"engine": "runc", "patience": True}, ["one of `podman`, `docker`, not `runc`", "a number, not `True`"]),
        ({"keep": "yes", "port": "x", "more": 1}, ["true or false", "`port` is a whole number", "no option `more`"]),
    ],
)
def test_all_that_is_wrong_is_said_at_once(options: dict[str, Any], says: list[str]) -> None:
    with pytest.raises(UserError) as caught:
        checked("container", options, KNOWN)
    assert len(caught.value.problems) == len(says)
    for problem, part in zip(caught.value.problems, says, strict=True):
        assert problem.code == "P504"
        assert part in problem.what


def test_the_nearest_option_is_the_hint() -> None:
    with pytest.raises(UserError, match="did you mean `engine`"):
        checked("container", {"engin": "podman"}, KNOWN)
