"""The pinned actions are pinned, each once."""

import re

from trimtab.release.pipeline.actions import PINNED


def test_a_commit_and_the_version_that_it_is():
    assert len({one.repository for one in PINNED}) == len({one.commit for one in PINNED}) == len(PINNED)
    for one in PINNED:
        assert re.fullmatch(r"[0-9a-f]{40}", one.commit)
        assert re.fullmatch(r"v\d+\.\d+\.\d+", one.version)
        assert one.uses == f"{one.repository}@{one.commit}"
