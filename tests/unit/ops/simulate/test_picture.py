"""Pictures of a simulation: well formed, inside their frame, areas that add up."""

import xml.etree.ElementTree as ET  # of our own

import numpy as np

from trimtab.ops.simulate.picture import course, histogram


def test_the_course_fills_its_frame_at_every_time(report):
    for scene in report.scenes:
        tree = ET.fromstring(course(scene))  # noqa: S314
        heights = np.zeros(120)
        for area in tree.findall("polygon"):
            points = np.array([list(map(float, pair.split(","))) for pair in area.get("points").split()])
            assert points[:, 0].min() >= 60
            assert points[:, 0].max() <= 710
            heights += points[120:, 1][::-1] - points[:120, 1]
        assert np.allclose(heights, 196, atol=1)


def test_the_ends_are_named_with_their_shares(report):
    text = course(report.scenes[0])
    assert "rolled back: 100&#160;%" in text or "rolled back: 100 %" in text
    assert 'class="bad"' in text
    assert 'class="good"' not in text


def test_a_histogram_has_all_flights():
    tree = ET.fromstring(histogram([1, 2, 2, 9], "bad answers"))  # noqa: S314
    shares = [float(bar.find("title").text.rpartition(": ")[2].split(" %")[0]) for bar in tree.findall("rect")]
    assert sum(shares) == 100
    assert ET.fromstring(histogram([0, 0], "none")).findall("rect")  # noqa: S314
