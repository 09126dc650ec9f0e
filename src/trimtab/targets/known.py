"""The kinds of target: ours, and those that other packages add in the entry point group `trimtab.targets`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, TypeAlias

from trimtab.core.errors import OutsideError, Problem, UserError, did_you_mean
from trimtab.targets.target import Means, Target

__all__ = ["KINDS", "Maker", "kinds", "target_of"]

_GROUP: Final = "trimtab.targets"
# of a kind's options and means; UserError P504 for options that are wrong
Maker: TypeAlias = Callable[[Mapping[str, Any], Means], Target]
KINDS: Final[Mapping[str, str]] = {
    "container": "trimtab.targets.container.target:container_target",
    "local": "trimtab.targets.local.target:local_target",
}


def kinds(points: Iterable[EntryPoint] | None = None) -> tuple[str, ...]:
    """Every kind there is, in the order of the names; points: instead of what is installed."""
    return tuple(sorted({*KINDS, *(point.name for point in _points(points))}))


def target_of(
    kind: str, options: Mapping[str, Any], means: Means, points: Iterable[EntryPoint] | None = None
) -> Target:
    """The target of that kind; nothing is asked of its platform yet. points: instead of what is installed.

    UserError P503 for no such kind, P504 for options that it has not; OutsideError P503 for a package that is broken.
    """
    if kind in KINDS:
        module, _, name = KINDS[kind].partition(":")
        made: Target = getattr(import_module(module), name)(options, means)
        return made
    found = [point for point in _points(points) if point.name == kind]
    if not found:
        hint = did_you_mean(kind, kinds(points))
        raise UserError(Problem("P503", f"there is no target of the kind `{kind[:100]}`", "target.kind", hint))
    try:
        maker: Maker = found[0].load()
    except Exception as error:
        what = f"the package that has the target `{kind}` cannot be loaded: {error}"
        raise OutsideError(Problem("P503", what, found[0].value, "install it again")) from error
    return maker(options, means)


def _points(points: Iterable[EntryPoint] | None) -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=_GROUP) if points is None else points)
