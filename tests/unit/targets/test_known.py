"""Which targets there are: ours, and those of installed packages."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from trimtab.core.errors import OutsideError, UserError
from trimtab.targets.known import kinds, target_of
from trimtab.targets.target import Means
from trimtab.testing import MemoryTarget

MEANS = Means(Path("store"), Path("folder"))
HERE = [EntryPoint("memory", f"{__name__}:make_memory", "trimtab.targets")]


def make_memory(options: Mapping[str, Any], means: Means) -> MemoryTarget:
    """As a package of somebody else would have it."""
    assert means is MEANS
    return MemoryTarget(control=options["control"])


def test_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(UserError, match="P503") as caught:
        target_of("locall", {}, MEANS, ())
    assert "did you mean `local`?" in str(caught.value)


def test_a_package_may_add_a_kind() -> None:
    assert "memory" in kinds(HERE)
    assert "local" in kinds(())
    point = EntryPoint("memory", "ignored", "trimtab.targets")

    class Loaded:
        name, value = point.name, point.value

        def load(self) -> Any:
            return make_memory

    target = target_of("memory", {"control": "there"}, MEANS, [Loaded()])  # type: ignore[list-item]
    assert isinstance(target, MemoryTarget)


def test_a_package_that_is_broken_is_said() -> None:
    broken = EntryPoint("memory", "trimtab.no_such_module:make", "trimtab.targets")
    with pytest.raises(OutsideError, match="P503"):
        target_of("memory", {}, MEANS, [broken])
