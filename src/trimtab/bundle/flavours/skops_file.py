"""A skops file that is the same, byte for byte, each time the same model is written.

skops names objects by their address in memory and stamps its archive with the clock; here objects are numbered by first
appearance, sets are sorted, bytes between
fields are zero, and every entry is stored with one fixed time.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from trimtab.bundle.flavours.tables import without_padding

__all__ = ["content", "steady", "stored_zip"]


def stored_zip(entries: dict[str, bytes]) -> bytes:
    """A zip archive of the entries in their order: not deflated, no clock, no user."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in entries.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, data)
    return buffer.getvalue()


def steady(dumped: bytes) -> bytes:
    """The same model as `dumped` (from `skops.io.dumps`), without addresses, clock and chance."""
    files, schema = _read(dumped)
    numbering = _Numbering()
    schema = numbering.renamed(_sorted_sets(schema))
    text = json.dumps(schema, separators=(",", ":")).encode()
    return stored_zip({"schema.json": text, **{new: files[old] for old, new in numbering.files.items()}})


def content(dumped: bytes) -> str:
    """The digest of what a skops dump holds, whichever of its equal parts are one object in memory."""
    files, schema = _read(dumped)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return hashlib.sha256(json.dumps(_without_ids(_sorted_sets(schema), digests)).encode()).hexdigest()


def _read(dumped: bytes) -> tuple[dict[str, bytes], Any]:
    with zipfile.ZipFile(io.BytesIO(dumped)) as archive:
        files = {name: _file(name, archive.read(name)) for name in archive.namelist()}
    return files, json.loads(files.pop("schema.json"))


def _file(name: str, data: bytes) -> bytes:
    if not name.endswith(".npy"):
        return data
    array = np.load(io.BytesIO(data), allow_pickle=False)
    if array.dtype.names is None:
        return data
    buffer = io.BytesIO()
    np.save(buffer, without_padding(array), allow_pickle=False)
    return buffer.getvalue()


def _sorted_sets(node: Any) -> Any:
    """The schema with the members of every set in the order of their values, which no hash seed changes."""
    if isinstance(node, list):
        return [_sorted_sets(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: _sorted_sets(value) for key, value in node.items()}
    if node.get("__loader__") == "SetNode" and isinstance(node.get("content"), list):
        node["content"] = sorted(node["content"], key=lambda member: json.dumps(_without_ids(member, {})))
    return node


def _without_ids(node: Any, digests: dict[str, str]) -> Any:
    """The schema with the digest of each file in the place of its name, and no addresses."""
    if isinstance(node, list):
        return [_without_ids(item, digests) for item in node]
    if not isinstance(node, dict):
        return digests.get(node, node) if isinstance(node, str) else node
    return {key: _without_ids(value, digests) for key, value in node.items() if not _is_id(key, value)}


def _is_id(key: str, value: Any) -> bool:
    # the value under a user's own key of that name would be a node, never a number
    return key == "__id__" and isinstance(value, int)


@dataclass
class _Numbering:
    """Numbers of objects and names of files in the order in which a walk through the schema meets them."""

    ids: dict[Any, int] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def renamed(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self.renamed(item) for item in node]
        if not isinstance(node, dict):
            return node
        if _is_id("__id__", node.get("__id__")):
            node = {**node, "__id__": self._number(node)}
        if isinstance(node.get("file"), str):
            suffix = node["file"].rpartition(".")[2]
            node = {**node, "file": self.files.setdefault(node["file"], f"{len(self.files)}.{suffix}")}
        return {key: self.renamed(value) for key, value in node.items()}

    def _number(self, node: dict[str, Any]) -> int:
        # plain values are immutable: whether two equal ones share an address is chance, so their value names them
        plain = node.get("__loader__") == "JsonNode"
        key = ("value", str(node.get("content"))) if plain else node["__id__"]
        return self.ids.setdefault(key, len(self.ids) + 1)
