"""`trimtab pipeline`: the files that GitHub Actions and Azure Pipelines run, rendered from the environments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from trimtab.cli.options import json_option
from trimtab.cli.show import fact, out, out_json, say
from trimtab.project import Project, read_project

if TYPE_CHECKING:
    from trimtab.release.pipeline.wishes import Kind, Subject

__all__ = ["command"]


@click.command("pipeline")
@click.option("--check", is_flag=True, help="Write nothing; exit status 1 with the difference where a file differs.")
@click.option("--print", "shown", type=click.Choice(["github", "azure"]), help="Print one instead of writing it.")
@click.option("--force", is_flag=True, help="Also in place of a file that trimtab has not rendered.")
@json_option
def command(shown: Kind | None, *, check: bool, force: bool, as_json: bool) -> None:
    """Write the pipelines that release this folder's project, as `[env.NAME]` and `[pipeline]` say.

    One stage an environment, in their order. A bundle is packaged, signed and checked once; its digest is handed on,
    and the same bytes go from stage to stage.
    """
    from trimtab.ops.pipelines import compare, differs, root_of, write
    from trimtab.release.pipeline.render import rendered
    from trimtab.release.pipeline.wishes import PATHS

    here = Path.cwd()
    project = read_project(here, files=False)
    root = root_of(here)
    subject = _subject(project, root)
    if shown is not None:
        out(rendered(shown, subject, project.pipeline).removesuffix("\n"))
        return
    texts = {kind: rendered(kind, subject, project.pipeline) for kind in dict.fromkeys(project.pipeline.kinds)}
    if check:
        diffs = {kind: diff for kind, text in texts.items() if (diff := compare(kind, root, text))}
        if as_json:
            out_json({"files": [{"path": PATHS[kind], "diff": diffs.get(kind, "")} for kind in texts]})
        elif diffs:
            out("".join(diffs.values()).removesuffix("\n"))
        if diffs:
            raise differs(diffs)
        if not as_json:
            fact("same", ", ".join(PATHS[kind] for kind in texts))
        return
    written = [write(kind, root, text, force=force) for kind, text in texts.items()]
    if as_json:
        out_json({"files": [{"path": str(one.path), "how": one.how} for one in written]})
        return
    for one in written:
        fact(one.how, one.path.relative_to(root).as_posix())
    lock = project.pipeline.requirements
    if not (here / lock).exists():
        say(f"not there  `{lock}`, the hashed lock of the jobs: `uv pip compile --generate-hashes` makes one")


def _subject(project: Project, root: Path) -> Subject:
    from trimtab.ops.pipelines import below_root
    from trimtab.release.pipeline.wishes import Subject

    return Subject(
        project.name,
        tuple(project.environments.values()),
        project.release.record,
        project.release.registry,
        below_root(project.folder, root),
    )
