"""The reference page of trimtab.toml, made of the table of keys."""

from __future__ import annotations

import json
from typing import Final

from trimtab.project.keys import KEYS, Key
from trimtab.project.units import DURATIONS, SIZES

__all__ = ["reference_page"]

_TABLES: Final = {
    "": "What the bundle is called",
    "model": "What is packaged, and how it is proved",
    "signature.inputs.NAME": "What is known of an input column; it overrides what the sample shows",
    "signature.outputs.NAME": "What is known of an output column; it overrides what the model shows",
    "server": "Where `trimtab serve` listens and what it puts up with",
    "server.auth": "Who may call; see [who may call](../auth.md)",
    "server.auth.tokens.NAME": "Callers with tokens of an OpenID Connect issuer, or of another who signs them",
    "server.auth.certificates": "Callers with client certificates (mutual TLS)",
    "server.limits": "How much each caller may take, and callers of a name",
    "server.limits.callers.NAME": "The same for callers of a name",
    "server.log": "What is kept of interactions; without this table, nothing; see [the journal](../journal.md)",
    "server.log.columns": "What is kept of a column, ahead of what its bundle says; see [privacy](../privacy.md)",
    "flight": "How a challenger is flown; see [flying a challenger](../flights/flying.md)",
    "limits.NAME": "What a challenger must keep to, by measure; if absent, `errors` and `p99` near the champion's",
    "check": "What a bundle is checked for before it is released; see [checks](../release/checks.md)",
    "check.monotone": "Inputs that move the answer one way only",
    "check.invariant.NAME": "Inputs that the answer does not depend on",
    "check.sbom": "Which parts a bundle may have, by its list of parts",
    "pipeline": "The pipelines that `trimtab pipeline` writes; see [pipelines](../release/pipelines.md)",
    "pipeline.runners": "Another machine for an environment",
    "pipeline.connections": "Environments that log in to Azure",
    "trust": "Who must have signed a bundle, and whether its code is run; see [trust](../trust.md)",
    "release": "Where releases are recorded, and bundles travel; see [releases in git](../release/git.md)",
    "env.NAME": "An environment that is released to; see [environments](../release/environments.md)",
    "env.NAME.server": "Keys of `[server]` that differ there",
    "env.NAME.flight": "How a challenger is flown there, as in `[flight]` and over it; if absent, all at once. The "
    "limits are those of `[limits]`",
    "env.NAME.autoscale": "Between how many copies, in place of `replicas`",
    "env.NAME.resources": "What each copy may use",
    "env.NAME.variables": "Variables of its environment",
    "env.NAME.secrets": "Variables whose values are somewhere else",
    "env.NAME.trust": "The same in one environment, chosen with `--env NAME`; what it does not say is as in `[trust]`",
}


def reference_page() -> str:
    """The reference page of every key, in Markdown."""
    sizes, durations = (", ".join(f"`{unit}`" for unit in units) for units in (SIZES, DURATIONS))
    lines = [
        "# trimtab.toml",
        "",
        "Every key that the file may have. Anything else is an error that names the nearest key.",
        "Paths are relative to the file. Sizes and durations carry their unit, without a blank between:",
        f"{sizes}; {durations}.",
        "",
        "This page and the schema for editors, `docs/trimtab.schema.json`, are made of the same table of keys.",
    ]
    for table, title in _TABLES.items():
        heading = f"`[{table}]`" if table else "Before any table"
        lines += ["", f"## {heading}", "", f"{title}."]
        for key in KEYS:
            if key.path.rpartition(".")[0] == table:
                lines += ["", f"### `{key.path}`", "", *_entry(key)]
    return "\n".join(lines) + "\n"


def _entry(key: Key) -> list[str]:
    """The paragraphs of one key."""
    facts = [_kind_text(key)]
    if key.low is not None and key.kind in ("integer", "number"):
        facts.append(f"at least {key.low:g}")
    if key.high is not None:
        facts.append(f"at most {key.high:g}")
    if key.choices:
        facts.append("one of " + ", ".join(f"`{name}`" for name in key.choices))
    if key.default is not None:
        facts.append(f"default `{json.dumps(key.default)}`")
    facts.append("required" if key.required else "optional")
    text = f"{key.doc[:1].upper()}{key.doc[1:]}."
    example = [] if not key.example else ["", f"Example: `{key.parts[-1]} = {key.example}`"]
    return [text, "", f"*{'; '.join(facts)}*", *example]


def _kind_text(key: Key) -> str:
    """What a value of the key is, in a few words."""
    words = {
        "source": "path or `module:attr`",
        "function": "`module:function`",
        "file": "path of a file",
        "files": "array of paths",
        "globs": "array of glob patterns",
        "choice": "text",
        "size": "size with its unit",
        "duration": "duration with its unit",
        "numbers": "table of numbers",
        "shape": "array of integers",
        "scalars": "array of texts, numbers or booleans",
        "texts": "array of texts",
        "scopes": "array of scopes",
        "roles": "table of arrays of scopes",
        "policy": "policy of a column",
        "destinations": "array of addresses",
        "percents": "array of numbers",
        "bound": "number, or a duration with its unit",
        "split": "text",
        "yardstick": "number, or `module:function`",
        "required": "array of texts and tables",
        "place": "table with `kind`, and what that kind of target knows",
        "pattern": "text",
        "secret": "text",
    }
    return words.get(key.kind, key.kind)
