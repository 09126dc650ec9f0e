"""How the page of a replay looks, in light and in dark; it needs nothing from anywhere."""

from __future__ import annotations

import base64
import hashlib
from typing import Final

__all__ = ["POLICY", "STYLE"]

STYLE: Final = """
:root{color-scheme:light dark;--ink:#1b1f24;--muted:#5b6570;--grid:#e3e7ec;--line:#c9d0d8;--ground:#fff;--card:#f6f8fa;
--one:#0a58ca;--rest:#8a94a0;--less:#b35900;--good:#1a7f37;--bad:#c62828;--open:#9a6700}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--muted:#9aa4af;--grid:#262c34;--line:#3a424c;--ground:#0d1117;
--card:#161b22;--one:#6cb0ff;--rest:#7d8794;--less:#ffa657;--good:#56d364;--bad:#ff7b72;--open:#e3b341}}
*{box-sizing:border-box}
body{font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:var(--ink);background:var(--ground);
max-width:66rem;margin:0 auto;padding:2.2rem 1.4rem 4rem}
p{max-width:46rem;margin:.4rem 0}.muted{color:var(--muted)}
.over{color:var(--muted);font-size:.86rem;letter-spacing:.06em;text-transform:uppercase;margin:0}
h1{font-size:clamp(1.7rem,4.5vw,2.6rem);line-height:1.15;letter-spacing:-.015em;margin:.3rem 0 .5rem;font-weight:680}
h1 small{font-size:.5em;font-weight:450;color:var(--muted);letter-spacing:0;white-space:nowrap}
h2{font-size:1.2rem;margin:2.6rem 0 .7rem;letter-spacing:-.005em}
h3{font-size:1rem;margin:1.4rem 0 .3rem;font-weight:600}
.verdict{display:inline-block;border:1.5px solid;border-radius:2rem;padding:.1rem .8rem;font-weight:600;
margin:.3rem 0 .4rem}
.PASS{color:var(--good)}.FAIL{color:var(--bad)}.UNKNOWN{color:var(--open)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(12.5rem,1fr));gap:.9rem;margin:1.4rem 0 0;padding:0}
.card{background:var(--card);border:1px solid var(--grid);border-radius:.7rem;padding:.8rem 1.05rem}
.card b{display:block;font-size:1.55rem;line-height:1.25;font-weight:650;font-variant-numeric:tabular-nums;
letter-spacing:-.01em}
.card span{color:var(--muted);font-size:.9rem;display:block;line-height:1.4}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.5rem 1.1rem .5rem 0;border-bottom:1px solid var(--grid)}
thead th{color:var(--muted);font-weight:500;font-size:.86rem;border-bottom-color:var(--line);white-space:nowrap}
tbody th{font-weight:600;min-width:13rem}td.n,th.n{text-align:right;white-space:nowrap}
tr.rest th,tr.rest td{color:var(--muted);font-weight:450}
td.bar{width:15rem;min-width:9rem;padding-top:.72rem}
code{font:.92em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--card);border-radius:.3rem;
padding:.05em .32em;overflow-wrap:anywhere}
td.id{white-space:nowrap}th .muted{font-weight:400}
svg{width:100%;height:auto;display:block}svg.bar{max-width:15rem;min-width:8rem}
.track{fill:var(--grid)}.one,.more{fill:var(--one)}.rest-bar{fill:var(--rest)}.less{fill:var(--less)}
.whisker{stroke:var(--ink);stroke-width:1.4;fill:none;opacity:.75}
.grid{stroke:var(--grid);fill:none}.axis{stroke:var(--muted);fill:none}
.tick{fill:var(--muted);font-size:12px}.end{text-anchor:end}.middle{text-anchor:middle}
figure{margin:.6rem 0 1.6rem;max-width:48rem}figcaption{color:var(--muted);font-size:.92rem;margin-bottom:.4rem}
.arrow{color:var(--muted);padding:0 .35em}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1.4rem;margin:.6rem 0}
dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
.facts{min-width:17rem;display:flex;flex-wrap:wrap;gap:.1rem 1.1rem}.facts span{white-space:nowrap}
details{margin:.6rem 0}summary{cursor:pointer;color:var(--muted)}
@media print{body{padding:0;max-width:none}h2{break-after:avoid}tr{break-inside:avoid}}
"""

_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
# nothing runs and nothing is fetched; the style above, and no other, is allowed by its hash
POLICY: Final = f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src data:; base-uri 'none'; form-action 'none'"
