"""A report with something in every part, with names and values that would break a page if they were let."""

import numpy as np

from trimtab.core.table import Column
from trimtab.ops.replay.answers import Answers
from trimtab.ops.replay.compare import Cause, causes_of, compare, moves_of, scores_of
from trimtab.ops.replay.decision import Rule
from trimtab.ops.replay.player import Failure
from trimtab.ops.replay.report import Example, Group, Report, Side
from trimtab.ops.replay.timing import Timing
from trimtab.ops.replay.tree import Weighed

EVIL = "</td><script>alert('1')</script>\u202e&\"'"


def evil_report() -> Report:
    """The report of 1,000 rows, of which each stands for two."""
    chance = np.random.default_rng(2)
    rows = 1000
    score = chance.random(rows)
    before = {"score": Column(score), EVIL: Column(np.array(["a", "b"], object)[(score > 0.5).astype(int)])}
    other = np.clip(score + chance.normal(0, 0.1, rows), 0, 1)
    after = {"score": Column(other), EVIL: Column(np.array(["a", EVIL], object)[(other > 0.5).astype(int)])}
    failed = {7: Failure(f"ValueError {EVIL}", EVIL)}
    has = np.ones(rows, bool)
    has[7] = False
    rules = [Rule("score", "threshold", decides=True, threshold=0.5, rtol=1e-6), Rule(EVIL, "label", decides=True)]
    compared = compare(rules, Answers(before, np.arange(rows) > 2), Answers(after, has, failed))
    weighed = Weighed(compared.changed, np.full(rows, 2.0), np.arange(rows))
    everywhere = weighed.share(compared.asked)
    first = weighed.share(score > 0.9)
    causes: list[Cause] = causes_of(compared, weighed)
    return Report(
        endpoint=f"flights{EVIL}",
        candidate=Side("flights", "sha256:" + "1" * 64),
        baseline=Side("recorded"),
        first="2013-10-01T00:00:00Z",
        last="2013-10-31T23:59:59Z",
        revisions=[("sha256:" + "2" * 64, 900), ("", 100)],
        drawn=1000,
        interactions=5000,
        unasked=3,
        rules=[str(rule) for rule in rules],
        changed=everywhere,
        by={rule.name: weighed.share(compared.by[rule.name]) for rule in rules},
        lost=Weighed(compared.lost, weighed.weight, weighed.cluster).share(compared.asked),
        causes=causes,
        cause_ids=[f"id{EVIL} row 0"] * len(causes),
        recovered=2,
        failed=3,
        moves=moves_of(compared, weighed),
        scores=scores_of(compared, weighed),
        groups=[Group(f"carrier = `{EVIL}`", ("carrier",), first, everywhere, 0.4)],
        rest=everywhere,
        examples=[
            Example(EVIL, 0, 0, (("score", "0.1", "0.9"), (EVIL, EVIL, EVIL)), (("carrier", EVIL),)),
            Example("0123-1", 3, None, (("score", "0.1", "0.9"),), ()),
        ],
        notes=[f"a note {EVIL}"],
        timing=Timing(3, 900, 1e-6, (0.01, 0.02), (0.001, 0.002), (0.003, 0.004)),
    )
