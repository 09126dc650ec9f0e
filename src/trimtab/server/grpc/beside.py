"""The gRPC listener beside the HTTP one, in a process whose loop owns the data plane."""

from __future__ import annotations

import asyncio
import socket
from importlib.util import find_spec

from trimtab.core.errors import Problem, UserError
from trimtab.server.asking import Asking
from trimtab.server.dataplane import DataPlane
from trimtab.server.grpc.listener import Listening, Place, Tls, listen
from trimtab.server.settings import Settings

__all__ = ["Beside", "can_listen", "open_beside"]


class Beside:
    """An open listener, or none where no port is set; everything on the loop's thread."""

    def __init__(self, listening: Listening | None) -> None:
        """It answers already."""
        self._listening = listening

    async def drain(self, patience_s: float) -> None:
        """Refuse new calls and wait for those that were taken."""
        if self._listening is not None:
            ended = self._listening.stop(patience_s)
            await asyncio.to_thread(ended.wait, patience_s)

    def close(self) -> None:
        """End what is still under way."""
        if self._listening is not None:
            self._listening.stop(0)


def can_listen(settings: Settings) -> None:
    """Raises UserError for a listener that is asked for and cannot be; before any process is forked."""
    if settings.grpc_port is None:
        return
    missing = [package for package in ("grpc", "google.protobuf") if not _installed(package)]
    if missing:
        hint = "`pip install 'trimtab[grpc]'`"
        raise UserError(Problem("P307", f"gRPC needs the package `{missing[0]}`", "trimtab serve", hint))
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        # the processes share the port, and would share it with strangers: so first ask for it alone
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((settings.host, settings.grpc_port))
    except OSError as error:
        hint = f"stop what listens there, or say another one: `--grpc-port {settings.grpc_port + 1}`"
        what = f"cannot listen for gRPC: {(error.strerror or str(error)).lower()}"
        raise UserError(Problem("P304", what, f"{settings.host}:{settings.grpc_port}", hint)) from None


def _installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except (ModuleNotFoundError, ValueError):  # its parent is missing; it stands in sys.modules as None
        return False


def open_beside(plane: DataPlane) -> Beside:
    """The listener that the settings ask for, on the running loop."""
    settings = plane.settings
    if settings.grpc_port is None:
        return Beside(None)
    tls = None
    if settings.tls is not None:
        certificate, key = settings.tls
        tls = Tls(certificate.read_bytes(), key.read_bytes())
    asking = Asking(asyncio.get_running_loop(), plane)
    return Beside(listen(plane, asking, Place(settings.host, settings.grpc_port, tls, reuse_port=True)))
