"""Reads trimtab.toml: all its faults at once, each with its line, or the frozen values."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

from trimtab.core.errors import Problem, UserError
from trimtab.project.check import check_check, check_of
from trimtab.project.check_environments import check_environments
from trimtab.project.environments import environments_in
from trimtab.project.faults import Faults
from trimtab.project.files import file_fault, is_reference, source_fault
from trimtab.project.flight import check_limits, limits_of, plan_of
from trimtab.project.guard import check_guard, guard_of
from trimtab.project.journal import journal_of
from trimtab.project.pipeline import check_pipeline_keys, wishes_of
from trimtab.project.release import check_release, release_of
from trimtab.project.trust import check_trust, environment_trust_of, trust_of
from trimtab.project.values import ModelPart, Project, ServerPart
from trimtab.project.walk import walk
from trimtab.project.wrong import Wrong

__all__ = ["PROJECT_FILE", "project_of", "read_project", "server_of"]

PROJECT_FILE: Final = "trimtab.toml"


def read_project(folder: Path, *, files: bool = True) -> Project:
    """The project of a folder; raises UserError with every fault of its file (P101-P110).

    files: whether the model and the files that the project names must be there, as packaging needs them.
    """
    path = folder.absolute() / PROJECT_FILE
    return project_of(_text_of(path), path, files=files)


def project_of(text: str, path: Path, *, files: bool = False) -> Project:
    """The project that the text of a file describes; faults as in `read_project`."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        _syntax(error, text)
    faults = Faults(path.name, text)
    plain = walk(raw, faults)
    _cross_check(plain, faults)
    check_trust(plain, faults)
    check_limits(plain.get("limits", {}), faults)
    check_check(plain.get("check", {}), faults)
    check_guard(plain.get("server", {}), faults)
    check_environments(plain, faults)
    check_pipeline_keys(plain, faults)
    check_release(plain, faults)
    if files:
        _check_files(plain, path.parent, faults)
    faults.raise_any()
    return _project(path, plain, raw)


def _text_of(path: Path) -> str:
    """The text of the project file; UserError P101, P102, P109 or P110 when there is none to be had."""
    if not path.exists():
        hint = "`trimtab init NAME --model PATH` writes one"
        raise UserError(Problem("P101", f"no `{path.name}` in this folder", str(path), hint))
    if wrong := file_fault(path, path.name):
        raise UserError(Problem(wrong.code, wrong.what, str(path), wrong.hint))
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UserError(Problem("P102", "the file is not UTF-8 text", f"{path.name}:{line}")) from None


def _syntax(error: tomllib.TOMLDecodeError, text: str) -> NoReturn:
    """P102 with line and column, out of the parser's own message."""
    message = str(error)
    if at := re.search(r" \(at line (\d+), column (\d+)\)$", message):
        where, message = f"{PROJECT_FILE}:{at[1]}:{at[2]}", message[: at.start()]
    else:
        last = max(len(text.splitlines()), 1)
        where, message = f"{PROJECT_FILE}:{last}", message.replace(" (at end of document)", " at the end of the file")
    what = (message[:1].lower() + message[1:]).replace("'", "`")
    raise UserError(Problem("P102", f"this is not TOML: {what}", where)) from None


def _cross_check(plain: Mapping[str, Any], faults: Faults) -> None:
    """Rules over more than one key: a column's lower limit is not above its upper one; one name has one policy."""
    for side, columns in plain.get("signature", {}).items():
        for name, column in columns.items():
            low, high = column.get("low"), column.get("high")
            if low is not None and high is not None and low > high:
                wrong = Wrong("P105", f"`low` {low:g} is above `high` {high:g}")
                faults.add(("signature", side, name, "low"), wrong)
    inputs, outputs = (plain.get("signature", {}).get(side, {}) for side in ("inputs", "outputs"))
    for name in inputs.keys() & outputs.keys():
        one, other = inputs[name].get("log"), outputs[name].get("log")
        if one is not None and other is not None and one != other:
            what = f"`log` is `{other}` here and `{one}` for the input of that name: a name has one policy"
            faults.add(("signature", "outputs", name, "log"), Wrong("P105", what))


def _check_files(plain: Mapping[str, Any], folder: Path, faults: Faults) -> None:
    """P108, P109 and P110 of every file that the project names."""
    model = plain.get("model", {})
    source = model.get("path")
    if source is not None and not is_reference(source):
        faults.add_if(("model", "path"), source_fault(folder / source, source))
    for key in ("golden", "data"):
        names = model.get(key, ())
        for name in (names,) if isinstance(names, str) else names:
            faults.add_if(("model", key), file_fault(folder / name, name))


def _project(path: Path, plain: Mapping[str, Any], raw: Mapping[str, Any]) -> Project:
    """The frozen values of a file without faults. raw: the file as TOML has it."""
    folder = path.parent
    model = dict(plain["model"])
    source = model["path"]
    model["path"] = source if is_reference(source) and not (folder / source).exists() else folder / source
    if "golden" in model:
        model["golden"] = folder / model["golden"]
    if "data" in model:
        model["data"] = tuple(folder / name for name in model["data"])
    signature = plain.get("signature", {})
    policies = {name: said["log"] for columns in signature.values() for name, said in columns.items() if "log" in said}
    return Project(
        file=path,
        name=plain["name"],
        model=ModelPart(**model),
        inputs=_without_policies(signature.get("inputs", {})),
        outputs=_without_policies(signature.get("outputs", {})),
        log=policies,
        server=server_of(plain.get("server", {}), folder),
        trust=trust_of(plain, folder),
        environments=environments_in(plain, raw),
        environment_trust=environment_trust_of(plain, folder),
        flight=plan_of(plain),
        pipeline=wishes_of(plain),
        release=release_of(plain),
        limits=limits_of(plain),
        check=check_of(plain, folder),
    )


def _without_policies(columns: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What goes into the signature; a column of which nothing else is said is not there."""
    own = {name: {key: value for key, value in said.items() if key != "log"} for name, said in columns.items()}
    return {name: said for name, said in own.items() if said or not columns[name]}


def server_of(said: Mapping[str, Any], folder: Path) -> ServerPart:
    """What `[server]` says, once it is without faults; paths start from the folder."""
    own = {name: value for name, value in said.items() if name in ServerPart.__slots__}
    own |= {name: folder / said[name] for name in ("tls_cert", "tls_key") if name in said}
    return ServerPart(**own, guard=guard_of(said, folder), journal=journal_of(said, folder))
