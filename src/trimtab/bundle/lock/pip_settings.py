"""Where pip was told to look for packages, in the words of uv, which does not read pip's settings.

Needs the standard library only: `scripts/uv_settings.py` runs this before anything is installed. Values are handed on
and never shown: an address may hold a password.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

__all__ = ["options_of", "settings_of", "uv_settings"]

_RANK: Final = {"global": 0, "install": 1, ":env:": 2}
_TRUE: Final = frozenset({"1", "true", "t", "yes", "y", "on"})  # what pip takes for yes
# option of pip -> variable of uv, and what stands between several values there
_VARIABLES: Final = {
    "index-url": ("UV_DEFAULT_INDEX", ""),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "no-index": ("UV_NO_INDEX", ""),
    "cert": ("SSL_CERT_FILE", ""),
    "client-cert": ("SSL_CLIENT_CERT", ""),
    "proxy": ("ALL_PROXY", ""),
    "default-timeout": ("UV_HTTP_TIMEOUT", ""),
    "timeout": ("UV_HTTP_TIMEOUT", ""),
    "retries": ("UV_HTTP_RETRIES", ""),
    "keyring-provider": ("UV_KEYRING_PROVIDER", ""),
}
_OLD_NAMES: Final = {"UV_DEFAULT_INDEX": "UV_INDEX_URL", "UV_INDEX": "UV_EXTRA_INDEX_URL"}
_PROXIES: Final = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY")


def uv_settings(environment: Mapping[str, str], python: str = sys.executable) -> dict[str, str]:
    """The variables that make uv look where the pip of that Python looks; one that is set already is not among them."""
    command = [python, "-m", "pip", "config", "list"]
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return settings_of(options_of(done.stdout.decode(errors="replace"), environment), environment)


def options_of(listing: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The options of `pip install` from the text of `pip config list`: the environment wins, then `[install]`."""
    found: dict[str, tuple[int, str]] = {}
    for line in listing.splitlines():
        key, _, quoted = line.partition("=")
        section, _, option = key.strip().rpartition(".")
        if section in _RANK and found.get(option, (-1, ""))[0] <= _RANK[section]:
            found[option] = (_RANK[section], _value(quoted))
    options = {option: value for option, (_, value) in found.items()}
    # an environment without pip has no listing, but its variables count
    return options | {
        name.removeprefix("PIP_").lower().replace("_", "-"): value
        for name, value in environment.items()
        if name.startswith("PIP_") and value
    }


def settings_of(options: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """The same as variables of uv, without those that are set already, under their old names too."""
    # pip takes the best match over all its indexes; every file is pinned by hash, so an index cannot slip one in
    settings = {"UV_INDEX_STRATEGY": "unsafe-best-match"}
    for option, (variable, joint) in _VARIABLES.items():
        parts = options.get(option, "").split() if joint else [options.get(option, "").strip()]
        text = joint.join(part for part in parts if part and not _is_gone(option, part))
        if option == "no-index":
            text = "1" if text.lower() in _TRUE else ""
        if option == "keyring-provider" and text != "subprocess":
            text = ""  # the only one that uv has
        if text:
            settings[variable] = text
    taken = {name for name in settings if name in environment or _OLD_NAMES.get(name, name) in environment}
    if any(name in environment or name.lower() in environment for name in _PROXIES):
        taken.add("ALL_PROXY")
    return {name: value for name, value in settings.items() if name not in taken}


def _is_gone(option: str, place: str) -> bool:
    """Whether it is a folder of this machine that is not there: pip passes over such a place, uv would stop."""
    if option not in ("find-links", "extra-index-url"):
        return False
    address = urlsplit(place)
    if address.scheme == "file":
        return not Path(unquote(address.path)).exists()
    return not address.scheme and not Path(place).expanduser().exists()


def _value(quoted: str) -> str:
    try:
        return str(ast.literal_eval(quoted))
    except (ValueError, SyntaxError):
        return quoted
