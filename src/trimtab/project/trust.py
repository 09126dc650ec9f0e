"""Trust policies as files say them: `[trust]` and `[env.NAME.trust]` of a project, and `trust.toml` of a store."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from trimtab.core.errors import Problem, UserError
from trimtab.project.faults import Faults
from trimtab.project.lines import KeyPath
from trimtab.project.values import TrustPart
from trimtab.project.walk import TREE, walk
from trimtab.project.wrong import Wrong

__all__ = ["TRUST_FILE", "check_trust", "environment_trust_of", "read_trust", "trust_of"]

TRUST_FILE: Final = "trust.toml"


def trust_of(plain: Mapping[str, Any], folder: Path, env: str = "") -> TrustPart | None:
    """The policy of a parsed project file in an environment; None where the file says nothing of trust.

    What an environment does not say is as in `[trust]`.
    """
    said = _said(plain, env)
    return _part(said, folder) if said is not None else None


def environment_trust_of(plain: Mapping[str, Any], folder: Path) -> dict[str, TrustPart | None]:
    """The policy of each environment that the file names."""
    return {name: trust_of(plain, folder, name) for name in plain.get("env", {})}


def read_trust(path: Path) -> TrustPart | None:
    """The policy of a `trust.toml`, which has the keys of `[trust]` without a heading; None where there is no file.

    Raises UserError with every fault of it.
    """
    try:
        text = path.read_bytes().decode()
        raw = tomllib.loads(text)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(Problem("P102", f"this trust policy cannot be read: {error}", str(path))) from None
    faults = Faults(str(path), text)
    tree = TREE["trust"]
    assert isinstance(tree, dict)  # noqa: S101  # the table of keys is ours; mypy needs to know
    plain = walk(raw, faults, tree)
    _check(plain, (), faults)
    faults.raise_any()
    return _part(plain, path.parent)


def check_trust(plain: Mapping[str, Any], faults: Faults) -> None:
    """P105 for every policy of a project file that names nobody it could mean."""
    _check(plain.get("trust", {}), ("trust",), faults)
    for name in plain.get("env", {}):
        _check(_said(plain, name) or {}, ("env", name, "trust"), faults)


def _said(plain: Mapping[str, Any], env: str) -> dict[str, Any] | None:
    tables = [plain.get("trust")]
    if env:
        tables.append(plain.get("env", {}).get(env, {}).get("trust"))
    there = [table for table in tables if table is not None]
    return {key: value for table in there for key, value in table.items()} if there else None


def _check(said: Mapping[str, Any], at: KeyPath, faults: Faults) -> None:
    if said.get("authorities") and not said.get("subjects"):
        what = "`authorities` without `subjects` would take whoever has a certificate of theirs"
        faults.add((*at, "authorities"), Wrong("P105", what, "name them: `subjects = [...]`"))
    if said.get("subjects") and not said.get("authorities"):
        what = "`subjects` without `authorities`: nobody vouches for these names"
        faults.add((*at, "subjects"), Wrong("P105", what, "`authorities = [...]`"))
    if "at_least" in said and not (said.get("keys") or said.get("authorities")):
        wrong = Wrong("P105", "`at_least` without anybody who may sign", "name them: `keys = [...]`")
        faults.add((*at, "at_least"), wrong)
    if said.get("unsigned") is False and not (said.get("keys") or said.get("authorities")):
        wrong = Wrong("P105", "`unsigned = false` without anybody who may sign", "name them: `keys = [...]`")
        faults.add((*at, "unsigned"), wrong)


def _part(said: Mapping[str, Any], folder: Path) -> TrustPart:
    paths = {key: tuple(folder / name for name in said[key]) for key in ("keys", "authorities") if key in said}
    return TrustPart(**{**said, **paths})
