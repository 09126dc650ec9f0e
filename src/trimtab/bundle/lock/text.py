"""The lock of a bundle: exactly the installed versions of what prediction imports, each with its hashes.

Which distributions belong in it: those whose modules the user's code, the model's files or the flavour import while
the golden rows run, and all that these require (`distributions.closure_of`). trimtab is not among them, nor is what
only trimtab imports for itself: a serving environment has trimtab and its requirements anyway, and another trimtab must
not need another bundle. numpy or msgspec are in the lock as soon as user code or a locked distribution asks for them.

The hashes come from the index once and then from `requirements.lock` in the project, so that a wheel added to a release
later does not change the digest of a bundle, and packaging works where no index is in reach.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.utils import canonicalize_name

__all__ = ["LOCK_FILE", "Pin", "Resolve", "hashed_pins", "parse_lock", "read_known", "render_lock"]

LOCK_FILE: Final = "requirements.lock"
_PIN: Final = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^\s;\\]+)")
_HASH: Final = re.compile(r"--hash=(sha256:[0-9a-f]{64})\b")


@dataclass(frozen=True, slots=True)
class Pin:
    """One distribution at one version, with the hashes of all its files, sorted."""

    name: str
    version: str
    hashes: tuple[str, ...]

    def __str__(self) -> str:
        """The lines of a requirements file."""
        return " \\\n".join([f"{self.name}=={self.version}", *(f"    --hash={item}" for item in self.hashes)]) + "\n"


Resolve = Callable[[Mapping[str, str]], Iterable[Pin]]


def parse_lock(text: str) -> dict[str, Pin]:
    """The pins of a hashed requirements file by canonical name; lines of another form and comments are passed over."""
    pins: dict[str, Pin] = {}
    for line in text.replace("\\\r\n", " ").replace("\\\n", " ").splitlines():
        match = _PIN.match(line)
        if match:
            name = canonicalize_name(match["name"])
            pins[name] = Pin(name, match["version"], tuple(sorted(set(_HASH.findall(line)))))
    return pins


def render_lock(pins: Iterable[Pin]) -> str:
    """A requirements file of the pins, sorted by name: no addresses, no comments, the same bytes each time."""
    return "".join(str(pin) for pin in sorted(pins, key=lambda pin: pin.name))


def hashed_pins(versions: Mapping[str, str], known: Mapping[str, Pin], resolve: Resolve) -> tuple[list[Pin], list[Pin]]:
    """Pins of exactly these versions, and those among them that were new.

    A known pin of the wanted version that has hashes is taken as it stands; only the others are resolved.
    """
    kept = [
        known[name]
        for name, version in versions.items()
        if name in known and known[name].version == version and known[name].hashes
    ]
    there = {pin.name for pin in kept}
    wanted = {name: version for name, version in versions.items() if name not in there}
    new = list(resolve(wanted)) if wanted else []
    return sorted([*kept, *new], key=lambda pin: pin.name), new


def read_known(root: Path) -> dict[str, Pin]:
    """The pins of the project's lock file; empty when there is none."""
    path = root / LOCK_FILE
    return parse_lock(path.read_text("utf-8")) if path.is_file() else {}
