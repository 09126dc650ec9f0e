"""Makes the image of a bundle: base, libraries, trimtab, settings, model; and hands it to whoever keeps it."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from trimtab import __version__
from trimtab.bundle.image.base import Base, Facts, environment_of, facts_of
from trimtab.bundle.image.bytecode import compile_modules, compiler_name
from trimtab.bundle.image.config import (
    CREATED,
    HOME,
    Running,
    config_of,
    interpreter,
    manifest_of,
    platform_of,
    running_of,
    site,
)
from trimtab.bundle.image.containerfile import checked_word
from trimtab.bundle.image.layers import Layer, LayerStore
from trimtab.bundle.image.own import copy_package, package_digest
from trimtab.bundle.image.pins import pins_for, pins_of_bundle
from trimtab.bundle.image.tarball import Member, members_of
from trimtab.bundle.image.wheels import download, no_strangers, platforms, unpack, uv_platform
from trimtab.bundle.lock.resolve import resolve_pins
from trimtab.bundle.lock.text import Pin, render_lock
from trimtab.bundle.oci.blobs import Copied, Sink, Source, copy
from trimtab.bundle.oci.layout import Layout
from trimtab.bundle.oci.spec import CONFIG, MANIFEST, Descriptor, described
from trimtab.bundle.read import Bundle
from trimtab.bundle.trust.origin import Record, record_file
from trimtab.core.errors import Problem, UserError

__all__ = ["Built", "Plan", "build", "deliver"]

_READ_ONLY: Final = (0o444, 0o555)  # files and folders of the bundle


@dataclass(frozen=True, slots=True)
class Plan:
    """What is wanted beside the bundle and its base.

    settings: the text of a trimtab.toml that the server in the image reads, or empty; ports: HTTP first. cross: a C
    compiler for the architecture. project: where the settings of uv are looked for. created: as in RFC 3339.
    """

    architecture: str
    settings: str = ""
    ports: tuple[int, ...] = (8080,)
    labels: Mapping[str, str] = field(default_factory=dict)
    cross: str = ""
    created: str = CREATED
    project: Path = field(default_factory=Path.cwd)


@dataclass(frozen=True, slots=True)
class Built:
    """An image that is complete: its layers above the base, config and manifest, and where their content is."""

    base: Base
    layers: tuple[Layer, ...]
    running: Running
    descriptor: Descriptor
    source: Source

    @property
    def size(self) -> int:
        """Bytes of all layers as they travel."""
        return sum(one.size for one in self.base.layers) + sum(one.descriptor.size for one in self.layers)


def build(bundle: Bundle, base_source: Source, base: Base, store: LayerStore, plan: Plan) -> Built:
    """The image; what was built before is taken from the store. Raises P273-P279 of what is wrong."""
    version = _python_of(bundle)
    facts = _facts(base_source, base, store)
    python = facts.python(version, plan.architecture, base.name or base.descriptor.digest)
    resolve = partial(resolve_pins, root=plan.project, platform=uv_platform(plan.architecture, facts.glibc))
    pins = pins_for(pins_of_bundle(bundle), store.folder / "pins" / plan.architecture, resolve)
    labels = {**_labels(bundle, base, pins), **{key: checked_word(value) for key, value in plan.labels.items()}}
    running = running_of(version, bundle.name, plan.ports, environment_of(base.image), labels)
    layers = [
        _libraries(store, pins, plan, facts, version),
        _own(store, plan, facts, (python, version)),
        *([_settings(store, plan.settings)] if plan.settings else []),
        _model(store, bundle),
    ]
    config = config_of(base, layers, running, plan.created)
    notes = {name: labels[name] for name in labels if name.startswith("org.opencontainers.image.")}
    manifest = manifest_of(base, layers, config, notes)
    _keep(store.blobs, config, CONFIG)
    descriptor = msgspec.structs.replace(_keep(store.blobs, manifest, MANIFEST), platform=platform_of(base.image))
    return Built(base, tuple(layers), running, descriptor, _Both(store.blobs, base_source))


def deliver(built: Built, sink: Sink, tag: str) -> Copied:
    """Move the image into a sink under that tag; what is there already does not travel."""
    return copy(built.source, built.descriptor, sink, tag)


def _python_of(bundle: Bundle) -> str:
    """The minor version that the bundle was proved with; it must be this one, which compiles and knows the hashes."""
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    wanted = bundle.manifest.python or here
    if wanted != here:
        what = f"bundle `{bundle.name}` was proved with Python {wanted}, this is Python {here}"
        raise UserError(Problem("P274", what, bundle.digest, f"run trimtab in an environment of Python {wanted}"))
    return wanted


def _facts(source: Source, base: Base, store: LayerStore) -> Facts:
    """What the base holds; it is read once."""
    key = base.descriptor.digest.removeprefix("sha256:")
    facts = store.recall("bases", key, Facts)
    if facts is None:
        facts = facts_of(source, base)
        store.remember("bases", key, facts)
    return facts


def _labels(bundle: Bundle, base: Base, pins: list[Pin]) -> dict[str, str]:
    """What is known of the image, all of it by content; no clock and no place of this machine."""
    source = bundle.manifest.source
    said = {
        "org.opencontainers.image.title": bundle.name,
        "org.opencontainers.image.version": bundle.digest.removeprefix("sha256:")[:12],
        "org.opencontainers.image.revision": checked_word(source.commit) + ("-dirty" if source.dirty else ""),
        "org.opencontainers.image.base.name": base.name,
        "org.opencontainers.image.base.digest": base.descriptor.digest,
        "trimtab.bundle.digest": bundle.digest,
        "trimtab.bundle.flavour": checked_word(bundle.manifest.flavour),
        "trimtab.requirements.digest": _digest_of(pins),
        "trimtab.version": __version__,
    }
    return {key: value for key, value in said.items() if value}


def _digest_of(pins: list[Pin]) -> str:
    """Of names and versions alone: which hashes are known of a version depends on where one looks."""
    text = "".join(f"{pin.name}=={pin.version}\n" for pin in pins)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _libraries(store: LayerStore, pins: list[Pin], plan: Plan, facts: Facts, version: str) -> Layer:
    def make(work: Path) -> tuple[list[Member], tuple[str, ...]]:
        target = work / "tree"
        target.mkdir()
        unpack(download(pins, work, plan.architecture, facts.glibc, version), target)
        no_strangers(target, plan.architecture)
        compile_modules(target, site(version))
        return members_of(target, site(version)[1:]), ()

    wanted = platforms(plan.architecture, facts.glibc)
    return store.layer("libraries", [render_lock(pins), wanted, site(version), compiler_name()], make)


def _own(store: LayerStore, plan: Plan, facts: Facts, python: tuple[str, str]) -> Layer:
    """trimtab, and what makes the folder a virtual environment of the base's interpreter."""
    path, version = python

    def make(work: Path) -> tuple[list[Member], tuple[str, ...]]:
        notes = copy_package(work, plan.architecture, facts.glibc, plan.cross)
        compile_modules(work, site(version))
        link = interpreter(version)[1:]
        text = f"home = {PurePosixPath(path).parent}\ninclude-system-site-packages = false\n"
        environment = [
            Member(f"{HOME[1:]}/pyvenv.cfg", text.encode(), 0o644),
            Member(str(PurePosixPath(link).parent), None, 0o755),
            Member(link, path),
            *(Member(f"{HOME[1:]}/bin/{name}", PurePosixPath(link).name) for name in ("python", "python3")),
        ]
        return [*members_of(work, site(version)[1:]), *environment], notes

    inputs = [package_digest(), plan.architecture, facts.glibc, plan.cross, compiler_name(), path, site(version)]
    return store.layer("trimtab", inputs, make)


def _settings(store: LayerStore, text: str) -> Layer:
    members = [*_folders(HOME[1:]), Member(f"{HOME[1:]}/trimtab.toml", text.encode(), 0o444)]
    return store.layer("settings", text, lambda _: (members, ()))


def _model(store: LayerStore, bundle: Bundle) -> Layer:
    files, folders = _READ_ONLY
    place = f"models/{bundle.name}"

    # the store of the image, where the server looks for it, knows that this bundle was let in when it was built
    name, record = record_file(bundle.digest, Record("packaged"))
    store_place = f"{HOME[1:]}/.trimtab/{name}"

    def make(_: Path) -> tuple[list[Member], tuple[str, ...]]:
        found = members_of(bundle.folder, place, file_mode=files, folder_mode=folders)
        above = _folders(str(PurePosixPath(store_place).parent))
        return [*found, *above, Member(store_place, record, files)], ()

    return store.layer("model", [place, bundle.digest, store_place, record.decode()], make)


def _folders(place: str) -> Iterator[Member]:
    parts = place.split("/")
    return (Member("/".join(parts[: end + 1]), None, 0o755) for end in range(len(parts)))


def _keep(blobs: Layout, data: bytes, media_type: str) -> Descriptor:
    descriptor = described(data, media_type)
    if not blobs.has(descriptor):
        blobs.write(descriptor, [data])
    return descriptor


class _Both:
    """What was made here, else what the base has."""

    def __init__(self, made: Layout, base: Source) -> None:
        self._made = made
        self._base = base

    def resolve(self, reference: str) -> Descriptor:
        """As `Source`; nothing here has a name."""
        return self._base.resolve(reference)

    def read(self, descriptor: Descriptor) -> Iterator[bytes]:
        """As `Source`."""
        return (self._made if self._made.has(descriptor) else self._base).read(descriptor)
