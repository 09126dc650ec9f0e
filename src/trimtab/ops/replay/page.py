"""A replay as one HTML page: the figures, for whom, what and how far, where it fails, examples, how it was found."""

from __future__ import annotations

from html import escape

from trimtab.ops.replay.report import Report, verdict
from trimtab.ops.replay.sections import causes, examples, method, moves, scores, segments, timing
from trimtab.ops.replay.style import POLICY, STYLE
from trimtab.ops.replay.words import baseline, between, counted, percent, period, promised, rows, short, signed

__all__ = ["page"]


def page(report: Report, limit: float | None = None) -> str:
    """The whole page; limit: the most that may change, as a share. The same report gives the same bytes."""
    sections = (segments, moves, scores, causes, timing, examples, method)
    parts = [_head(report, limit), _cards(report), *(section(report) for section in sections)]
    body = "\n".join(part for part in parts if part).replace(" %", "&nbsp;%")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer"><link rel="icon" href="data:,">'
        f"<title>Replay of {escape(report.endpoint)}</title><style>{STYLE}</style></head>\n"
        f"<body><main>{body}</main></body></html>\n"
    )


def _head(report: Report, limit: float | None) -> str:
    changed = report.changed
    answer = ""
    if limit is not None:
        answer = f'<p class="verdict {verdict(changed, limit)}">{escape(promised(report, limit))}</p>'
    return (
        f'<p class="over">Replay of {escape(report.endpoint)}</p>'
        f"<h1>{percent(changed.value)} of decisions change <small>{between(changed)}</small></h1>{answer}"
        f"<p>{escape(counted(changed, 'recorded decisions'))}, from {escape(period(report))}, asked again of "
        f"<code>{escape(short(str(report.candidate)))}</code> and held against {escape(baseline(report))}.</p>"
    )


def _cards(report: Report) -> str:
    lost, groups = report.lost, report.groups
    kinds = "1 kind" if len(report.causes) == 1 else f"{len(report.causes)} kinds"
    more = f"{rows(lost.count)}, of {kinds}" if lost.count else f"at most {percent(lost.high)} of such traffic"
    cards = [(percent(lost.value), "have no answer any more", more)]
    if groups:
        part = percent(min(1.0, sum(group.part for group in groups)))
        word = "segment stands out" if len(groups) == 1 else "segments stand out"
        cards.append((str(len(groups)), word, f"with {part} of all changes"))
    else:
        cards.append(("0", "segments stand out", "no group of rows changes more than others"))
    if report.failed:
        cards.append((f"{report.recovered:,}", "have an answer now", f"of {report.failed:,} that had none then"))
    for score in report.scores[:1]:
        span = dict(score.quantiles)
        wide = f"90 % by {signed(span[0.05])} to {signed(span[0.95])}"
        cards.append((percent(score.moved.value), f"of `{score.output}` move", wide))
    return (
        '<div class="cards">'
        + "".join(
            f'<div class="card"><b>{escape(big)}</b>{_code(what)}<span>{escape(more)}</span></div>'
            for big, what, more in cards
        )
        + "</div>"
    )


def _code(text: str) -> str:
    """Text in which backticks stand around names."""
    return "".join(f"<code>{escape(one)}</code>" if at % 2 else escape(one) for at, one in enumerate(text.split("`")))
