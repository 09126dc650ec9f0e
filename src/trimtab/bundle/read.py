"""A bundle as it lies in a folder: every file is checked before anything of it is parsed or run."""

from __future__ import annotations

import logging
from collections.abc import Generator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from trimtab.bundle import manifest as manifests
from trimtab.bundle.code.isolate import LocalModules
from trimtab.bundle.contents import MANIFEST, faults_of
from trimtab.bundle.data.compose import Prepare, compose
from trimtab.bundle.engines.costs import Costs
from trimtab.bundle.engines.load import ByRows, predictor_of
from trimtab.bundle.engines.plan import PLAN, Plan, read_plan
from trimtab.bundle.golden import Golden, read_golden
from trimtab.bundle.keeping.leases import Lease
from trimtab.bundle.manifest import FileEntry, Manifest
from trimtab.bundle.predictor import Outputs, Parts, Predictor, parts_of
from trimtab.bundle.privacy.file import PRIVACY, read_privacy
from trimtab.core.collecting import uncollected
from trimtab.core.errors import Problem, UserError
from trimtab.core.signature import Signature
from trimtab.core.table import Table

__all__ = ["MANIFEST", "Bundle", "Form", "find_prepare", "open_bundle", "read_manifest"]

Form: TypeAlias = Literal["best", "compiled", "original"]

_LOG: Final = logging.getLogger("trimtab")


@dataclass(frozen=True, slots=True)
class Bundle:
    """A verified bundle. `digest` is `sha256:<hex>` of the manifest, which names the digest of every file.

    costs: what a call was measured to cost on this machine, where the bundle comes from the store that knows it.
    untried: why it was not loaded when it was received, empty if it was. lease: keeps it in the store while in use.
    """

    folder: Path
    manifest: Manifest
    digest: str
    signature: Signature
    costs: Costs | None = None
    untried: str = ""
    lease: Lease | None = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """The name it was packaged under."""
        return self.manifest.name

    @property
    def plan(self) -> Plan | None:
        """The stages of the compiled form; None for a bundle that has none."""
        return read_plan(self.folder) if PLAN in self.manifest.files else None

    @property
    def inline(self) -> bool:
        """Whether a call runs native code alone, so that it cannot hang or crash by what a user wrote.

        It holds for the compiled form of a bundle without preparation in Python, where its engine is installed, and
        for an ONNX model without preparation.
        """
        plan = self.plan
        if plan is None:
            return self.manifest.flavour == "onnx" and not self.manifest.prepare
        return plan.native and plan.loadable and (self.costs is None or self.costs.original_from is None)

    @property
    def requirements(self) -> str:
        """The file of hashed requirements that serving needs: those of the compiled form if there is one."""
        small = "requirements-compiled.txt"
        return small if small in self.manifest.files else "requirements.txt"

    def load(self, *, alone: bool = False, form: Form = "best") -> Predictor:
        """Import the preparation code and load the model; its modules are seen by nothing but this predictor.

        alone: this process will never run another bundle, so that the modules need not be guarded from others.
        form: the best is the compiled one, which was proved to answer as the original does; where it cannot be loaded
        on this machine, a warning is logged, and it is the original.
        """
        modules = self._modules()
        with uncollected(), modules or nullcontext():
            predictor = self._predictor(form)
        if modules is not None and alone:
            modules.stay()
        if modules is None or alone:
            return predictor
        parts = parts_of(predictor)
        return _Isolated(modules, predictor) if parts is None else _IsolatedParts(modules, predictor, parts)

    def _predictor(self, form: Form) -> Predictor:
        prepare = find_prepare(self.manifest.prepare) if self.manifest.prepare else None
        plan = None if form == "original" else self.plan
        if plan is None:
            return self._original(prepare)
        try:
            compiled = predictor_of(self.folder, plan, self.signature, prepare)
        except (ImportError, OSError) as error:
            if form == "compiled":
                raise
            _LOG.warning("the compiled form of `%s` cannot run here (%s): the original answers", self.name, error)
            return self._original(prepare)
        limit = self.costs.original_from if self.costs and form == "best" else None
        return compiled if limit is None else ByRows(compiled, self._original(prepare), limit)

    def _original(self, prepare: Prepare | None) -> Predictor:
        from trimtab.bundle.flavours import flavour_named

        model = flavour_named(self.manifest.flavour).load(self.folder / "model", self.manifest.options)
        return compose(self.signature, prepare, model)

    def golden(self) -> Golden | None:
        """The golden rows; None if the bundle was packaged without."""
        spec = self.manifest.golden
        return None if spec is None else read_golden(self.folder, self.signature, spec)

    def privacy(self) -> Mapping[str, str]:
        """What may be kept of its columns when it is served: policies by column; those that are not there are kept.

        As packaging found, or as their names suggest in a bundle that was packaged before. UserError P200 for a file
        that cannot be read.
        """
        found = read_privacy(self.folder, self.signature, there=PRIVACY in self.manifest.files)
        return {name: one.policy for name, one in found.items()}

    def _modules(self) -> LocalModules | None:
        code = self.folder / "code"
        if not code.is_dir():
            return None
        modules = LocalModules(code)
        if modules.reserved:
            hint = "give the file another name and package the model again"
            raise UserError(*(Problem("P240", _hides(name), f"code/{name}", hint) for name in modules.reserved))
        return modules


def _hides(name: str) -> str:
    return f"local module `{name}` has the name of a module of the standard library"


@dataclass(frozen=True, slots=True)
class _Isolated:
    """A predictor that runs inside its bundle's modules: user code may import when it is called."""

    modules: LocalModules
    predictor: Predictor

    def __call__(self, table: Table) -> Outputs:
        """Answers for every row of the table."""
        with self.modules:
            return self.predictor(table)


@dataclass(frozen=True, slots=True)
class _IsolatedParts(_Isolated):
    inner: Parts

    def parts(self, table: Table) -> Generator[Outputs, None, None]:
        """Part by part; between two parts the modules are not held."""
        steps = self.inner(table)
        try:
            while True:
                with self.modules:
                    part = next(steps, None)
                if part is None:
                    return
                yield part
        finally:
            with self.modules:
                steps.close()


def find_prepare(name: str) -> Prepare:
    """The function `module:function` names; raises UserError when there is none. Imports the module."""
    module, _, path = name.partition(":")
    try:
        found: Any = import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise  # the module is there, what it imports is not
        raise UserError(Problem("P241", f"there is no module `{module}`", f"prepare = `{name}`")) from None
    for part in path.split("."):
        if not hasattr(found, part):
            raise UserError(Problem("P241", f"module `{module}` has no `{path}`", f"prepare = `{name}`"))
        found = getattr(found, part)
    if not callable(found):
        raise UserError(Problem("P241", f"`{path}` of module `{module}` cannot be called", f"prepare = `{name}`"))
    function: Prepare = found
    return function


def open_bundle(folder: Path, known: Mapping[str, FileEntry] | None = None) -> Bundle:
    """The bundle in the folder, with every digest checked; raises UserError naming all that is wrong with it.

    known: what was read of files while they were written, which is not read again.
    """
    manifest, digest = read_manifest(folder)
    problems = faults_of(folder, manifest, known or {})
    if problems:
        raise UserError(*problems)
    return Bundle(folder, manifest, digest, manifests.signature_of(manifest))


def read_manifest(folder: Path) -> tuple[Manifest, str]:
    """The manifest and its digest, while the files it names are not looked at."""
    path = folder / MANIFEST
    if path.is_symlink() or not path.is_file():
        what = f"no `{MANIFEST}` in `{folder}`" if folder.is_dir() else f"there is no folder `{folder}`"
        raise UserError(Problem("P204", what, str(folder), "a bundle is made by `trimtab package`"))
    with path.open("rb") as file:
        data = file.read(manifests.LARGEST + 1)
    if len(data) > manifests.LARGEST:
        raise UserError(Problem("P204", f"`{MANIFEST}` has more than {manifests.LARGEST} bytes", str(path)))
    manifest = manifests.decode(data)
    return manifest, manifests.digest(manifest)
