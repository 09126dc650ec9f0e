"""A simulation as one HTML page: the odds, the price, and the course of all flights as a picture."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Final

from trimtab.ops.replay.style import STYLE
from trimtab.ops.replay.words import between, percent
from trimtab.ops.simulate.picture import course, histogram
from trimtab.ops.simulate.report import Report, Scene
from trimtab.ops.simulate.words import limit_text, plan_text, scene_lines, span, traffic_text

__all__ = ["page"]

_OWN: Final = """
.good{fill:var(--good)}.bad{fill:var(--bad)}.open{fill:var(--open)}
.step0{fill:var(--one);opacity:.25}.step1{fill:var(--one);opacity:.45}.step2{fill:var(--one);opacity:.65}
.step3{fill:var(--one);opacity:.8}.step4{fill:var(--one)}
"""
_ALL: Final = STYLE + _OWN
_HASH: Final = base64.b64encode(hashlib.sha256(_ALL.encode()).digest()).decode()
# nothing runs and nothing is fetched; the style above, and no other, is allowed by its hash
_POLICY: Final = f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src data:; base-uri 'none'; form-action 'none'"


def page(report: Report) -> str:
    """The whole page. The same report gives the same bytes."""
    body = "\n".join([_head(report), *map(_scene, report.scenes), _method(report)]).replace(" %", "&nbsp;%")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer"><link rel="icon" href="data:,">'
        f"<title>Simulated flights</title><style>{_ALL}</style></head>\n"
        f"<body><main>{body}</main></body></html>\n"
    )


def _head(report: Report) -> str:
    first = report.scenes[0]
    wrong = percent(first.wrong.value)
    what = "bad challengers are kept" if first.breaks else "healthy challengers are rolled back"
    return (
        '<p class="over">Simulated flights</p>'
        f"<h1>{wrong} of {what} <small>{between(first.wrong)}</small></h1>"
        f"<p>{escape(plan_text(report.plan))}. {escape('; '.join(map(limit_text, report.plan.limits)))}. "
        f"{report.runs.count:,} flights that begin over {report.runs.days:g} days.</p>"
    )


def _scene(scene: Scene) -> str:
    kind = "FAIL" if scene.breaks else "PASS"
    truth = f"breaks {', '.join(scene.breaks)}" if scene.breaks else "keeps to every limit"
    rows = "".join(
        f'<tr><th scope="row">{escape(topic)}</th><td>{_named(text)}</td></tr>' for topic, text in scene_lines(scene)
    )
    bad = histogram([one.bad for one in scene.flights], "bad answers in a flight")
    return (
        f'<h2>{escape(scene.name)}</h2><p class="verdict {kind}">{escape(truth)}</p>{_cards(scene)}'
        f"<figure><figcaption>What has become of the flights: still flown (blue, by share), promoted (green), given up "
        f"(yellow), rolled back (red)</figcaption>{course(scene)}</figure>"
        f"<figure><figcaption>Bad answers that a flight costs</figcaption>{bad}</figure>"
        f'<div class="scroll"><table><tbody>{rows}</tbody></table></div>'
    )


def _cards(scene: Scene) -> str:
    exposed, bad = scene.spread(lambda one: one.exposed), scene.spread(lambda one: one.bad)
    cards = [
        (percent(scene.wrong.value), "decided wrongly", between(scene.wrong)),
        (f"{exposed.median:,.0f}", "answers of the challenger", f"9 of 10 flights at most {exposed.nine:,.0f}"),
        (f"{bad.median:,.0f}", "bad ones among them", f"9 of 10 flights at most {bad.nine:,.0f}"),
    ]
    for found, what in ((scene.detected, "until it is off the traffic"), (scene.passed, "until it is promoted")):
        if found is not None:
            cards.append((span(found.median), what, f"9 of 10 within {span(found.nine)}"))
    listed = "".join(
        f'<div class="card"><b>{escape(big)}</b>{escape(what)}<span>{escape(more)}</span></div>'
        for big, what, more in cards
    )
    return f'<div class="cards">{listed}</div>'


def _method(report: Report) -> str:
    traffic = report.recorded or traffic_text(report.world)
    return (
        f"<h2>How it was found</h2><dl><dt>traffic</dt><dd>{escape(traffic)}</dd>"
        f"<dt>seed</dt><dd>{report.runs.seed}</dd></dl>"
        "<p>Each flight was decided by the rules that decide live ones, on counts drawn by chance, on a clock that "
        "does not wait. Shares have 95 % intervals (Wilson's) for the number of flights that were played; "
        "`99 of 100` is the range that holds so many of the flights.</p>"
    )


def _named(text: str) -> str:
    """Words in which backticks stand around names."""
    return "".join(f"<code>{escape(one)}</code>" if at % 2 else escape(one) for at, one in enumerate(text.split("`")))
