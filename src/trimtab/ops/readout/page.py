"""A read-out as one HTML page: what is proved, how that became known, and for parts of the requests."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Final

from trimtab.ops.readout.effects import Effect
from trimtab.ops.readout.picture import evidence
from trimtab.ops.readout.readout import Readout
from trimtab.ops.readout.words import arms, sentence, title
from trimtab.ops.replay.style import STYLE
from trimtab.ops.replay.words import percent
from trimtab.ops.simulate.words import span

__all__ = ["page"]

_ALL: Final = STYLE + (
    "\n.band{fill:var(--one);opacity:.2}.course{fill:none;stroke:var(--one);stroke-width:1.6}"
    ".worse{color:var(--bad)}.better{color:var(--good)}.other{color:var(--open)}\n"
)
_HASH: Final = base64.b64encode(hashlib.sha256(_ALL.encode()).digest()).decode()
# nothing runs and nothing is fetched; the style above, and no other, is allowed by its hash
_POLICY: Final = f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src data:; base-uri 'none'; form-action 'none'"
_WORDS: Final = {"worse": "worse", "better": "better", "other": "another", "open": "no difference proved"}


def page(found: Readout) -> str:
    """The whole page. The same read-out gives the same bytes."""
    body = "\n".join([_head(found), *map(_section, found.effects), _parts(found), _method(found)])
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer"><link rel="icon" href="data:,">'
        f"<title>Flight {escape(found.flight)}</title><style>{_ALL}</style></head>\n"
        f"<body><main>{body.replace(' %', '&nbsp;%')}</main></body></html>\n"
    )


def _head(found: Readout) -> str:
    proved = [effect for effect in found.effects if effect.word != "open"]
    said = "; ".join(f"{title(one)} {_WORDS[one.word]}" for one in proved) or "No difference is proved"
    shares = ", ".join(map(percent, found.shares))
    cards = "".join(
        f'<div class="card"><b class="{one.word}">{_WORDS[one.word]}</b>{_named(title(one))}'
        f"<span>{arms(one)}</span></div>"
        for one in found.effects
    )
    return (
        f'<p class="over">Flight {escape(found.flight)}</p><h1>{_named(said)}</h1>'
        f'<p>Flown for {span(found.seconds)}, the challenger at {shares}.</p><div class="cards">{cards}</div>'
    )


def _section(effect: Effect) -> str:
    return (
        f"<h2>{_named(title(effect).capitalize())}</h2>"
        f"<figure><figcaption>{_named(sentence(effect))}</figcaption>{evidence(effect)}</figure>"
    )


def _parts(found: Readout) -> str:
    rows = [
        f'<tr><th scope="row">{_named(part.words)}</th><td>{_named(sentence(effect))}</td>'
        f'<td class="n">{arms(effect)}</td></tr>'
        for part in found.parts for effect in part.effects if effect.of != "latency"
    ]  # fmt: skip
    if not rows:
        return ""
    return f'<h2>For whom</h2><div class="scroll"><table><tbody>{"".join(rows)}</tbody></table></div>'


def _method(found: Readout) -> str:
    return (
        "<h2>How sure it is</h2>"
        f"<p>All intervals hold at once and at every look, but for a chance of {percent(found.alpha)}, which they "
        "share: looking often costs nothing. Shares and means are compared among requests that were divided alike, "
        "so that an hour in which everything was slower counts for neither.</p>"
    )


def _named(text: str) -> str:
    """Words in which backticks stand around names."""
    return "".join(f"<code>{escape(one)}</code>" if at % 2 else escape(one) for at, one in enumerate(text.split("`")))
