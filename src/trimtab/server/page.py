"""One page for people: what is served, a line to copy, a form to try it. No network, no foreign code."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from html import escape
from typing import Final

from trimtab.core.signature import Field
from trimtab.server.endpoint import Endpoint
from trimtab.server.examples import example_rows

__all__ = ["page"]

_STYLE: Final = """
:root{color-scheme:light dark;--line:#8884;--soft:#8882;--accent:#0a6cff}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}
h1{font-size:1.4rem}h2{font-size:1.2rem;margin-top:2rem;border-top:1px solid var(--line);padding-top:1rem}
code,pre,textarea{font:13px/1.5 ui-monospace,monospace}
pre,textarea{background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:.7rem;overflow:auto}
pre{white-space:pre-wrap;overflow-wrap:anywhere}
textarea{width:100%;box-sizing:border-box;min-height:9rem;color:inherit}
.scroll{overflow-x:auto}table{border-collapse:collapse}th,td{text-align:left;padding:.2rem .9rem .2rem 0}
th{font-weight:600;border-bottom:1px solid var(--line)}td{border-bottom:1px solid var(--soft)}
button{font:inherit;padding:.35rem 1rem;border-radius:6px;border:1px solid var(--accent);
background:var(--accent);color:#fff}
.state{font-size:.8rem;border:1px solid var(--line);border-radius:99px;padding:.1rem .6rem;margin-left:.5rem}
small{opacity:.75}
"""
_SCRIPT: Final = """
for (const line of document.querySelectorAll("[data-curl]"))
  line.textContent = line.textContent.replace("ORIGIN", location.origin);
for (const form of document.querySelectorAll("form")) form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const out = form.querySelector("output");
  const start = performance.now();
  try {
    const answer = await fetch(form.getAttribute("action"),
      {method: "POST", headers: {"content-type": "application/json"}, body: form.querySelector("textarea").value});
    const body = JSON.stringify(await answer.json(), null, 2);
    out.textContent = answer.status + " in " + (performance.now() - start).toFixed(1) + " ms\\n" + body;
  } catch (error) { out.textContent = String(error); }
});
"""


def _source(text: str) -> str:
    """The text as a source in a content security policy: only what has this digest runs."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_POLICY: Final = (
    f"default-src 'none'; style-src {_source(_STYLE)}; script-src {_source(_SCRIPT)}; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
).encode()


def page(endpoints: Mapping[str, Endpoint], *, why: bool = True) -> tuple[bytes, bytes]:
    """The HTML and the content security policy it needs; why: whether it says why a model is not ready."""
    models = "".join(_model(name, endpoint, endpoint.reason if why else "") for name, endpoint in endpoints.items())
    count = f"{len(endpoints)} model{'' if len(endpoints) == 1 else 's'}"
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>trimtab</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<style>{_STYLE}</style></head><body><main><h1>trimtab serves {count}</h1>"
        '<p><a href="/openapi.json">OpenAPI document</a> · <a href="/metrics">metrics</a> · '
        '<a href="/readyz">readiness</a></p>'
        f"{models}</main><script>{_SCRIPT}</script></body></html>"
    )
    return html.encode(), _POLICY


def _model(name: str, endpoint: Endpoint, why: str) -> str:
    rows = json.dumps(example_rows(endpoint), ensure_ascii=False)
    route = f"/v1/models/{name}/rows"
    curl = f"curl ORIGIN{route} -H 'content-type: application/json' -d {_quoted(rows)}"
    reason = f" <small>{escape(why)}</small>" if why else ""
    return (
        f'<section><h2>{escape(name)} <span class="state">{escape(endpoint.state)}</span></h2>'
        f"<p><small>{escape(endpoint.flavour)} · {escape(endpoint.digest)}</small>{reason}</p>"
        f"{_table('Inputs', endpoint.signature.inputs)}{_table('Outputs', endpoint.signature.outputs)}"
        f"<p>Ask it:</p><pre data-curl>{escape(curl)}</pre>"
        f'<form action="{route}"><p><label>Rows to send<textarea spellcheck="false">'
        f"{escape(json.dumps(example_rows(endpoint), indent=1, ensure_ascii=False))}</textarea></label></p>"
        "<p><button>Try it</button></p><pre><output>the answer appears here</output></pre></form></section>"
    )


def _quoted(text: str) -> str:
    """The text as one word of a POSIX shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def _table(title: str, fields: tuple[Field, ...]) -> str:
    head = "<tr><th>column</th><th>datatype</th><th>shape</th><th>what it may hold</th></tr>"
    body = "".join(
        f"<tr><td><code>{escape(field.name)}</code></td><td>{field.dtype}</td><td>{list(field.shape)}</td>"
        f"<td>{escape(_allowed(field))}</td></tr>"
        for field in fields
    )
    return f'<h3>{title}</h3><div class="scroll"><table>{head}{body}</table></div>'


def _allowed(field: Field) -> str:
    parts = []
    if field.kind == "datetime":
        parts.append("ISO 8601 time")
    if field.low is not None or field.high is not None:
        parts.append(
            f"{field.low if field.low is not None else '…'} to {field.high if field.high is not None else '…'}"
        )
    if field.categories is not None:
        parts.append("one of " + ", ".join(map(str, field.categories)))
    if field.nullable:
        parts.append("may be null")
    return "; ".join(parts)
