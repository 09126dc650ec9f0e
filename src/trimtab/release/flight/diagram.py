"""The rules of `decide` as a page: a diagram and a table, both made of the table that is obeyed."""

from __future__ import annotations

from collections.abc import Sequence

from trimtab.release.flight.decide import RULES, Rule

__all__ = ["states_page"]


def states_page(rules: Sequence[Rule] = RULES) -> str:
    """Markdown; the diagram is Mermaid's, which many viewers draw."""
    rows = [f"| {rule.phase} | {rule.when} | {rule.do} | {rule.next} |" for rule in rules]
    table = "\n".join(["| phase | when | do | next |", "|---|---|---|---|", *rows])
    return f"{_HEAD}\n```mermaid\n{_diagram(rules)}\n```\n{_MIDDLE}\n{table}\n"


def _diagram(rules: Sequence[Rule]) -> str:
    edges: dict[tuple[str, str], list[str]] = {}
    for rule in rules:
        if rule.do != "wait":
            edges.setdefault((rule.phase, rule.next), []).append(rule.when)
    left = {phase for phase, _ in edges}
    last = list(dict.fromkeys(rule.next for rule in rules if rule.next not in left))
    lines = ["stateDiagram-v2", f"    [*] --> {_id(rules[0].phase)}"]
    lines += [f'    state "{phase}" as {_id(phase)}' for phase in dict.fromkeys(rule.phase for rule in rules)]
    lines += [f"    {_id(one)} --> {_id(other)}: {'; '.join(whens)}" for (one, other), whens in edges.items()]
    return "\n".join([*lines, *(f"    {_id(phase)} --> [*]" for phase in last)])


def _id(phase: str) -> str:
    return phase.replace(" ", "_")


_HEAD = """# The states of a flight

Made by `python scripts/golden.py` of the table at the top of `src/trimtab/release/flight/decide.py`.
What each condition means is in [deciding](deciding.md).
"""
_MIDDLE = """
Of the rules of a phase the first one whose condition holds is obeyed; each look asks again.
"""
