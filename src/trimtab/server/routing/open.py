"""Who may reach the control plane of a router."""

from __future__ import annotations

from trimtab.core.errors import Problem, UserError
from trimtab.core.hosts import is_loopback
from trimtab.server.routing.routes import Routes

__all__ = ["must_be_guarded"]


def must_be_guarded(routes: Routes) -> None:
    """UserError P386 where other machines reach it and need not show a token, or show it in the open."""
    host, place = routes.control[0], f"{routes.file.name} control"
    if is_loopback(host):
        return
    if not routes.token:
        what = f"`{host}` is reached by other machines, and this control plane asks nobody who they are"
        raise UserError(Problem("P386", what, place, '`token = "env:NAME"` or `"file:PATH"`; or 127.0.0.1'))
    if routes.tls is None and not routes.insecure:
        what = f"`{host}` is reached by other machines, and the token would travel in the open"
        raise UserError(Problem("P386", what, place, "`tls_cert` and `tls_key`, or `insecure = true`"))
