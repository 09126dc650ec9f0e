"""A repository in memory, and as a program a control plane over it: prints its address, ends when its input does."""

import sys
from dataclasses import dataclass, field

from trimtab.core.errors import Problem, UserError
from trimtab.server.admin import Control, Entry
from trimtab.server.admin_listener import can_control, open_admin
from trimtab.server.faults import refused
from trimtab.server.guard.make import open_guard
from trimtab.server.logs import to_stderr
from trimtab.server.settings import Settings


@dataclass
class MemoryRepository:
    """Three models: one is served, one is not, one cannot be loaded."""

    states: dict = field(default_factory=lambda: {"churn": "READY", "fraud": "UNAVAILABLE", "broken": "UNAVAILABLE"})
    done: list = field(default_factory=list)

    def index(self):
        reasons = {"READY": "", "UNAVAILABLE": "not loaded"}
        return [Entry(name, state, "abab", reasons[state]) for name, state in self.states.items()]

    def load(self, name):
        self._known(name)
        if name == "broken":
            raise UserError(Problem("P305", "model `broken` cannot be loaded: ValueError: no weights"))
        self.states[name] = "READY"
        self.done.append(("load", name))

    def unload(self, name):
        self._known(name)
        self.states[name] = "UNAVAILABLE"
        self.done.append(("unload", name))

    def _known(self, name):
        if name not in self.states:
            raise refused("P312", f"no model `{name}`")


if __name__ == "__main__":
    guard = open_guard(Settings(), to_stderr)
    admin = open_admin(Control(MemoryRepository(), to_stderr, guard), can_control("127.0.0.1", 0))
    print(admin.address, flush=True)
    sys.stdin.read()
    admin.close()
