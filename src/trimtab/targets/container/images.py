"""The image of a bundle in the engine: found there, fetched, or made; and held against its bundle."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from trimtab.core.deployment import Deployment
from trimtab.core.errors import Problem, RefusedError, UserError
from trimtab.targets.container import commands
from trimtab.targets.container.engine import Engine, must
from trimtab.targets.container.wants import image_of
from trimtab.targets.faults import no_answer
from trimtab.targets.target import Means, Tell

__all__ = ["image_in"]

_LABEL: Final = "trimtab.bundle.digest"  # that `trimtab image` writes
_MACHINES: Final[Mapping[str, str]] = {"x86_64": "amd64", "aarch64": "arm64"}


def image_in(engine: Engine, wanted: Deployment, bundle: str, means: Means, base: str, tell: Tell) -> str:
    """The id of the image; it is fetched where `image` says, else made of the base, where it is not there.

    UserError P522 where there is neither; RefusedError P523 for one of another bundle; OutsideError P502.
    """
    name = image_of(wanted, bundle)
    found = _seen(engine, name)
    if found is None and wanted.image:
        tell("pulling", name)
        must(engine, commands.pull(name))
        found = _seen(engine, name)
    elif found is None and base:
        tell("building", name)
        _build(engine, means, f"{wanted.name}@{bundle}", base, name)
        found = _seen(engine, name)
    if found is None:
        hint = '`image = "REGISTRY/REPO"` in the environment, or `base = "IMAGE"` in its target, of which one is made'
        raise UserError(Problem("P522", f"there is no image `{name}`", f"[env.{wanted.environment}]", hint))
    said = _labels(found).get(_LABEL, "")
    if said != bundle:
        what = (
            f"the image `{name}` is of {f'the bundle `{said[:30]}`' if said else 'no bundle'}, not of `{bundle[:30]}`"
        )
        raise RefusedError(Problem("P523", what, f"[env.{wanted.environment}] image", "`trimtab image` makes one"))
    return str(found["Id"]).removeprefix("sha256:")


def _seen(engine: Engine, name: str) -> Mapping[str, Any] | None:
    done = engine(commands.image_seen(name))
    if done.status:
        return None
    try:
        (found,) = msgspec.json.decode(done.out, type=list[dict[str, Any]])
    except (msgspec.DecodeError, ValueError) as error:
        raise no_answer(f"the engine's answer cannot be read: {error}", "image inspect") from None
    return found


def _labels(found: Mapping[str, Any]) -> Mapping[str, str]:
    return (found.get("Config") or {}).get("Labels") or {}


def _build(engine: Engine, means: Means, reference: str, base: str, name: str) -> None:
    from trimtab.bundle.image.base import pick
    from trimtab.bundle.image.build import Plan, build
    from trimtab.bundle.image.layers import LayerStore
    from trimtab.bundle.image.sources import source_of
    from trimtab.bundle.oci.opening import Terms
    from trimtab.bundle.oci.pack import Content, write_archive
    from trimtab.bundle.store import Store

    machine = os.uname().machine
    architecture = _MACHINES.get(machine, machine)
    bundle = Store(means.store).resolve(reference)
    source, tag, of_base = source_of(base, Terms(os.environ))
    chosen = pick(source, tag, architecture, of_base)
    built = build(bundle, source, chosen, LayerStore(means.store), Plan(architecture))
    with tempfile.TemporaryDirectory(prefix="trimtab-image") as folder:
        file = Path(folder, "image.tar")
        write_archive([Content(built.source, built.descriptor, name)], file)
        must(engine, commands.load(str(file)))
