"""Whether the files that a run is asked for can be read and written, before anything is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from trimtab.batch.options import ScoreOptions
from trimtab.core.errors import Problem, UserError, did_you_mean

__all__ = ["SUFFIXES", "check_places", "source_problems"]

SUFFIXES: Final = (".parquet", ".csv", ".jsonl", ".ndjson")


def check_places(source: Path, target: Path, options: ScoreOptions) -> None:
    """Raises UserError naming everything that is wrong with the source, the target and the file of refused rows."""
    problems = [*source_problems(source), *_target_problems(target, "target", overwrite=options.overwrite)]
    if target.suffix.lower() != ".parquet":
        problems.append(
            Problem("P706", f"answers are written as Parquet, not as `{target.suffix}`", str(target), _named(target))
        )
    files = {"source": source, "target": target}
    if options.refused is not None:
        problems += _target_problems(options.refused, "file of refused rows", overwrite=options.overwrite)
        files["file of refused rows"] = options.refused
    seen: dict[Path, str] = {}
    for role, path in files.items():
        same = seen.setdefault(path.resolve(), role)
        if same != role:
            problems.append(
                Problem("P705", f"the {role} is the {same} itself", str(path), "give each a name of its own")
            )
    if problems:
        raise UserError(*problems)


def _named(target: Path) -> str:
    return f"name it `{target.with_suffix('.parquet').name}`"


def source_problems(source: Path) -> list[Problem]:
    """What is wrong with a file that is to be read."""
    kinds = ", ".join(SUFFIXES)
    if source.is_dir():
        return [
            Problem("P702", f"`{source.name}` is a folder, not a file of rows", str(source), f"give one of {kinds}")
        ]
    if not source.exists():
        if not source.parent.is_dir():
            return [
                Problem("P701", f"there is no file `{source.name}`", str(source), f"no folder `{source.parent}` either")
            ]
        names = [entry.name for entry in source.parent.iterdir() if entry.suffix.lower() in SUFFIXES]
        return [Problem("P701", f"there is no file `{source.name}`", str(source), did_you_mean(source.name, names))]
    if source.suffix.lower() not in SUFFIXES:
        return [Problem("P702", f"`{source.suffix}` is no format of rows", str(source), f"give one of {kinds}")]
    return []


def _target_problems(target: Path, role: str, *, overwrite: bool) -> list[Problem]:
    if target.is_dir():
        return [Problem("P706", f"the {role} is a folder", str(target), "give the name of a file")]
    if not target.parent.is_dir():
        hint = f"mkdir -p {target.parent}"
        return [Problem("P704", f"the folder of the {role} is not there", str(target.parent), hint)]
    if target.exists() and not overwrite:
        return [Problem("P703", f"the {role} is there already", str(target), "`--overwrite` replaces it")]
    return []
