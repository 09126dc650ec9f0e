"""Small pictures of evidence."""

import xml.etree.ElementTree as ET  # of our own

from trimtab.ops.readout.effects import Effect, Point, effect_of
from trimtab.ops.readout.looks import looks_of_answers
from trimtab.ops.readout.picture import evidence, sparkline


def test_a_sparkline_falls_as_the_interval_narrows(made_up):
    marks = sparkline(effect_of("errors", "errors", looks_of_answers(made_up(), 20), 0.05))
    assert 1 < len(marks) <= 30
    assert list(marks) == sorted(marks, reverse=True)
    assert marks[0] > marks[-1]


def test_a_single_look_has_no_sparkline_and_no_interval_no_bottom(made_up):
    assert sparkline(effect_of("errors", "errors", looks_of_answers(made_up(), 1), 0.05)) == ""
    assert sparkline(Effect("errors", "errors", 0, 0, 0, 0, 0, 1, 1, 0.05)) == ""


def test_the_picture_is_well_formed_and_inside_its_frame(made_up):
    for of, name in (("errors", "errors"), ("latency", "p99"), ("quality", "right")):
        tree = ET.fromstring(evidence(effect_of(of, name, looks_of_answers(made_up(), 10), 0.05)))  # noqa: S314
        (band,) = tree.findall("polygon")
        points = [tuple(map(float, pair.split(","))) for pair in band.get("points").split()]
        assert len(points) == 20
        assert all(70 <= x <= 720 and 10 <= y <= 150 for x, y in points)


def test_an_effect_that_was_never_known_has_no_picture():
    nothing = (Point(1.0, float("nan"), 0.0, 1.0),)
    assert evidence(Effect("errors", "errors", 0, 0, 0, 0, 0, 1, 1, 0.05, nothing)) == ""
