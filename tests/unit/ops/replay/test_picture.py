"""Pictures: well formed, and as long as what they show."""

from xml.etree import ElementTree as ET

import pytest

from trimtab.ops.replay.compare import Score
from trimtab.ops.replay.estimate import Share
from trimtab.ops.replay.picture import bar, histogram, reach


def share(value, low, high):
    return Share(value, low, high, 100, 1, 100, 100.0, 100)


def parsed(text):
    return ET.fromstring(text)  # noqa: S314  # our own


def test_a_bar_is_as_long_as_its_share_with_its_interval_on_it():
    root = parsed(bar(share(0.25, 0.2, 0.3), 0.5))
    track, filled = (float(one.get("width")) for one in root.findall("rect"))
    assert filled / track == 0.5
    assert root.find("path").get("d").startswith(f"M{track * 0.4} ")
    assert root.find("title").text == "25 %, 95 % interval 20 to 30 %"


@pytest.mark.parametrize(("high", "full"), [(0.3, 0.5), (0.5, 0.5), (0.51, 1), (1, 1), (0.0004, 0.001)])
def test_all_bars_fit(high, full):
    assert reach([share(0, 0, 0.0001), share(0.0001, 0, high)]) == full


def test_a_histogram_has_a_bar_for_each_range_that_moves():
    bars = ((-0.2, -0.1, 0.05), (-0.1, 0.0, 0.0), (0.0, 0.1, 0.1))
    root = parsed(histogram(Score("a<b", share(0.15, 0.1, 0.2), (), bars)))
    drawn = root.findall("rect")
    assert [one.get("class") for one in drawn] == ["less", "more"]
    first, second = (float(one.get("height")) for one in drawn)
    assert second == pytest.approx(2 * first)
    assert [one.find("title").text for one in drawn] == [
        "-0.2 to -0.1 or beyond: 5 % of rows", "0 to +0.1 or beyond: 10 % of rows",
    ]  # fmt: skip
    assert "a<b" in root.get("aria-label")
    assert histogram(Score("a", share(0, 0, 0), (), ())) == ""
