"""The target `local`: each endpoint is a server of its own on this machine, which outlives whoever started it.

A new bundle is taken on by the server that runs; for other settings a new server is given its listening sockets, and
the old one leaves when the new one is ready. Either way no request fails, and what is no good changes nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from trimtab.bundle.manifest import NAME
from trimtab.bundle.store import Store
from trimtab.core.deployment import Deployment
from trimtab.core.errors import Problem, UserError
from trimtab.targets.faults import no_answer
from trimtab.targets.honour import must_honour
from trimtab.targets.local.apply import Applying
from trimtab.targets.local.files import Files, alias_of
from trimtab.targets.local.leave import end_of
from trimtab.targets.local.place import Place
from trimtab.targets.local.status import status_of
from trimtab.targets.options import Option, checked
from trimtab.targets.target import Means, Rendered, Status, Tell

__all__ = ["LocalTarget", "local_target"]

_HONOURS: Final = frozenset({"challenger", "host", "port", "server", "variables", "secrets", "timeout_s"})
_OPTIONS: Final = {"insecure": Option(bool, default=False), "patience": Option(float, 120.0)}
_LOOPBACK: Final = "127.0.0.1"


def local_target(options: Mapping[str, Any], means: Means) -> LocalTarget:
    """insecure: see `trimtab serve`; patience: seconds for a server to become ready. UserError P504."""
    said = checked("local", options, _OPTIONS)
    return LocalTarget(means, insecure=said["insecure"], patience_s=said["patience"])


@dataclass(frozen=True)
class LocalTarget:
    """Every endpoint has a folder `local/ENVIRONMENT/NAME` below that of the means, with its files and its log."""

    means: Means
    insecure: bool = False
    patience_s: float = 120.0
    python: str = sys.executable
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @property
    def honours(self) -> frozenset[str]:
        """See `Target`."""
        return _HONOURS

    def place(self, name: str, environment: str) -> Place:
        """Where an endpoint is kept. UserError P505 for a name that is none."""
        for word in (name, environment):
            if not NAME.fullmatch(word):
                raise UserError(Problem("P505", f"`{word[:100]}` is not {NAME.pattern}", f"[env.{environment[:100]}]"))
        return Place(self.means.folder.absolute() / "local" / environment / name)

    def _files(self, wanted: Deployment) -> Files:
        folder = self.place(wanted.name, wanted.environment).folder
        return Files(self.python, self.means.store.absolute(), folder, self.means.root.absolute(), self.insecure)

    def render(self, wanted: Deployment) -> Rendered:
        """See `Target`: settings and units; UserError P505 for what this target has no form for."""
        must_honour(wanted, _HONOURS, "local")
        where = f"[env.{wanted.environment}]"
        if wanted.challenger and not wanted.server.get("admin"):
            hint = f"`server = {{ admin = 8090 }}` in {where}"
            raise UserError(Problem("P505", "a challenger is flown through the control plane: no `admin`", where, hint))
        try:
            files = self._files(wanted).all(wanted)
        except ValueError as error:
            raise UserError(Problem("P505", f"the deployment cannot be written down: {error}", where)) from None
        return Rendered({f"local/{wanted.environment}/{wanted.name}/{name}": text for name, text in files.items()})

    def apply(self, wanted: Deployment, tell: Tell) -> Status:
        """See `Target`. UserError P505 for a bundle of another name, P506 for each secret that cannot be had."""
        self.render(wanted)
        place = self.place(wanted.name, wanted.environment)
        with _on_disk(place.folder):
            with place.locked(self.patience_s):
                store = Store(self.means.store)
                Applying(place, self._files(wanted), store, tell, self.environ, self.patience_s).bring(wanted)
            return self.status(wanted.name, wanted.environment)

    def status(self, name: str, environment: str) -> Status:
        """See `Target`: asked of the server itself."""
        place = self.place(name, environment)
        with _on_disk(place.folder):
            live = place.live
            files = self._files(live).all(live) if live is not None else {}
            return status_of(place, name, Store(self.means.store), alias_of(environment), files)

    def remove(self, name: str, environment: str) -> None:
        """See `Target`. What the endpoint's journal has is kept. A unit of systemd is to be disabled first."""
        place = self.place(name, environment)
        with _on_disk(place.folder):
            if not place.folder.exists():
                return
            with place.locked(self.patience_s):
                for seat in (place.coming, place.seat, place.leaving):
                    end_of(seat, self.patience_s)
                Store(self.means.store).untag(name, alias_of(environment))
                place.clear()


@contextmanager
def _on_disk(folder: Path) -> Iterator[None]:
    """What the system refuses is OutsideError P502."""
    try:
        yield
    except OSError as error:
        what = f"this machine says no: {error.strerror or error}"
        raise no_answer(what, error.filename if isinstance(error.filename, str) else str(folder)) from error
