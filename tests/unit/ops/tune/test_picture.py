from xml.etree import ElementTree as ET

from trimtab.ops.tune.picture import Point, front, svg, text_picture

POINTS = [Point(0.001, 100, "a"), Point(0.01, 1000, "b <&>", best=True), Point(0.01, 500, "c"), Point(0.1, 900, "d")]


def test_the_front_is_what_none_beats_in_both():
    assert [point.name for point in front(POINTS)] == ["a", "b <&>"]
    assert front([]) == []


def test_the_svg_is_well_formed_and_every_point_says_its_setting():
    root = ET.fromstring(svg(POINTS, 0.02, "p99", "x < y"))  # noqa: S314  # our own
    titles = [one.text for one in root.iter("{http://www.w3.org/2000/svg}title")]
    assert len(titles) == 4
    assert "b <&>: 1000/s, p99 10 ms" in titles


def test_the_text_has_the_best_on_top_and_the_goal_beside_it():
    lines = text_picture(POINTS, 0.02, "p99").splitlines()
    assert "@" in lines[0]
    assert all("|" in line[11:] for line in lines[:12])
    assert max(map(len, lines)) <= 80
    assert sum(line.count("o") for line in lines[:12]) == 1
    assert lines[-1].split() == ["1", "ms", "100", "ms", "p99"]


def test_a_single_point_and_none_at_all_are_pictures_too():
    assert "@" in text_picture([Point(0.01, 5, best=True)], 0.01, "p50")
    assert text_picture([], 0.01, "p50") == ""
    ET.fromstring(svg([Point(0.01, 5)], 0.01, "p50", ""))  # noqa: S314  # our own
    ET.fromstring(svg([], 0.01, "p50", ""))  # noqa: S314  # our own
