"""The parts of a replay's page below its head; each is empty where it has nothing to say."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from trimtab.ops.replay.estimate import Share
from trimtab.ops.replay.picture import bar, histogram, reach
from trimtab.ops.replay.report import Example, Report
from trimtab.ops.replay.tree import DEPTH, ERROR
from trimtab.ops.replay.words import between, moving, percent, seconds

__all__ = ["causes", "examples", "method", "moves", "scores", "segments", "timing"]

_METHOD: Final = (
    "<p>Recorded inputs were asked again of the candidate, in a process without a network. A row counts for as many as "
    "it stands for: one over its chance of being logged. Intervals hold for traffic like this: rows of one subject, or "
    "of one request, count as one; they are Wilson's, at the effective sample size.</p>"
    f"<p>Segments are leaves of a tree of depth {DEPTH} over the recorded columns. A split counts where a bound on its "
    f"chance, times all splits that were tried, stays below {percent(ERROR)}, and where one side changes half as often "
    "again as the other. Their intervals do not count that they were searched for.</p>"
)


def segments(report: Report) -> str:
    """For whom decisions change: a line a segment, and all others."""
    if not report.groups:
        return ""
    full = reach([*(group.share for group in report.groups), report.rest])
    rows = [_line(_conditions(group.words), group.share, full, percent(group.part)) for group in report.groups]
    others = percent(max(0.0, 1 - sum(group.part for group in report.groups)))
    rows.append(_line("everywhere else", report.rest, full, others, rest=True))
    return "<h2>For whom</h2>" + _table("segment||changed|95 % interval|decisions|of all changes", rows)


def moves(report: Report) -> str:
    """From what to what decisions go."""
    if not report.moves:
        return ""
    full = reach([move.share for move in report.moves])
    rows = [
        _line(
            f"<code>{escape(move.output)}</code> {escape(move.before)}"
            f'<span class="arrow">&rarr;</span>{escape(move.after)}',
            move.share,
            full,
            f"{move.share.count:,}",
            counted=False,
        )
        for move in report.moves
    ]
    return "<h2>What becomes of them</h2>" + _table("decision||share of all|95 % interval|decisions", rows)


def scores(report: Report) -> str:
    """How far numbers move."""
    figures = [
        f"<figure><figcaption>{_named(f'`{score.output}` {moving(score)}')}</figcaption>{histogram(score)}</figure>"
        for score in report.scores
    ]
    return f"<h2>How far numbers move</h2>{''.join(figures)}" if figures else ""


def causes(report: Report) -> str:
    """Where the candidate has no answer."""
    if not report.causes:
        return ""
    full = reach([cause.share for cause in report.causes])
    rows = [
        _line(
            f'{escape(cause.kind)}<br><span class="muted">{escape(cause.said)}, <code>{escape(example)}</code></span>',
            cause.share,
            full,
            f"{cause.share.count:,}",
            counted=False,
        )
        for cause, example in zip(report.causes, report.cause_ids, strict=True)
    ]
    return "<h2>Where the candidate fails</h2>" + _table("what||share of all|95 % interval|decisions", rows)


def timing(report: Report) -> str:
    """How long calls take here."""
    found = report.timing
    if found is None:
        return ""
    facts = [("a row, in calls of many", seconds(found.row)), ("a call of many", _pair(found.batch))]
    if found.alone:
        facts.append(("a call of one row", _pair(found.alone)))
    if found.recorded:
        facts.append(("a request of one row, then", _pair(found.recorded)))
    return (
        f"<h2>How long it takes</h2><dl>{_facts(facts)}</dl>"
        '<p class="muted">Calls were timed on the machine that replayed, in a process of its own, without a server. '
        "What was recorded is from question to answer, on the machine that served.</p>"
    )


def examples(report: Report) -> str:
    """Some decisions that changed, by segment."""
    if not report.examples:
        return ""
    parts = []
    for place in dict.fromkeys(one.group for one in report.examples):
        title = "everywhere else" if place is None else _conditions(report.groups[place].words)
        rows = [_example(one) for one in report.examples if one.group == place]
        heading = f"<h3>{title}</h3>" if report.groups else ""
        parts.append(heading + _table("interaction|outputs|inputs", rows))
    return f"<h2>Examples</h2>{''.join(parts)}"


def method(report: Report) -> str:
    """How it was found, for those who want to know."""
    facts = [
        ("candidate", str(report.candidate)),
        ("a changed decision", "; ".join(report.rules) + "; or no answer any more"),
        ("recorded by", ", ".join(f"{revision or 'nobody'}: {rows:,} rows" for revision, rows in report.revisions)),
        ("interactions", f"{report.drawn:,} of {report.interactions:,}, {report.unasked:,} of them without rows"),
        *(("note", note) for note in report.notes),
    ]
    return f"<h2>How it was found</h2><dl>{_facts(facts)}</dl>{_METHOD}"


def _line(name: str, share: Share, full: float, last: str, *, rest: bool = False, counted: bool = True) -> str:
    """A row with a bar; counted: with the rows that the share is of."""
    cells = [percent(share.value), between(share), *([f"{share.rows:,}"] if counted else []), last]
    numbers = "".join(f'<td class="n">{cell}</td>' for cell in cells)
    drawn = f'<td class="bar">{bar(share, full, "rest-bar" if rest else "one")}</td>'
    return f'<tr{" class=rest" if rest else ""}><th scope="row">{name}</th>{drawn}{numbers}</tr>'


def _table(heads: str, rows: Sequence[str]) -> str:
    """heads: names of the columns, those behind a bar to the right."""
    names = heads.split("|")
    at = names.index("") if "" in names else len(names)
    row = "".join(f"<th{' class=n' if place > at else ''}>{escape(name)}</th>" for place, name in enumerate(names))
    return f'<div class="scroll"><table><thead><tr>{row}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _example(one: Example) -> str:
    outputs = "<br>".join(
        f'<code>{escape(name)}</code> {escape(before)}<span class="arrow">&rarr;</span>{escape(after)}'
        for name, before, after in one.outputs
    )
    inputs = "".join(f"<span><code>{escape(name)}</code> {escape(value)}</span>" for name, value in one.inputs)
    where = f"<code>{escape(one.id)}</code><br>row {one.row}"
    return f'<tr><td class="id">{where}</td><td>{outputs}</td><td><div class="facts">{inputs}</div></td></tr>'


def _conditions(words: str) -> str:
    """Conditions, each of them on one line as far as there is room."""
    for sign in (" >= ", " <= ", " < ", " = "):
        words = words.replace(sign, sign.replace(" ", "\u00a0"))
    return _named(words)


def _named(words: str) -> str:
    """Words in which backticks stand around names and values."""
    return "".join(f"<code>{escape(one)}</code>" if at % 2 else escape(one) for at, one in enumerate(words.split("`")))


def _facts(facts: Sequence[tuple[str, str]]) -> str:
    return "".join(f"<dt>{escape(name)}</dt><dd>{_named(text)}</dd>" for name, text in facts)


def _pair(pair: tuple[float, float]) -> str:
    return f"{seconds(pair[0])}, 99 % within {seconds(pair[1])}"
