"""What a user wants packaged, and what can be seen to be wrong with it before anything runs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from trimtab.bundle.manifest import NAME
from trimtab.bundle.sample.merge import Declared
from trimtab.bundle.secrets.names import secret_name
from trimtab.bundle.secrets.stage import never_packed
from trimtab.core.errors import Problem, TrimtabError, UserError, did_you_mean
from trimtab.core.policies import parse_policy

__all__ = ["LOCKS", "Limits", "Recipe", "included", "recipe_faults"]

CONTAINERS: Final = ("frame", "arrays")
LOCKS: Final = ("requirements", "pylock", "off")
_FUNCTION: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")
_MOST_ROWS: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds after which packaging goes on without what has not come back.

    step_s: importing the preparation, opening the model, saving it, answering the golden rows: each. trial_s: making a
    native form and all that the model is asked for it; beyond that the original stays.
    """

    step_s: float = 300.0
    trial_s: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that makes a bundle; `name`, `root` and `model` are enough for a model that knows its own inputs.

    root: the project folder, in which local modules are looked for. model: a file or folder, a trained object, or the
    text "module:attr". sample: a file, DataFrame, array or dict of arrays. include: patterns of data files below root
    that the code reads; they keep their place beside it. inputs, outputs: what is declared of some columns, by name, in
    the words of `Field`; it goes before what the sample shows. lock: "requirements", "pylock" for a `pylock.toml` too,
    or "off". log: policies, by column, of what may be kept when the bundle is served; they go before what packaging
    finds. data: files whose digests are recorded. container: what the preparation code is given, "frame" or "arrays";
    empty: what the sample is. compile: whether a native form is tried; compared: rows that must prove it.
    """

    name: str
    root: Path
    model: object
    prepare: str = ""
    sample: object = None
    flavour: str = ""
    method: str = ""
    include: tuple[str, ...] = ()
    golden_rows: int = 20
    rtol: float = 1e-6
    atol: float = 1e-9
    inputs: Declared = field(default_factory=dict)
    outputs: Declared = field(default_factory=dict)
    lock: str = "requirements"
    log: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    data: tuple[Path, ...] = ()
    container: str = ""
    compile: bool = True
    compared: int = 100_000
    limits: Limits = Limits()


def recipe_faults(recipe: Recipe) -> list[Problem]:
    """Everything that is wrong with values and files; reads the content of none but of keys, and runs nothing."""
    return [*_value_faults(recipe), *_policy_faults(recipe), *_file_faults(recipe)]


def _value_faults(recipe: Recipe) -> Iterator[Problem]:
    if not NAME.fullmatch(recipe.name):
        hint = "lower-case letters, digits, `.`, `_` and `-`, at most 63"
        yield Problem("P283", f"`{recipe.name}` cannot name a bundle", "name", hint)
    for key, word in (("prepare", recipe.prepare), ("model", recipe.model)):
        if isinstance(word, str) and (word or key == "model") and not _FUNCTION.fullmatch(word):
            yield Problem("P283", f"{key} `{word}` is not `module:name`", key, _form(word))
    if not 1 <= recipe.golden_rows <= _MOST_ROWS:
        what = f"{recipe.golden_rows} golden rows are not between 1 and {_MOST_ROWS}"
        yield Problem("P283", what, "golden_rows")
    for key in ("rtol", "atol"):
        value = getattr(recipe, key)
        if not 0 <= value < float("inf"):
            yield Problem("P283", f"{key} `{value}` is no tolerance", key, "a number, zero or above")
    if recipe.lock not in LOCKS:
        yield Problem("P283", f"there is no lock `{recipe.lock}`", "lock", did_you_mean(recipe.lock, LOCKS))
    if recipe.container not in ("", *CONTAINERS):
        what = f"there is no container `{recipe.container}`"
        yield Problem("P283", what, "container", did_you_mean(recipe.container, CONTAINERS))


def _policy_faults(recipe: Recipe) -> Iterator[Problem]:
    for name, policy in recipe.log.items():
        try:
            parse_policy(policy)
        except ValueError as error:
            yield Problem("P283", f"log of `{name}`: {error}", "log")


def _form(word: str) -> str:
    if word.endswith(".py") or "/" in word or ".py:" in word:
        module = word.partition(".py")[0].replace("/", ".").strip(".")
        return f"name the module as an import does: `{module}:name`"
    return f"`{word.replace(':', '').strip('.') or 'prepare'}:name`, such as `prepare:clean`"


def _file_faults(recipe: Recipe) -> Iterator[Problem]:
    if not recipe.root.is_dir():
        yield Problem("P282", f"there is no project folder `{recipe.root}`", str(recipe.root))
        return
    files = [("model", recipe.model), *(("data", path) for path in recipe.data)]
    if isinstance(recipe.sample, (str, Path)):
        files.append(("sample", Path(recipe.sample)))
    for key, path in files:
        if isinstance(path, Path):
            yield from _path_faults(key, path)
    for pattern in recipe.include:
        try:
            included(recipe.root, (pattern,))
        except TrimtabError as error:
            yield from error.problems


def _path_faults(key: str, path: Path) -> Iterator[Problem]:
    if not path.exists():
        folder = path.parent
        names = (
            [entry.name for entry in folder.iterdir()]
            if folder.is_dir() and os.access(folder, os.R_OK, effective_ids=True)
            else []
        )
        hint = did_you_mean(path.name, names[:200]) if folder.is_dir() else f"there is no folder `{folder}` either"
        yield Problem("P282", f"{key} `{path.name}` does not exist", str(path), hint)
    elif path.is_dir():
        if key == "sample" or (key == "model" and not (path / "MLmodel").is_file()):
            yield Problem("P282", f"{key} `{path.name}` is a folder", str(path), "name the file in it")
    elif not os.access(path, os.R_OK, effective_ids=True):
        yield Problem("P282", f"{key} `{path.name}` cannot be read by this user", str(path), f"`chmod +r {path}`")


def included(root: Path, patterns: tuple[str, ...]) -> dict[str, Path]:
    """The data files that the patterns name, by their place below `root`; UserError (P282) for a pattern without any.

    Folders, links out of the project and what lies in hidden folders are not taken. What is secret by its name is
    never taken: a pattern may pass over it in silence, unless there is nothing else that it names (P250).
    """
    root = root.resolve()
    found: dict[str, Path] = {}
    problems = []
    for pattern in patterns:
        if PurePosixPath(pattern).is_absolute() or ".." in PurePosixPath(pattern).parts or not pattern.strip():
            hint = "a pattern starts at the project folder, such as `lookup/*.csv`"
            problems.append(Problem("P282", f"`{pattern}` leads out of the project", "include", hint))
            continue
        matches = {path.relative_to(root).as_posix(): path for path in root.glob(pattern) if _is_data(path, root)}
        kinds = {name: secret_name(name, path.read_bytes) for name, path in matches.items()}
        if matches and all(kinds.values()):
            problems += [never_packed(name, kind, "include") for name, kind in kinds.items()]
        elif not matches:
            problems.append(Problem("P282", f"no file matches `{pattern}`", "include", f"it is looked for in `{root}`"))
        found |= {name: path for name, path in matches.items() if not kinds[name]}
    if problems:
        raise UserError(*problems)
    return dict(sorted(found.items()))


def _is_data(path: Path, root: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(root).parts[:-1])
    return not hidden and path.is_file() and path.resolve().is_relative_to(root) and "__pycache__" not in path.parts
