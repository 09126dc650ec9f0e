"""The image that a bundle's image stands on: layers are taken as they are, Python is found without running it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from trimtab.bundle.image.scan import Found, LayerError, scan
from trimtab.bundle.oci.blobs import Source, read_document, verified
from trimtab.bundle.oci.spec import CONFIG, GZIP_LAYER, INDEX, MANIFEST, Descriptor, decode_index, decode_manifest
from trimtab.core.errors import Problem, UserError

__all__ = ["Base", "Facts", "Image", "facts_of", "pick"]

_PLAIN_LAYER: Final = "application/vnd.oci.image.layer.v1.tar"
_TYPES: Final = {  # Docker's older names, and the standard's for the same bytes
    "application/vnd.docker.distribution.manifest.list.v2+json": INDEX,
    "application/vnd.docker.distribution.manifest.v2+json": MANIFEST,
    "application/vnd.docker.container.image.v1+json": CONFIG,
    "application/vnd.docker.image.rootfs.diff.tar.gzip": GZIP_LAYER,
    "application/vnd.docker.image.rootfs.diff.tar": _PLAIN_LAYER,
}
_OLDEST_GLIBC: Final = 17  # of manylinux2014; older ones have no wheels


class Root(msgspec.Struct, frozen=True):
    """`rootfs` of an image's config."""

    diff_ids: tuple[str, ...]
    type: str = "layers"


class Image(msgspec.Struct, frozen=True, omit_defaults=True):
    """The config of an image, as far as one that stands on it must know; OCI image specification 1.1."""

    architecture: str
    os: str
    rootfs: Root
    config: dict[str, Any] = {}
    variant: str = ""
    history: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Base:
    """A base for one platform; `name` is the reference in a registry, or empty for one of this machine."""

    descriptor: Descriptor
    layers: tuple[Descriptor, ...]
    image: Image
    name: str = ""


class Facts(msgspec.Struct, frozen=True):
    """What the layers of a base show: interpreters by path, with their machine; the minor version of glibc 2."""

    pythons: dict[str, str]
    glibc: int
    musl: bool

    def python(self, version: str, machine: str, where: str) -> str:
        """The path of the interpreter of that version, `3.11`; UserError P274 where the base is of no use."""
        wanted = [path for path in sorted(self.pythons, reverse=True) if path.endswith(f"/python{version}")]
        if not wanted:
            known = ", ".join(f"`{path}`" for path in sorted(self.pythons)) or "no Python at all"
            what = f"the base has no Python {version}, which the bundle was proved with: it has {known}"
            raise UserError(Problem("P274", what, where, f"name a base with `/usr/bin/python{version}`: `--base`"))
        if self.musl or self.glibc < _OLDEST_GLIBC:
            what = "the base has no GNU C library that locked wheels could run with"
            raise UserError(Problem("P274", what, where, "name a base on Debian, Ubuntu or the like: `--base`"))
        path = next((path for path in wanted if "/local/" in f"/{path}"), wanted[0])
        if self.pythons[path] not in ("", machine):
            what = f"`/{path}` of the base is for {self.pythons[path]}, not for {machine}"
            raise UserError(Problem("P274", what, where, "its config says another architecture than its files"))
        return f"/{path}"


def pick(source: Source, reference: str, architecture: str, name: str = "") -> Base:
    """The base for linux on that architecture; UserError P273 where there is none. reference: for `Source.resolve`."""
    descriptor = _standard(source.resolve(reference))
    if descriptor.media_type == INDEX:
        entries = decode_index(read_document(source, descriptor), descriptor.digest).manifests
        descriptor = _entry(entries, architecture, name or descriptor.digest)
    manifest = decode_manifest(read_document(source, descriptor), descriptor.digest)
    try:
        image = msgspec.json.decode(read_document(source, manifest.config), type=Image)
    except msgspec.DecodeError as error:
        raise _no_base(f"its config is none of an image: {error}", name or descriptor.digest) from None
    if (image.os, image.architecture) != ("linux", architecture):
        what = f"it is for {image.os}/{image.architecture}, not for linux/{architecture}"
        raise _no_base(what, name or descriptor.digest, f"`--arch {image.architecture}`, or another `--base`")
    if len(image.rootfs.diff_ids) != len(manifest.layers):
        what = f"its config names {len(image.rootfs.diff_ids)} layers, its manifest {len(manifest.layers)}"
        raise _no_base(what, name or descriptor.digest)
    layers = tuple(
        Descriptor(_TYPES.get(one.media_type, one.media_type), one.digest, one.size) for one in manifest.layers
    )
    return Base(msgspec.structs.replace(descriptor, platform=None, annotations={}), layers, image, name)


def _entry(entries: tuple[Descriptor, ...], architecture: str, where: str) -> Descriptor:
    of_linux = {one.platform.architecture: one for one in entries if one.platform and one.platform.os == "linux"}
    if architecture not in of_linux:
        known = ", ".join(f"`{name}`" for name in sorted(of_linux)) or "none"
        raise _no_base(f"it has no manifest for linux/{architecture}: it has {known}", where)
    return _standard(of_linux[architecture])


def _standard(descriptor: Descriptor) -> Descriptor:
    return msgspec.structs.replace(
        descriptor, media_type=_TYPES.get(descriptor.media_type, descriptor.media_type), annotations={}
    )


def facts_of(source: Source, base: Base) -> Facts:
    """Read all layers, verified on the way; UserError P273 for one that is not what the base's config says."""
    found = Found()
    for layer, expected in zip(base.layers, base.image.rootfs.diff_ids, strict=True):
        try:
            diff_id = scan(verified(layer, source.read(layer)), found)
        except LayerError as error:
            raise _no_base(f"its layer `{layer.digest}` cannot be read: {error}", base.descriptor.digest) from None
        if diff_id != expected:
            what = f"its layer `{layer.digest}` unpacks to `{diff_id}`, its config says `{expected[:100]}`"
            raise _no_base(what, base.descriptor.digest)
    return Facts(found.pythons, found.glibc, found.musl)


def environment_of(image: Image) -> Mapping[str, str]:
    """The variables that the base sets."""
    listed = image.config.get("Env") or ()
    return dict(str(one).split("=", 1) for one in listed if re.match(r"[A-Za-z_]\w*=", str(one)))


def _no_base(what: str, where: str, hint: str = "") -> UserError:
    return UserError(Problem("P273", f"this is no base for the image: {what}", where, hint))
