"""`privacy.json` of a bundle: what may be kept of its columns when it is served, and why."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from trimtab.bundle.manifest import canonical
from trimtab.bundle.privacy.kinds import Suggestion
from trimtab.core.errors import Problem, UserError
from trimtab.core.signature import Signature

__all__ = ["PRIVACY", "read_privacy", "write_privacy"]

PRIVACY: Final = "privacy.json"
_FORMAT: Final = 1
_LARGEST: Final = 4 * 2**20  # bytes


class _Column(msgspec.Struct, frozen=True):
    policy: str
    reason: str = ""


class _File(msgspec.Struct, frozen=True):
    format: int
    columns: dict[str, _Column]


def write_privacy(suggestions: Mapping[str, Suggestion], folder: Path) -> None:
    """Write the file into a bundle's folder, the same bytes each time."""
    columns = {name: {"policy": one.policy, "reason": one.reason} for name, one in suggestions.items()}
    (folder / PRIVACY).write_bytes(canonical({"format": _FORMAT, "columns": columns}))


def read_privacy(folder: Path, signature: Signature, *, there: bool) -> dict[str, Suggestion]:
    """What the file in a verified bundle's folder says; what the names mean where the bundle has none.

    there: whether the manifest has the file. UserError P200 for one that cannot be read.
    """
    if not there:
        from trimtab.bundle.privacy.suggest import suggest  # its forms take time to load

        return suggest(signature)
    path = folder / PRIVACY
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise ValueError(f"it has more than {_LARGEST} bytes")  # noqa: TRY301 - one word for all
        plain: Any = msgspec.json.decode(data)
        if isinstance(plain, dict) and plain.get("format") != _FORMAT:
            raise ValueError(f"its format is {plain.get('format')!r:.20}, this trimtab reads {_FORMAT}")  # noqa: TRY301
        found = msgspec.convert(plain, _File)
    except (OSError, msgspec.DecodeError, RecursionError, ValueError) as error:
        what = f"`{PRIVACY}` cannot be read: {error}"
        hint = "package the model again, or use the trimtab that made the bundle"
        raise UserError(Problem("P200", what, str(path), hint)) from None
    return {name: Suggestion(one.policy, one.reason) for name, one in found.columns.items()}
