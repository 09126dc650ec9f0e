"""What `bundle.json` says, and its one canonical form: the digest of a bundle is the digest of these bytes.

Canonical: JSON in UTF-8 with sorted keys, no blanks and one newline at the end, numbers as Python writes them.
No clock, no random id, no path of a machine: the same inputs give the same digest on any host.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, Final

import msgspec
import numpy as np

from trimtab.core.errors import Problem, UserError
from trimtab.core.signature import Signature, field_to_plain, signature_from_plain

__all__ = [
    "FORMAT", "LARGEST", "NAME", "CodeSpec", "FileEntry", "GoldenSpec", "Manifest", "Source", "canonical", "decode",
    "digest", "encode", "signature_of", "signature_to_plain",
]  # fmt: skip

FORMAT: Final = 1
LARGEST: Final = 4 * 2**20  # bytes; registries and archives carry it as a document
NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_CALLABLE: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")
_HEX: Final = re.compile(r"[0-9a-f]{64}")


class FileEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Digest (64 hexadecimal digits) and size in bytes of one file."""

    sha256: str
    size: int


class GoldenSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Golden rows: how many, and the tolerances their replay is held to."""

    rows: int
    rtol: float
    atol: float


class CodeSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The preparation code: local modules by dotted name, and their files below `code/`."""

    modules: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the model came from: commit, uncommitted changes, digests of the data, training metrics."""

    commit: str = ""
    dirty: bool = False
    data: dict[str, str] = {}
    metrics: dict[str, Any] = {}


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything a bundle says of itself; `files` names every file of the folder but `bundle.json`.

    prepare is "module:function" or empty; lock is the SHA-256 of `requirements.txt` or empty; signature is the plain
    form of `signature_to_plain`; options are what the flavour's `save` returned.
    """

    name: str
    flavour: str
    signature: dict[str, Any]
    files: dict[str, FileEntry]
    format: int = FORMAT
    options: dict[str, Any] = {}
    prepare: str = ""
    golden: GoldenSpec | None = None
    code: CodeSpec = CodeSpec()
    lock: str = ""
    python: str = ""
    source: Source = Source()
    serving: dict[str, Any] = {}


class _Head(msgspec.Struct):
    format: int


def canonical(plain: Any) -> bytes:
    """The canonical bytes of JSON-ready values; raises ValueError for NaN, infinity and text that is no Unicode."""
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


def encode(manifest: Manifest) -> bytes:
    """The bytes of `bundle.json`; raises UserError for a manifest that `decode` would refuse."""
    _refuse(_faults(manifest))
    try:
        return canonical(msgspec.to_builtins(manifest))
    except (ValueError, RecursionError) as error:
        raise _invalid(str(error), "bundle.json") from None


def digest(manifest: Manifest) -> str:
    """The bundle's name among all bundles: `sha256:` and 64 hexadecimal digits."""
    return f"sha256:{hashlib.sha256(encode(manifest)).hexdigest()}"


def decode(data: bytes) -> Manifest:
    """The manifest of canonical bytes; raises UserError naming the place of whatever is wrong."""
    try:
        head = msgspec.json.decode(data, type=_Head)
        if head.format != FORMAT:
            raise UserError(
                Problem(
                    "P202",
                    f"format {head.format} is unknown, this trimtab reads format {FORMAT}",
                    "bundle.json `format`",
                    "package the model again, or use the trimtab that made the bundle",
                )
            )
        manifest = msgspec.json.decode(data, type=Manifest)
    except RecursionError:
        raise _invalid("the JSON is nested too deeply", "bundle.json") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        what, _, place = str(error).partition(" - at ")
        raise _invalid(what[:1].lower() + what[1:], f"bundle.json {place}".strip()) from None
    if encode(manifest) != data:
        what = "the JSON is not in canonical form (sorted keys, no blanks, one newline at the end)"
        hint = "`bundle.json` is written by `trimtab package`, never by hand"
        raise UserError(Problem("P203", what, "bundle.json", hint))
    return manifest


def signature_of(manifest: Manifest) -> Signature:
    """The signature as a value; raises UserError where its plain form is none."""
    try:
        msgspec.convert(manifest.signature, Signature)
        return signature_from_plain(manifest.signature)
    except (msgspec.ValidationError, ValueError, TypeError, KeyError) as error:
        what, _, place = str(error).partition(" - at ")
        place = place.strip("`").removeprefix("$")
        raise _invalid(what[:1].lower() + what[1:], f"bundle.json `$.signature{place}`") from None


def signature_to_plain(signature: Signature) -> dict[str, Any]:
    """The JSON-ready form of a signature, the inverse of `signature_from_plain`; numpy's scalars become Python's."""
    return {
        "inputs": [_builtin(field_to_plain(field)) for field in signature.inputs],
        "outputs": [_builtin(field_to_plain(field)) for field in signature.outputs],
        "container": signature.container,
    }


def _builtin(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _builtin(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_builtin(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def _faults(manifest: Manifest) -> list[Problem]:
    """All that types cannot say."""
    found: list[Problem] = []

    def need(holds: object, what: str, place: str) -> None:
        if not holds:
            found.append(Problem("P201", what, f"bundle.json `{place}`"))

    need(NAME.fullmatch(manifest.name), f"name `{manifest.name}` is not {NAME.pattern}", "$.name")
    need(manifest.flavour, "flavour is empty", "$.flavour")
    prepare = manifest.prepare
    need(not prepare or _CALLABLE.fullmatch(prepare), f"`{prepare}` is not `module:function`", "$.prepare")
    need(not manifest.lock or _HEX.fullmatch(manifest.lock), f"`{manifest.lock}` is no SHA-256", "$.lock")
    need("bundle.json" not in manifest.files, "`bundle.json` cannot name its own digest", "$.files")
    if (file := manifest.options.get("file")) is not None:  # a flavour loads it, so its digest must have been checked
        need(f"model/{file}" in manifest.files, f"`{file}` is no file of `model/`", "$.options.file")
    for name, entry in manifest.files.items():
        need(_HEX.fullmatch(entry.sha256), f"`{entry.sha256}` is no SHA-256", f"$.files[{name}].sha256")
        need(entry.size >= 0, f"size {entry.size} is negative", f"$.files[{name}].size")
    try:
        signature_of(manifest)
    except UserError as error:
        found += error.problems
    return found


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise UserError(*problems)


def _invalid(what: str, where: str) -> UserError:
    return UserError(Problem("P201", what, where))
