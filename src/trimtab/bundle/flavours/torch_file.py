"""PyTorch's files: four kinds in the same kind of zip archive, told apart by what lies in it."""

from __future__ import annotations

import io
import json
import pickletools
import re
import zipfile
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from trimtab.bundle.flavours.archives import members
from trimtab.bundle.flavours.skops_file import stored_zip
from trimtab.bundle.flavours.sources import fail, head, seen

__all__ = ["Kind", "kind_of", "without_traces"]

Kind: TypeAlias = Literal["script", "export"]

_HINT: Final = "`torch.export.save(torch.export.export(model, (example,), dynamic_shapes=...), 'model.pt2')`"
_CONSTANTS: Final = re.compile(rb"(?m)(?:^  \w+ : Final\[.*\n)+")
_MANGLED: Final = re.compile(rb"___torch_mangle_(\d+)")
_PLACES: Final = frozenset({"stack_trace", "source_fn_stack"})


def kind_of(path: Path) -> Kind:
    """TorchScript or an exported program; P216 for pickles, which need the code of their classes."""
    start = head(path)
    if start.startswith(b"\x80"):
        raise _refused(path, "a pickle of an old PyTorch")
    if not start.startswith(b"PK\x03\x04"):
        raise seen(path, "a TorchScript file or an exported program (a zip archive)")
    members(path)
    try:
        with zipfile.ZipFile(path) as archive:
            inner = {name.partition("/")[2]: name for name in archive.namelist()}
            if "models/model.json" in inner or "serialized_exported_program.json" in archive.namelist():
                return "export"
            if "constants.pkl" in inner and "data.pkl" in inner:
                return "script"
            pickled = archive.read(inner["data.pkl"]) if "data.pkl" in inner else b""
    except zipfile.BadZipFile as error:
        raise fail("P225", f"`{path.name}` cannot be read: it is cut off or damaged", path) from error
    if not pickled:
        raise fail("P223", f"`{path.name}` is a zip archive, but no model that PyTorch can load alone", path, _HINT)
    raise _refused(path, _pickled(pickled))


def _pickled(data: bytes) -> str:
    """A state dict is made of tensors and standard containers, a pickled module names other classes too."""
    named = [str(value).split(" ") for code, value, _ in pickletools.genops(data) if code.name == "GLOBAL"]
    others = [".".join(parts) for parts in named if parts[0] not in ("collections", "torch", "torch._utils")]
    return f"a pickled module (of class `{others[0]}`)" if others else "a state dict, weights without their model"


def _refused(path: Path, what: str) -> Exception:
    return fail(
        "P216", f"`{path.name}` is {what}, which cannot be loaded without its code", path, f"save it with {_HINT}"
    )


def without_traces(data: bytes) -> bytes:
    """The same model without what tells of the process that wrote it.

    Gone are paths and source lines of its machine, the order that its hash seed gave to constants, the number that its
    count of scripted classes gave to a name, and the clock.
    """
    entries = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if not name.endswith((".debug_pkl", "/.data/serialization_id")):
                entries[name] = _steady(name, archive.read(name))
    return stored_zip(_renumbered(entries))


def _steady(name: str, content: bytes) -> bytes:
    if "/models/" in name and name.endswith(".json"):
        return json.dumps(_bare(json.loads(content)), separators=(",", ":")).encode()
    if name.endswith("/data/sample_inputs/model.pt"):
        return without_traces(content)
    if "/code/" in name and name.endswith(".py"):
        return _CONSTANTS.sub(lambda found: b"".join(sorted(found.group().splitlines(keepends=True))), content)
    return content


def _renumbered(entries: dict[str, bytes]) -> dict[str, bytes]:
    """TorchScript tells classes of one name apart by a count of the whole process; here they count from 0."""
    numbers: dict[bytes, int] = {}

    def renamed(text: bytes) -> bytes:
        return _MANGLED.sub(lambda found: b"___torch_mangle_%d" % numbers.setdefault(found[1], len(numbers)), text)

    return {
        renamed(name.encode()).decode(): renamed(content) if name.endswith((".py", ".pkl")) else content
        for name, content in entries.items()
    }


def _bare(node: Any) -> Any:
    if isinstance(node, list):
        return [_bare(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _bare(value) for key, value in node.items() if key not in _PLACES}
