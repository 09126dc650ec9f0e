from trimtab.core.deployment import Deployment, Secret
from trimtab.release.ledger.lines import follow
from trimtab.release.ledger.releases import (
    ReleaseApplied,
    ReleaseBegun,
    ReleaseEnded,
    ReleaseTaken,
    body_of,
    kind_of,
    note_of,
)
from trimtab.release.promotion.values import Finding, Judgement, Source

WANTED = Deployment("churn", "prod", "sha256:aa", server={"rows": 10}, secrets=(Secret("TOKEN", "env:TOKEN"),))
JUDGED = Judgement("passed", (Finding("golden", "PASS", "20 rows"),))


def test_every_note_is_read_back_as_it_was_written():
    source = Source("abc", "refs/tags/v1", "ann@example")
    for note in (
        ReleaseBegun("r1", "prod", WANTED, None, JUDGED, source, "ann", evidence=("ab",)),
        ReleaseTaken("r1", "bob", "elsewhere 1", 60.0),
        ReleaseApplied("r1", "flown", "f1"),
        ReleaseEnded("r1", "released", WANTED, facts={"seconds": 3}),
    ):
        assert note_of(follow(None, 1.0, kind_of(note), "prod/churn", body_of(note))) == note


def test_entries_about_something_else_are_none_of_ours():
    assert note_of(follow(None, 1.0, "flight begun", "churn", {})) is None
