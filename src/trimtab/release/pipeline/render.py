"""The text of a pipeline's file, and how another text differs from it."""

from __future__ import annotations

import difflib
from typing import Final, assert_never

from trimtab.core.errors import UserError
from trimtab.release.pipeline.actions import PINNED
from trimtab.release.pipeline.azure import stages_of
from trimtab.release.pipeline.bindings import bindings_of
from trimtab.release.pipeline.check_pipeline import check_pipeline
from trimtab.release.pipeline.github import workflow_of
from trimtab.release.pipeline.story import pipeline_of
from trimtab.release.pipeline.wishes import Kind, Subject, Wishes
from trimtab.release.pipeline.yaml import as_yaml

__all__ = ["MARK", "difference", "is_rendered", "rendered"]

MARK: Final = "# Rendered by `trimtab pipeline` from trimtab.toml."


def rendered(kind: Kind, subject: Subject, wishes: Wishes) -> str:
    """The file; the same values give the same bytes. UserError P495 and P496 for what no pipeline can be made of."""
    if problems := check_pipeline(subject, wishes):
        raise UserError(*problems)
    pipeline = pipeline_of(subject, wishes)
    match kind:
        case "github":
            body = as_yaml(workflow_of(pipeline), {one.uses: one.version for one in PINNED})
        case "azure":
            body = as_yaml(stages_of(pipeline))
        case _:
            assert_never(kind)
    return "\n".join(_header(subject)) + f"\n\n{body}"


def is_rendered(text: str) -> bool:
    """Whether we wrote the file, changed since or not."""
    return text.startswith(MARK)


def difference(found: str, wanted: str, name: str) -> str:
    """The unified diff from what is there to what would be rendered; empty where they are the same."""
    lines = difflib.unified_diff(found.splitlines(keepends=True), wanted.splitlines(keepends=True), name, "rendered")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _header(subject: Subject) -> list[str]:
    """Whose the file is, and what a person sets up at the service: it is not in the file's power."""
    lines = [
        f"{MARK} Change that file, and run `trimtab pipeline` again:",
        "# `trimtab pipeline --check`, the first step below, fails where the two differ.",
        "#",
        "# Environments, in their order; who may approve is set at the service, under the same name:",
    ]
    for one in subject.environments:
        bound = " and ".join(
            f"{'branch' if b.where == 'heads' else 'tag'} {b.pattern}" for b in bindings_of(one.branch, one.tag)
        )
        who = f", {one.approvals} of {', '.join(one.approvers)}" if one.approvals else ""
        after = f", after {one.after}" if one.after else ""
        lines.append(f"#   {one.name}: {bound}{after}{who}")
    return lines
