from __future__ import annotations

import numpy as np

from trimtab.server.guard.principal import ANYBODY, Principal
from trimtab.server.journal.trail import MOST, Trail, name_of


def test_who_is_not_asked_has_no_name():
    assert name_of(ANYBODY) == ""
    assert name_of(Principal("key:ann", ())) == "key:ann"


def test_parts_become_the_whole_answer():
    trail = Trail("3f-1", None, "oip", "")
    assert trail.whole() is None
    for text in ("it ", "goes ", "on"):
        trail.hear({"text": np.array([text], object), "done": np.array([text == "on"])})
    whole = trail.whole()
    assert (whole["text"].tolist(), whole["done"].tolist()) == (["it goes on"], [True])


def test_an_answer_without_end_is_not_kept_in_memory():
    trail = Trail("3f-1", None, "oip", "")
    for _ in range(50):
        trail.hear({"text": np.array(["x" * (MOST // 3)], object), "n": np.zeros(3)})
    assert trail.whole() is None
    assert len(trail.parts) < 5


def test_an_answer_at_once_is_what_it_is():
    trail = Trail("3f-1", None, "oip", "")
    trail.outputs = {"y": np.array([1.0])}
    assert trail.whole() is trail.outputs
