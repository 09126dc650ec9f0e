"""Which champion counts: the one of the routes file or the one that was promoted. Pure.

Versions of the file grow. What was promoted while a version was in force stays promoted until a greater version is
taken; its champion counts then. A version that was passed is never taken again, and no version means two things.

file beside what is in force     what becomes of it
greater                          its champion answers, once that is well
the same, and it says the same   nothing: it is in force, and what was promoted since stays so
the same, and it says otherwise  refused: whoever wrote it has forgotten to make the version grow
smaller                          refused: somebody else wrote a newer one
"""

from __future__ import annotations

from dataclasses import replace

import msgspec

from trimtab.core.errors import Problem, UserError
from trimtab.server.routing.routes import FIXED, Routes

__all__ = ["State", "beginning", "is_new", "must_stay", "taken"]


class State(msgspec.Struct, frozen=True):
    """What is in force. version, print: of the file. flight: that promoted the champion; empty: the file named it."""

    version: int
    print: str
    champion: str
    flight: str = ""


def taken(routes: Routes) -> State:
    """The state once this file is in force."""
    return State(routes.version, routes.print, routes.champion)


def is_new(state: State, routes: Routes) -> bool:
    """Whether the file is to be taken; UserError P382 where its version says that it must not be."""
    if routes.version > state.version:
        return True
    place, least = str(routes.file), state.version + 1
    if routes.version < state.version:
        what = f"the file has version {routes.version}, and {state.version} is in force"
        raise UserError(Problem("P382", what, place, f"look what wrote the newer one; then `version = {least}`"))
    if routes.print != state.print:
        what = f"the file has changed, and its version is still {routes.version}"
        raise UserError(Problem("P382", what, place, f"`version = {least}`"))
    return False


def must_stay(before: Routes, routes: Routes) -> None:
    """UserError P382 for each key that a running router cannot change."""
    changed = [key for key in FIXED if getattr(before, key) != getattr(routes, key)]
    if changed:
        hint = "leave it as it was, or stop the router and start another one"
        whats = (f"`{key}` cannot change while the router runs" for key in changed)
        raise UserError(*(Problem("P382", what, str(routes.file), hint) for what in whats))


def beginning(routes: Routes, state: State | None) -> tuple[Routes, State]:
    """What a router that is started now begins with.

    state: what the one before has left. Where its champion is still there, it answers until the file's is well: the
    file is then taken as any that is newer.
    """
    if state is None:
        return routes, taken(routes)
    new = is_new(state, routes)
    if state.champion not in routes.backends:
        return routes, taken(routes)
    if new and state.champion == routes.champion:
        return routes, taken(routes)
    return replace(routes, version=state.version, print=state.print, champion=state.champion), state
