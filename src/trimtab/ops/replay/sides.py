"""What is replayed against what: the bundles, the endpoint whose rows they get, and the columns that this takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from trimtab.bundle.read import Bundle
from trimtab.core.errors import Problem, UserError, did_you_mean
from trimtab.core.signature import Field
from trimtab.ops.replay.comparable import common, described, recorded
from trimtab.ops.replay.decision import Rule
from trimtab.ops.replay.needs import Need
from trimtab.ops.replay.past import Past, meanings
from trimtab.ops.replay.recorded import INPUT, OUTPUT, Part, is_kept

__all__ = ["Sides", "endpoint_of", "sides_of", "tells"]


@dataclass(frozen=True, slots=True)
class Sides:
    """against: None for what was answered then. fields: the outputs that are compared; notes: on those that are not."""

    candidate: Bundle
    against: Bundle | None
    fields: tuple[Field, ...]
    notes: tuple[str, ...]

    @property
    def needs(self) -> list[Need]:
        """The inputs of each bundle that is asked."""
        found = [Need("candidate", self.candidate.signature.inputs)]
        return found if self.against is None else [*found, Need("baseline", self.against.signature.inputs)]

    def columns(self, parts: Sequence[Part], types: Mapping[str, Any]) -> list[str]:
        """Those that are asked again, those that are compared, and those that may tell groups of rows apart."""
        taken = [f"{INPUT}{field.name}" for need in self.needs for field in need.fields]
        outputs = [] if self.against is not None else [f"{OUTPUT}{field.name}" for field in self.fields]
        told = [name for name in sorted(types) if name.startswith(INPUT) and tells(name, parts)]
        return [name for name in dict.fromkeys([*taken, *outputs, *told]) if name in types]

    def were(self, revisions: Iterable[str], past: Past) -> Mapping[str, Field]:
        """What is known of the outputs that the candidate's are held against; revisions: of those who answered then."""
        if self.against is None:
            return meanings(revisions, past)
        return {field.name: field for field in self.against.signature.outputs}

    def noting(self, rules: Sequence[Rule], were: Mapping[str, Field]) -> Sides:
        """With a word on outputs of which nobody here knows what their classes were."""
        unknown = [f"`{rule.name}`" for rule in rules if rule.how == "classes" and rule.name not in were]
        if not unknown:
            return self
        said = "this store has not all bundles that answered then, so their classes are taken for the candidate's"
        return replace(self, notes=(*self.notes, f"{', '.join(unknown)}: {said}"))


def sides_of(candidate: Bundle, against: Bundle | None, parts: Sequence[Part], types: Mapping[str, Any]) -> Sides:
    """Both sides; UserError (P973) if they have no output in common. types: the journal's columns."""
    outputs = candidate.signature.outputs
    if against is None:
        return Sides(candidate, None, *recorded(outputs or described(types), parts, types))
    return Sides(candidate, against, *common(outputs, against.signature.outputs))


def tells(name: str, parts: Sequence[Part]) -> bool:
    """Whether a column has its own values in every row, if only roughly; hashes in their place tell nobody anything."""
    policies = [part.policies.get(name, "") for part in parts if part.rows]
    return all(is_kept(policy) or policy.startswith("bucket") for policy in policies)


def endpoint_of(endpoints: Mapping[str, int], said: str, name: str) -> str:
    """The endpoint that is meant: the one said, the only one, or that of the candidate's name."""
    if not endpoints:
        raise UserError(Problem("P971", "nothing was recorded in this time", "the journal", "an earlier `--since`"))
    if said and said not in endpoints:
        hint = did_you_mean(said, endpoints)
        raise UserError(Problem("P972", f"nothing was recorded for the endpoint `{said}`", "--endpoint", hint))
    if not said and len(endpoints) > 1 and name not in endpoints:
        what = f"there are {len(endpoints)} endpoints, and none is called `{name}`"
        raise UserError(Problem("P972", what, "--endpoint", did_you_mean(name, endpoints)))
    return said or (name if name in endpoints else next(iter(endpoints)))
