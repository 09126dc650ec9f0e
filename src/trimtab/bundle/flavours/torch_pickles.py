"""The pickles inside an exported program: torch reads them with restrictions first, and without if that fails.

So what needs code is looked for before: a member that torch could unpickle must be one that needs no code.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any, Final

from trimtab.bundle.flavours.archives import members
from trimtab.bundle.flavours.sources import fail, framework

__all__ = ["refuse_code"]

_PLAIN: Final = (
    "archive_format", "archive_version", "byteorder", "version", ".data/version", ".data/serialization_id", ".json",
)  # fmt: skip
_CONFIGS: Final = ("weights_config.json", "constants_config.json")
_NOT_READ: Final = ("extra",)


def refuse_code(path: Path) -> None:
    """P223 when something in the archive could run code as it is loaded: a pickle of more than tensors, a library."""
    names = [info.filename for info in members(path) if not info.is_dir()]
    with zipfile.ZipFile(path) as archive:
        raw = _raw(archive, names, path)
        for name in names:
            inner = name.partition("/")[2] or name
            if name in raw or inner.endswith(_PLAIN) or inner.partition("/")[0] in _NOT_READ:
                continue
            if not _is_harmless(archive.read(name)):
                what = f"`{path.name}` holds `{inner}`, which is more than tensors and could run code when it is loaded"
                raise fail("P223", what, path, "export the model again without custom objects and compiled parts")


def _raw(archive: zipfile.ZipFile, names: list[str], path: Path) -> set[str]:
    """The members that are the bytes of one tensor, as their config says, and so are read as nothing else."""
    found: set[str] = set()
    for name in names:
        if not name.endswith(_CONFIGS):
            continue
        try:
            config = json.loads(archive.read(name))["config"]
            plain = [entry["path_name"] for entry in config.values() if not entry["use_pickle"]]
            pickled = [entry["path_name"] for entry in config.values() if entry["use_pickle"]]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise fail("P225", f"`{path.name}` cannot be read: `{name}` makes no sense", path) from error
        folder = name.rpartition("/")[0]
        found.update(f"{folder}/{one}" for one in plain if one not in pickled)
    return found


def _is_harmless(data: bytes) -> bool:
    torch: Any = framework("torch")
    try:
        torch.load(io.BytesIO(data), weights_only=True, map_location="cpu")
    except Exception:  # noqa: BLE001  # it refuses in many ways
        return False
    return True
