"""What was written in any form that ever was is sealed as it was then: `tests/parts/journal`."""

from __future__ import annotations

import importlib.util
import json

import pytest

from trimtab.journal.segments.reader import Segment


@pytest.fixture(scope="module")
def made(root):
    """The script that wrote the first form."""
    place = root / "tests/parts/journal/make_interactions_v1.py"
    spec = importlib.util.spec_from_file_location("trimtab_parts_interactions", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_first_form_is_sealed_as_it_was_then(made):
    segment = Segment(made.FOLDER / f"{made.NAME}.seg")
    found = list(segment.frames())
    assert segment.damage == []
    segment.close()
    assert made.tables(found) == json.loads((made.FOLDER / "sealed.json").read_text())
    assert len(found) == 10
