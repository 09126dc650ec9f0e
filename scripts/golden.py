"""Writes everything that is made from the source and read by users: help, messages, the schema, the reference pages.

`python scripts/golden.py` writes them anew, `--check` only says which differ (exit status 1 if any does).
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import os
import sys
from collections.abc import Mapping
from pathlib import Path

os.environ |= {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}  # before rich looks at them
os.environ.pop("FORCE_COLOR", None)

from trimtab.cli.main import VERBS, run
from trimtab.core.errors import UserError
from trimtab.project import project_of
from trimtab.project.reference import reference_page
from trimtab.project.schema import schema_text
from trimtab.release.flight.diagram import states_page
from trimtab.release.pipeline.render import rendered as rendered_pipeline
from trimtab.release.pipeline.wishes import KINDS, Subject
from trimtab.targets.kept import kept
from trimtab.targets.known import target_of
from trimtab.targets.local.target import LocalTarget
from trimtab.targets.target import Means

ROOT = Path(__file__).parents[1]
MESSAGES = Path("tests/golden/messages")
PIPELINES = Path("tests/golden/pipelines")
COMMAND_LINES = (
    "inti",
    "xyzzy",
    "--verison",
    "init",
    "init churn",
    "init churn --modle model.joblib",
    "init churn --model",
    "package extra",
    "serve --port http",
    "score churn",
    "score churn rows.csv --batch-rows many",
    "inti --json",
)


def rendered() -> dict[str, str]:
    """Every golden file by its path below the project's folder."""
    helps = {"trimtab": help_of()}
    for verb in VERBS:
        helps |= {" ".join(words): help_of(*words) for words in ((verb,), *((verb, word) for word in below(verb)))}
    files = {f"tests/golden/help/{name.replace(' ', '-')}.txt": text for name, text in helps.items()}
    files |= {f"{case.relative_to(ROOT).with_suffix('.txt')}": faults_of(case) for case in cases()}
    files[f"{MESSAGES}/command-lines.txt"] = "\n".join(map(answer_of, COMMAND_LINES))
    files |= local_files() | container_files()
    files["docs/trimtab.schema.json"] = schema_text()
    files["docs/reference/trimtab.toml.md"] = reference_page()
    files["docs/flights/states.md"] = states_page()
    files |= pipelines()
    files["docs/reference/cli.md"] = cli_page(helps)
    return files


def local_files() -> dict[str, str]:
    """What the target `local` renders of a deployment, on a machine that there is not."""
    base, folder = Path("/srv/trimtab"), Path("tests/golden/targets/local")
    target = LocalTarget(Means(base / "store", base / "targets", base / "churn"), python="/usr/bin/python3")
    wanted = kept(ROOT / folder / "deployment.json")
    assert wanted is not None  # noqa: S101 - the file is there; mypy does not see it
    return {str(folder / Path(name).name): text for name, text in target.render(wanted).files.items()}


def container_files() -> dict[str, str]:
    """What the target `container` renders of a deployment that has a lock, a journal and TLS."""
    folder = Path("tests/golden/targets/container")
    base = Path("/srv/trimtab")
    target = target_of("container", {"engine": "podman"}, Means(base / "store", base / "targets", base / "churn"))
    wanted = kept(ROOT / folder / "deployment.json")
    assert wanted is not None  # noqa: S101 - the file is there; mypy does not see it
    return {str(folder / name): text for name, text in target.render(wanted).files.items()}


def pipelines() -> dict[str, str]:
    """What `trimtab pipeline` writes for the project of that folder, for both services."""
    project = project_of((ROOT / PIPELINES / "trimtab.toml").read_text(), Path("/project/trimtab.toml"))
    environments = tuple(project.environments.values())
    subject = Subject(project.name, environments, project.release.record, project.release.registry)
    return {f"{PIPELINES}/{kind}.yml": rendered_pipeline(kind, subject, project.pipeline) for kind in KINDS}


def help_of(*verb: str) -> str:
    """What `--help` prints, without the blanks that fill its lines."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        run([*verb, "--help"])
    return "\n".join(line.rstrip() for line in text.getvalue().strip().splitlines()) + "\n"


def below(verb: str) -> list[str]:
    """The verbs of a group of verbs; none of any other."""
    return list(getattr(importlib.import_module(f"trimtab.cli.{verb}").command, "commands", ()))


def cases() -> list[Path]:
    """Project files with faults in them."""
    return sorted((ROOT / MESSAGES).glob("*.toml"))


def faults_of(case: Path) -> str:
    """What is said of a project file."""
    try:
        project_of(case.read_text(), Path("/project/trimtab.toml"))
    except UserError as error:
        return f"{error}\n"
    return "no fault\n"


def answer_of(line: str) -> str:
    """A command line that is wrong, with what is said of it."""
    text = io.StringIO()
    with contextlib.redirect_stderr(text):
        status = run(line.split())
    return f"$ trimtab {line}\n{text.getvalue()}$ echo $?\n{status}\n"


def cli_page(helps: Mapping[str, str]) -> str:
    """The reference page of the command line."""
    lines = ["# Command line", "", "What `--help` says of each verb."]
    for name, text in helps.items():
        heading = "trimtab" if name == "trimtab" else f"`trimtab {name}`"
        lines += ["", f"## {heading}", "", "```text", text.rstrip(), "```"]
    return "\n".join(lines) + "\n"


def main() -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, say what differs")
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder to write to or to compare with")
    options = parser.parse_args()
    differing = []
    for name, text in rendered().items():
        path = options.root / name
        if path.exists() and path.read_text() == text:
            continue
        differing.append(name)
        if not options.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    for name in differing:
        print(f"{'differs' if options.check else 'wrote'} {name}")
    return 1 if options.check and differing else 0


if __name__ == "__main__":
    sys.exit(main())
